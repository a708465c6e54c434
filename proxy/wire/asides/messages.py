"""Asides of Anthropic Messages: the tool, the message with its blocks, and events of several messages as one.

It must not know who answers a call. Source: Anthropic API reference, "Messages", "Streaming messages"; the guide to
extended thinking: thinking blocks go back unchanged with the call they led to, so a message is sent back with all of
its blocks but the calls of other tools.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from proxy.conversation import ToolCall
from proxy.wire import Joined, Round
from proxy.wire.asides.request import with_items, with_tool
from proxy.wire.asides.stream import JoinedStream
from proxy.wire.asides.usage import added
from proxy.wire.asides.whole import JoinedWhole
from proxy.wire.edit import set_field
from proxy.wire.parts import mapping, mended, sequence, word, written
from proxy.wire.sse import Event

Json = dict[str, Any]
PIECES = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
"""Kinds of delta, and the key that grows by them."""
CALL = "tool_use"


class MessagesAsides:
    """See `proxy.wire.Asides`."""

    def offer(self, body: bytes, name: str, description: str, parameters: Mapping[str, Any]) -> bytes:
        """See `Asides.offer`."""
        tool = {"name": name, "description": description, "input_schema": parameters}
        return with_tool(body, written(tool).encode())

    def joined(self, own: frozenset[str], *, events: bool) -> Joined:
        """See `Asides.joined`."""
        return JoinedStream(MessagesJoin(), own) if events else JoinedWhole(MessagesJoin(), own)

    def results(self, answers: Sequence[tuple[ToolCall, str]]) -> tuple[bytes, ...]:
        """One user message with all results."""
        blocks = [{"type": "tool_result", "tool_use_id": call.id, "content": text} for call, text in answers]
        return (written({"role": "user", "content": blocks}).encode(),)

    def continued(self, body: bytes, items: Sequence[bytes], *, quiet: bool) -> bytes:
        """See `Asides.continued`."""
        more = with_items(body, "messages", items)
        return set_field(more, "tool_choice", b'{"type":"none"}') if quiet else more


class MessagesJoin:
    """What joins several messages."""

    mark = b'"tool_use"'

    def __init__(self) -> None:
        self._blocks: list[Json] = []
        """What the client was given of earlier messages."""
        self._usage: Json = {}
        """Of earlier messages."""
        self._now: Json = {}
        """Of the message that comes now, as far as it is told."""
        self._head: Json = {}

    def opens(self, event: Mapping[str, Any]) -> bool:
        """The beginning of a call of a client's tool or of ours; the provider's own tools have other blocks."""
        return event.get("type") == "content_block_start" and mapping(event.get("content_block")).get("type") == CALL

    def speaks(self, event: Mapping[str, Any]) -> bool:
        """A piece of text or of a thought."""
        return event.get("type") == "content_block_delta"

    def ends(self, event: Event) -> bool:
        """`message_stop`."""
        return b'"message_stop"' in event.raw and event.name in ("message_stop", "")

    def round(self, events: Sequence[Json], shown: int, own: frozenset[str]) -> Round | None:
        """See `Dialect.round`."""
        return _round(assembled(events), len(assembled(events[:shown])), own)

    def passed(self, events: Sequence[Json], shown: int) -> None:
        """See `Dialect.passed`."""
        self._blocks += assembled(events[:shown])
        self._usage = added(self._usage, used(events))
        self._now = {}

    def carried(self, event: Json) -> Json | None:
        """See `Dialect.carried`."""
        kind = event.get("type")
        if kind == "message_start":
            self._now = dict(mapping(mapping(event.get("message")).get("usage")))
            return None
        if kind == "message_delta":
            now = {**self._now, **mapping(event.get("usage"))}
            return {**event, "usage": added(self._usage, now)}
        if isinstance(event.get("index"), int):
            return {**event, "index": event["index"] + len(self._blocks)}
        return event

    def whole_round(self, document: Mapping[str, Any], own: frozenset[str]) -> Round | None:
        """See `whole.Dialect`."""
        blocks = [dict(mapping(block)) for block in sequence(document.get("content"))]
        return _round(blocks, len(_before_calls(blocks)), own)

    def whole_passed(self, document: Mapping[str, Any]) -> None:
        """See `whole.Dialect`."""
        self._head = self._head or {"id": document.get("id")}
        self._blocks += _before_calls([dict(mapping(block)) for block in sequence(document.get("content"))])
        self._usage = added(self._usage, mapping(document.get("usage")))

    def whole_carried(self, document: Json) -> Json:
        """See `whole.Dialect`."""
        if "content" not in document:
            return document
        content = [*self._blocks, *sequence(document.get("content"))]
        usage = added(self._usage, mapping(document.get("usage")))
        return {**document, **self._head, "content": content, "usage": usage}


def assembled(events: Sequence[Json]) -> list[Json]:
    """The content blocks of a stream's events, in order."""
    blocks: dict[int, Json] = {}
    inputs: dict[int, str] = {}
    for event in events:
        index = event.get("index")
        if not isinstance(index, int):
            continue
        if event.get("type") == "content_block_start":
            blocks[index] = dict(mapping(event.get("content_block")))
        elif event.get("type") == "content_block_delta" and index in blocks:
            _grow(blocks[index], mapping(event.get("delta")), inputs, index)
    for index, text in inputs.items():
        blocks[index]["input"] = _object(text)
    return [blocks[index] for index in sorted(blocks)]


def _grow(block: Json, delta: Mapping[str, Any], inputs: dict[int, str], index: int) -> None:
    kind = word(delta.get("type"))
    if key := PIECES.get(kind):
        block[key] = mended(word(block.get(key)) + word(delta.get(key)))
    elif kind == "input_json_delta":
        inputs[index] = mended(inputs.get(index, "") + word(delta.get("partial_json")))
    elif kind == "citations_delta":
        block["citations"] = [*sequence(block.get("citations")), delta.get("citation")]


def used(events: Sequence[Json]) -> Json:
    """The usage that a stream told; later counts are totals."""
    usage: Json = {}
    for event in events:
        holder = mapping(event.get("message")) if event.get("type") == "message_start" else event
        given = mapping(holder.get("usage"))
        usage |= {key: value for key, value in given.items() if value is not None}
    return usage


def _round(blocks: Sequence[Json], parts: int, own: frozenset[str]) -> Round | None:
    """The message as it is sent back with the calls of our own tools alone."""
    ours = [block for block in blocks if block.get("type") == CALL and block.get("name") in own]
    if not ours:
        return None
    kept = [block for block in blocks if block.get("type") != CALL or block.get("name") in own]
    calls = tuple(ToolCall(word(each.get("id")), word(each.get("name")), written(each.get("input"))) for each in ours)
    said = [block for block in kept if block.get("type") != "text" or word(block.get("text")).strip()]
    shown = "".join(word(block.get("text")) for block in blocks[:parts])
    return Round(calls, (written({"role": "assistant", "content": said}).encode(),), shown, parts)


def _before_calls(blocks: Sequence[Json]) -> list[Json]:
    """The blocks before the first call of a tool."""
    first = next((place for place, block in enumerate(blocks) if block.get("type") == CALL), len(blocks))
    return list(blocks[:first])


def _object(text: str) -> Any:
    """A call's arguments as they were streamed. What is no object of JSON, which the API would refuse, is empty."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

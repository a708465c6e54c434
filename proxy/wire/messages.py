"""Anthropic Messages: messages as turns, and a reply's content blocks as the turn the client will send back.

It must not know how conversations are remembered, nor any other form. Source: Anthropic API reference, "Messages"
and "Streaming messages".
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from proxy.conversation import ToolCall, ToolResult, Turn
from proxy.exchange import Usage
from proxy.wire import Asides, Body, Outcome, errors
from proxy.wire.asides.messages import MessagesAsides
from proxy.wire.document import loads
from proxy.wire.growth import Growth, Reader
from proxy.wire.parts import count, mapping, mended, sequence, spoken, word, written
from proxy.wire.sse import encode, payloads

_END = re.compile(rb"""(?:^|[\r\n])data: ?\{\s*"type"\s*:\s*"message_stop"[^\r\n]*(?>\r\n|\n|\r)(?>\r\n|\n|\r)\s*\Z""")
_PIECES = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}
"""Kinds of delta, and the key that holds the piece."""


class Messages:
    """`POST /v1/messages` and `/v1/messages/count_tokens`."""

    name = "messages"
    items = "messages"
    asides: Asides | None = MessagesAsides()

    def __init__(self, growth: Growth) -> None:
        self._reader = Reader(self, growth)

    def read(self, body: bytes) -> Body:
        """See `Form.read`."""
        return self._reader.read(body)

    def turn(self, item: object) -> Turn:
        """A message as a turn; a user message that only brings tool results has no text."""
        fields = mapping(item)
        role, content = word(fields.get("role")), fields.get("content")
        if isinstance(content, str):
            return Turn(role, content)
        texts: list[str] = []
        calls: list[ToolCall] = []
        results: list[ToolResult] = []
        opaque = False
        for block in map(mapping, sequence(content)):
            kind = word(block.get("type"))
            if kind == "text":
                texts.append(word(block.get("text")))
            elif kind.endswith("tool_use"):
                calls.append(ToolCall(word(block.get("id")), word(block.get("name")), written(block.get("input"))))
            elif kind == "tool_result":
                text, mixed = spoken(block.get("content"))
                results.append(ToolResult(word(block.get("tool_use_id")), text))
                opaque = opaque or mixed
            else:
                opaque = True
            opaque = opaque or block.get("cache_control") is not None
        return Turn(role, "\n".join(filter(None, texts)), tuple(calls), tuple(results), opaque=opaque)

    def preamble(self, fields: Mapping[str, Any]) -> str:
        """The system field: a string or text blocks."""
        return spoken(fields.get("system"))[0]

    def tools(self, fields: dict[str, Any]) -> tuple[str, ...]:
        """Every tool has a name, server tools too."""
        tools = map(mapping, sequence(fields.pop("tools", None)))
        return tuple(word(tool.get("name")) or word(tool.get("type")) for tool in tools)

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """See `Form.fold`."""
        if events:
            return _Stream().fold(self, body)
        document = mapping(loads(body))
        return self.outcome(document, mapping(document.get("usage")), errors.told(document), whole=bool(document))

    def outcome(self, message: Mapping[str, Any], usage: Mapping[str, Any], error: str, *, whole: bool) -> Outcome:
        """A message of the API as an outcome."""
        said = {"role": "assistant", "content": message.get("content")}
        return Outcome(
            turns=(self.turn(said),) if message.get("content") else (),
            id=word(message.get("id")),
            model=word(message.get("model")),
            finish=word(message.get("stop_reason")),
            usage=_usage(usage),
            error=error,
            whole=whole,
            tier=word(usage.get("service_tier")),
        )

    def ends(self, tail: bytes) -> bool:
        """The `message_stop` event and its blank line."""
        return _END.search(tail) is not None

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """An error body in Anthropic's shape; `code` stands beside it for those who look."""
        error = {"type": errors.KIND, "message": errors.words(message), "code": code or None}
        return orjson.dumps({"type": "error", "error": error})

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """An `error` event."""
        return encode(self.failure(message, code=code, status=0), event="error")


class _Stream:
    """A stream of events on its way to one message."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {}
        self.usage: dict[str, Any] = {}
        self.blocks: dict[int, dict[str, Any]] = {}
        self.pieces: dict[tuple[int, str], list[str]] = {}
        self.error = ""
        self.whole = False

    def fold(self, form: Messages, body: bytes) -> Outcome:
        for data in payloads(body):
            if event := mapping(loads(data)):
                self.take(event)
        for (index, key), pieces in self.pieces.items():
            self.close(self.blocks.setdefault(index, {"type": "text"}), key, mended("".join(pieces)))
        content = [self.blocks[index] for index in sorted(self.blocks)]
        return form.outcome({**self.message, "content": content}, self.usage, self.error, whole=self.whole)

    def take(self, event: Mapping[str, Any]) -> None:
        kind = word(event.get("type"))
        index = event["index"] if isinstance(event.get("index"), int) else 0
        if kind == "content_block_delta":
            delta = mapping(event.get("delta"))
            if key := _PIECES.get(word(delta.get("type"))):
                self.pieces.setdefault((index, key), []).append(word(delta.get(key)))
        elif kind == "content_block_start":
            self.blocks[index] = dict(mapping(event.get("content_block")))
        elif kind == "message_start":
            self.message = dict(mapping(event.get("message")))
            self.count(self.message)
        elif kind == "message_delta":
            self.message.update(mapping(event.get("delta")))
            self.count(event)
        elif kind == "message_stop":
            self.whole = True
        elif kind == "error" or "error" in event:
            self.error = self.error or errors.told(event)

    def count(self, holder: Mapping[str, Any]) -> None:
        """Later counts are totals and take the place of earlier ones."""
        given = mapping(holder.get("usage"))
        self.usage.update({key: value for key, value in given.items() if value is not None})

    def close(self, block: dict[str, Any], key: str, text: str) -> None:
        if key == "partial_json":
            block["input"] = text or block.get("input")
        else:
            block[key] = word(block.get(key)) + text


def _usage(raw: Mapping[str, Any]) -> Usage | None:
    """Anthropic counts what came from the cache and what was written to it beside the input, not within it."""
    if not raw:
        return None
    cached, cache_write = count(raw, "cache_read_input_tokens"), count(raw, "cache_creation_input_tokens")
    prompt = count(raw, "input_tokens") + cached + cache_write
    return Usage(prompt, count(raw, "output_tokens"), cached, cache_write)

"""Asides of OpenAI Responses: the tool, the output items with a call, and events of several responses as one.

It must not know who answers a call. Source: OpenAI API reference, "Responses" and "Streaming events"; the guide to
reasoning: the reasoning items before a call go back with it, and where nothing is stored only those that are encrypted
can.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from proxy.conversation import ToolCall
from proxy.wire import Joined, Round
from proxy.wire.asides.request import with_items, with_tool
from proxy.wire.asides.stream import JoinedStream
from proxy.wire.asides.usage import added
from proxy.wire.asides.whole import JoinedWhole
from proxy.wire.edit import set_field
from proxy.wire.parts import mapping, sequence, spoken, word, written
from proxy.wire.sse import Event

Json = dict[str, Any]
CALLS = ("function_call", "custom_tool_call")
"""Calls that somebody else than the provider answers."""
BEGINNINGS = ("response.created", "response.in_progress", "response.queued")
TERMINAL = ("response.completed", "response.incomplete", "response.failed")


class ResponsesAsides:
    """See `proxy.wire.Asides`."""

    def offer(self, body: bytes, name: str, description: str, parameters: Mapping[str, Any]) -> bytes:
        """See `Asides.offer`."""
        tool = {"type": "function", "name": name, "description": description, "parameters": parameters, "strict": False}
        return with_tool(body, written(tool).encode())

    def joined(self, own: frozenset[str], *, events: bool) -> Joined:
        """See `Asides.joined`."""
        return JoinedStream(ResponsesJoin(), own) if events else JoinedWhole(ResponsesJoin(), own)

    def results(self, answers: Sequence[tuple[ToolCall, str]]) -> tuple[bytes, ...]:
        """A `function_call_output` for each call."""
        return tuple(
            written({"type": "function_call_output", "call_id": call.id, "output": text}).encode()
            for call, text in answers
        )

    def continued(self, body: bytes, items: Sequence[bytes], *, quiet: bool) -> bytes:
        """See `Asides.continued`."""
        more = with_items(body, "input", items)
        return set_field(more, "tool_choice", b'"none"') if quiet else more


class ResponsesJoin:
    """What joins several responses. Where the provider stores them, the last one's id stands at the end: its stored
    conversation is the whole one, to which `previous_response_id` may refer."""

    mark = b"_call"

    def __init__(self) -> None:
        self._output: list[Any] = []
        """Items that the client was given of earlier responses."""
        self._usage: Json = {}
        self._same: Json = {}
        self._given = 0
        """The number of the next event."""
        self._numbered = 0
        """The same when the first event was held back."""
        self._opened = False

    def opens(self, event: Mapping[str, Any]) -> bool:
        """A call's item is added."""
        if event.get("type") != "response.output_item.added" or mapping(event.get("item")).get("type") not in CALLS:
            return False
        self._numbered, self._opened = self._given, True
        return True

    def speaks(self, event: Mapping[str, Any]) -> bool:
        """A piece of anything said."""
        return word(event.get("type")).endswith(".delta")

    def ends(self, event: Event) -> bool:
        """A terminal event."""
        if event.name:
            return event.name in TERMINAL
        return any(f'"{kind}"'.encode() in event.raw[:200] for kind in TERMINAL)

    def round(self, events: Sequence[Json], shown: int, own: frozenset[str]) -> Round | None:
        """See `Dialect.round`."""
        response = _response(events)
        output = sequence(response.get("output")) or done(events)
        return _round(output, done(events[:shown]), response, own)

    def passed(self, events: Sequence[Json], shown: int) -> None:
        """See `Dialect.passed`."""
        given = [event.get("sequence_number") for event in events[:shown]]
        if not self._same:
            self._given = max((number for number in given if isinstance(number, int)), default=-1) + 1
        elif self._opened:
            self._given = self._numbered
        self._opened = False
        self._output += done(events[:shown])
        self._remember(_response(events))

    def carried(self, event: Json) -> Json | None:
        """See `Dialect.carried`."""
        kind = event.get("type")
        if kind in BEGINNINGS:
            return None
        made = dict(event)
        if "sequence_number" in event:
            made["sequence_number"] = self._given
            self._given += 1
        if isinstance(event.get("output_index"), int):
            made["output_index"] = event["output_index"] + len(self._output)
        if kind in TERMINAL:
            made["response"] = self.whole_carried(dict(mapping(event.get("response"))))
        return made

    def whole_round(self, document: Mapping[str, Any], own: frozenset[str]) -> Round | None:
        """See `whole.Dialect`."""
        output = sequence(document.get("output"))
        return _round(output, _before_calls(output), document, own)

    def whole_passed(self, document: Mapping[str, Any]) -> None:
        """See `whole.Dialect`."""
        self._output += _before_calls(sequence(document.get("output")))
        self._remember(document)

    def whole_carried(self, document: Json) -> Json:
        """See `whole.Dialect`."""
        if "output" not in document:
            return document
        same = self._same if document.get("store") is False else {}
        made = {**document, **same, "output": [*self._output, *sequence(document.get("output"))]}
        if isinstance(document.get("usage"), dict):
            made["usage"] = added(self._usage, document["usage"])
        return made

    def _remember(self, response: Mapping[str, Any]) -> None:
        self._usage = added(self._usage, mapping(response.get("usage")))
        self._same = self._same or {name: response[name] for name in ("id", "created_at") if name in response}


def done(events: Sequence[Json]) -> list[Any]:
    """The items that were finished in these events."""
    return [event.get("item") for event in events if event.get("type") == "response.output_item.done"]


def _response(events: Sequence[Json]) -> Mapping[str, Any]:
    """The response as it was told last."""
    return next((found for event in reversed(events) if (found := mapping(event.get("response")))), {})


def _round(
    output: Sequence[Any], shown: Sequence[Any], response: Mapping[str, Any], own: frozenset[str]
) -> Round | None:
    """The output as it is sent back: all items but the calls of other tools."""
    items = [mapping(item) for item in output]
    ours = [item for item in items if item.get("type") in CALLS and item.get("name") in own]
    if not ours:
        return None
    kept = [item for item in items if item.get("type") not in CALLS or item.get("name") in own]
    calls = tuple(
        ToolCall(word(item.get("call_id")), word(item.get("name")), written(item.get("arguments", item.get("input"))))
        for item in ours
    )
    text = "".join(spoken(mapping(item).get("content"))[0] for item in shown if _is_message(item))
    raw = tuple(written(item).encode() for item in _returnable(kept, stored=response.get("store") is not False))
    return Round(calls, raw, text, len(shown))


def _returnable(items: Sequence[Mapping[str, Any]], *, stored: bool) -> list[Mapping[str, Any]]:
    """The items that the provider takes back. Of what it does not store it knows no ids, and reasoning must bring
    itself; a call that came with reasoning which is gone goes without its id, too."""
    if stored:
        return list(items)
    kept = [item for item in items if item.get("type") != "reasoning" or item.get("encrypted_content")]
    if len(kept) == len(items):
        return kept
    return [{key: value for key, value in item.items() if key != "id"} for item in kept]


def _is_message(item: object) -> bool:
    return mapping(item).get("type") == "message"


def _before_calls(output: Sequence[Any]) -> list[Any]:
    """The items before the first call that somebody else answers."""
    first = next((place for place, item in enumerate(output) if mapping(item).get("type") in CALLS), len(output))
    return list(output[:first])

"""Asides of Chat Completions: the tool, the message with its calls, and chunks of several completions as one.

It must not know who answers a call. Source: OpenAI API reference, "Chat Completions".
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
from proxy.wire.parts import mapping, mended, sequence, word, written
from proxy.wire.sse import Event

Json = dict[str, Any]
SAME = ("id", "created", "model", "system_fingerprint", "service_tier")
"""What all chunks of one completion share."""
GROWING = ("content", "refusal", "reasoning_content", "reasoning")
"""Texts of a delta, which come piece by piece."""
NOT_SENT_BACK = frozenset(("refusal", "annotations", "audio", "function_call"))
GAP = "\n\n"
"""Between what was said before a call and what is said after it."""


class ChatAsides:
    """See `proxy.wire.Asides`."""

    def offer(self, body: bytes, name: str, description: str, parameters: Mapping[str, Any]) -> bytes:
        """See `Asides.offer`."""
        function = {"name": name, "description": description, "parameters": parameters}
        return with_tool(body, written({"type": "function", "function": function}).encode())

    def joined(self, own: frozenset[str], *, events: bool) -> Joined:
        """See `Asides.joined`."""
        return JoinedStream(ChatJoin(), own) if events else JoinedWhole(ChatJoin(), own)

    def results(self, answers: Sequence[tuple[ToolCall, str]]) -> tuple[bytes, ...]:
        """A message of the role `tool` for each call."""
        return tuple(
            written({"role": "tool", "tool_call_id": call.id, "content": text}).encode() for call, text in answers
        )

    def continued(self, body: bytes, items: Sequence[bytes], *, quiet: bool) -> bytes:
        """See `Asides.continued`."""
        more = with_items(body, "messages", items)
        return set_field(more, "tool_choice", b'"none"') if quiet else more


class ChatJoin:
    """What joins several completions; the first choice is read, as only one was asked for."""

    mark = b'"tool_calls"'

    def __init__(self) -> None:
        self._same: Json = {}
        self._usage: Json = {}
        self._said = ""
        """What the client was given so far."""
        self._gap = ""

    def opens(self, event: Mapping[str, Any]) -> bool:
        """A delta with a tool call."""
        return any(_delta(choice).get("tool_calls") for choice in sequence(event.get("choices")))

    def speaks(self, event: Mapping[str, Any]) -> bool:
        """A delta with text."""
        return any(_delta(choice).get("content") for choice in sequence(event.get("choices")))

    def ends(self, event: Event) -> bool:
        """`[DONE]`."""
        return event.data == b"[DONE]"

    def round(self, events: Sequence[Json], shown: int, own: frozenset[str]) -> Round | None:
        """See `Dialect.round`."""
        return _round(merged(events), word(merged(events[:shown]).get("content")), own)

    def passed(self, events: Sequence[Json], shown: int) -> None:
        """See `Dialect.passed`."""
        first = next((event for event in events if event.get("choices")), {})
        self._same = self._same or {name: first[name] for name in SAME if name in first}
        used = [event["usage"] for event in events if isinstance(event.get("usage"), dict)]
        self._usage = added(self._usage, used[-1]) if used else self._usage
        self._break(word(merged(events[:shown]).get("content")))

    def carried(self, event: Json) -> Json | None:
        """See `Dialect.carried`."""
        made = {**event, **{name: value for name, value in self._same.items() if name in event}}
        if isinstance(event.get("usage"), dict):
            made["usage"] = added(self._usage, event["usage"])
        choices = event.get("choices")
        if not choices:
            return made
        made["choices"] = [self._choice(mapping(choice)) for choice in sequence(choices)]
        says = any(_delta(choice) or choice.get("finish_reason") for choice in made["choices"])
        return made if says or event.get("usage") else None

    def _choice(self, choice: Mapping[str, Any]) -> Json:
        """A choice of a chunk without what only begins a message."""
        empty = ("", None)
        delta = {key: value for key, value in _delta(choice).items() if key != "role" and value not in empty}
        if self._gap and delta.get("content"):
            delta["content"] = self._gap + delta["content"]
            self._gap = ""
        return {**choice, "delta": delta}

    def whole_round(self, document: Mapping[str, Any], own: frozenset[str]) -> Round | None:
        """See `whole.Dialect`."""
        message = _message(document)
        return _round(dict(message), word(message.get("content")), own)

    def whole_passed(self, document: Mapping[str, Any]) -> None:
        """See `whole.Dialect`."""
        self._same = self._same or {name: document[name] for name in SAME if name in document}
        self._usage = added(self._usage, mapping(document.get("usage")))
        self._break(word(_message(document).get("content")))

    def whole_carried(self, document: Json) -> Json:
        """See `whole.Dialect`."""
        made = {**document, **self._same}
        if self._usage:
            made["usage"] = added(self._usage, mapping(document.get("usage")))
        choices = [dict(mapping(choice)) for choice in sequence(document.get("choices"))]
        if choices and self._said:
            message = dict(mapping(choices[0].get("message")))
            content = word(message.get("content"))
            message["content"] = self._said + self._gap + content if content else self._said
            choices[0]["message"] = message
            made["choices"] = choices
        return made

    def _break(self, text: str) -> None:
        """Remembers text that was given, and that a line is to be left free before more."""
        self._said += self._gap + text if text else ""
        self._gap = GAP if self._said and not self._said[-1].isspace() else ""


def merged(events: Sequence[Json]) -> Json:
    """The message of these chunks. Some servers number all calls 0: another id with a name of its own is another."""
    message: Json = {"role": "assistant"}
    calls: list[Json] = []
    deltas = (_delta(choice) for event in events for choice in sequence(event.get("choices"))[:1])
    for key, value in (member for delta in deltas for member in delta.items()):
        if key != "tool_calls":
            _add(message, key, value)
            continue
        for piece in map(mapping, sequence(value)):
            _grow(_call_of(calls, piece), piece)
    for call in calls:
        call.pop("index", None)
    if calls:
        message["tool_calls"] = calls
    return message


def _call_of(calls: list[Json], piece: Mapping[str, Any]) -> Json:
    """The call that a piece belongs to."""
    id, index = word(piece.get("id")), piece.get("index")
    known = next((call for call in reversed(calls) if call.get("index") == index), None)
    named = word(mapping(piece.get("function")).get("name"))
    if known is None or (id and named and id != known.get("id")):
        known = {"index": index}
        calls.append(known)
    return known


def _grow(call: Json, piece: Mapping[str, Any]) -> None:
    for key, value in piece.items():
        if key == "function":
            function = call.setdefault("function", {"name": "", "arguments": ""})
            function["name"] = function["name"] or word(mapping(value).get("name"))
            function["arguments"] = mended(function["arguments"] + word(mapping(value).get("arguments")))
        elif value not in (None, ""):
            call.setdefault(key, value)


def _add(message: Json, key: str, value: Any) -> None:
    if key in GROWING and isinstance(value, str):
        message[key] = mended(word(message.get(key)) + value)
    elif isinstance(value, list):
        message[key] = [*sequence(message.get(key)), *value]
    elif value not in ("", None):
        message.setdefault(key, value)


def _round(message: Json, shown: str, own: frozenset[str]) -> Round | None:
    """The message as it is sent back with the calls of our own tools alone."""
    calls = [mapping(call) for call in sequence(message.get("tool_calls"))]
    ours = [call for call in calls if mapping(call.get("function")).get("name") in own]
    if not ours:
        return None
    kept = {key: value for key, value in message.items() if value is not None and key not in NOT_SENT_BACK}
    item = {**kept, "content": message.get("content") or None, "tool_calls": ours}
    return Round(tuple(map(_asked, ours)), (written(item).encode(),), shown)


def _asked(call: Mapping[str, Any]) -> ToolCall:
    function = mapping(call.get("function"))
    return ToolCall(word(call.get("id")), word(function.get("name")), word(function.get("arguments")))


def _delta(choice: object) -> Mapping[str, Any]:
    return mapping(mapping(choice).get("delta"))


def _message(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(next(iter(sequence(document.get("choices"))), {})).get("message") or {}

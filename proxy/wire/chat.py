"""OpenAI Chat Completions: messages as turns, and a reply's message as the turn the client will send back.

It must not know how conversations are remembered, nor any other form. Source: OpenAI API reference, "Chat
Completions"; fields of other providers that speak this form are read where they are known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy.conversation import ToolCall, ToolResult, Turn
from proxy.exchange import Usage
from proxy.wire import Asides, Body, Outcome, errors, everyday
from proxy.wire.asides.chat import ChatAsides
from proxy.wire.document import loads
from proxy.wire.growth import Growth, Reader
from proxy.wire.parts import call, mapping, mended, sequence, spoken, tokens, word
from proxy.wire.sse import payloads

_SIGNED = frozenset(
    ("cache_control", "extra_content", "reasoning_details", "reasoning_content", "thinking_blocks", "audio")
)
"""Message fields that nobody may rewrite: signatures, cache marks, state of the model's own."""
_DONE = re.compile(rb"(?:^|[\r\n])data: ?\[DONE\][ \t]*(?>\r\n|\n|\r)(?>\r\n|\n|\r)\s*\Z")


class Chat:
    """`POST /v1/chat/completions`."""

    name = "chat"
    items = "messages"
    asides: Asides | None = ChatAsides()

    def __init__(self, growth: Growth) -> None:
        self._reader = Reader(self, growth)

    def read(self, body: bytes) -> Body:
        """See `Form.read`."""
        return self._reader.read(body)

    def turn(self, item: object) -> Turn:
        """A message as a turn."""
        if not isinstance(item, dict):
            return Turn("", opaque=True)
        role, content = word(item.get("role")), item.get("content")
        if len(item) == 2 and isinstance(content, str) and role != "tool":
            return Turn(role, content)
        text, opaque = spoken(content)
        opaque = opaque or (not _SIGNED.isdisjoint(item) and any(item.get(key) is not None for key in _SIGNED))
        name = word(item.get("name"))
        if role in ("tool", "function"):
            result = ToolResult(word(item.get("tool_call_id")) or name, text)
            return Turn(role, results=(result,), name=name, opaque=opaque)
        raw_calls = sequence(item.get("tool_calls"))
        calls = tuple(map(_call, raw_calls))
        opaque = opaque or any(mapping(raw).get("extra_content") is not None for raw in raw_calls)
        if isinstance(item.get("function_call"), dict):
            calls = (*calls, call(item["function_call"]))
        return Turn(role, text or word(item.get("refusal")), calls, (), name, opaque)

    def preamble(self, fields: Mapping[str, Any]) -> str:
        """Nothing: system text is a message."""
        return ""

    def tools(self, fields: dict[str, Any]) -> tuple[str, ...]:
        """Function and custom tools by name, others by type."""
        tools, functions = fields.pop("tools", None), fields.pop("functions", None)
        if tools is None and functions is None:
            return ()
        return tuple(_tool(mapping(tool)) for tool in sequence(tools) + sequence(functions))

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """See `Form.fold`. Of several choices the first is read."""
        if events:
            return _Stream().fold(self, body)
        return everyday.outcome(body) or self._outcome(mapping(loads(body)))

    def _outcome(self, document: Mapping[str, Any]) -> Outcome:
        choice = next((mapping(raw) for raw in sequence(document.get("choices")) if _first(raw)), {})
        message = choice.get("message")
        return Outcome(
            turns=(self.turn({"role": "assistant", **message}),) if isinstance(message, dict) else (),
            id=word(document.get("id")),
            model=word(document.get("model")),
            finish=word(choice.get("finish_reason")),
            usage=tokens(document.get("usage")),
            error=errors.told(document),
            whole=bool(document),
            tier=word(document.get("service_tier")),
        )

    def ends(self, tail: bytes) -> bool:
        """`data: [DONE]` and its blank line."""
        return done(tail)

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """See `Form.failure`."""
        return errors.failure(message, code=code, status=status)

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """See `Form.stream_failure`."""
        return errors.stream_failure(message, code=code)


def done(tail: bytes) -> bool:
    """Whether a stream's tail is `data: [DONE]` with its blank line."""
    return b"[DONE]" in tail[-24:] and _DONE.search(tail) is not None


class _Stream:
    """A chat stream on its way to one message."""

    def __init__(self) -> None:
        self.head: dict[str, str] = {"id": "", "model": "", "finish_reason": "", "error": "", "tier": ""}
        self.message: dict[str, Any] = {}
        self.texts: dict[str, list[str]] = {"content": [], "refusal": []}
        self.calls: list[_Call] = []
        self.open: dict[int, _Call] = {}
        self.function = _Call()
        self.usage: Usage | None = None
        self.done = False

    def fold(self, form: Chat, body: bytes) -> Outcome:
        for data in payloads(body):
            if data == b"[DONE]":
                self.done = True
            elif isinstance(chunk := loads(data), dict):
                self.take(chunk)
        head = self.head
        return Outcome(
            turns=self.turns(form),
            id=head["id"],
            model=head["model"],
            finish=head["finish_reason"],
            usage=self.usage,
            error=head["error"],
            whole=self.done or bool(head["finish_reason"]),
            tier=head["tier"],
        )

    def turns(self, form: Chat) -> tuple[Turn, ...]:
        if not (self.message or self.calls or self.function.name or any(self.texts.values())):
            return ()
        said: dict[str, Any] = {key: mended("".join(pieces)) for key, pieces in self.texts.items()}
        said["tool_calls"] = [wish.whole() for wish in self.calls]
        if self.function.name:
            said["function_call"] = self.function.whole()["function"]
        return (form.turn({"role": "assistant", **self.message, **said}),)

    def take(self, chunk: dict[str, Any]) -> None:
        head = self.head
        if chunk.get("service_tier"):
            head["tier"] = word(chunk["service_tier"])
        if not (head["id"] and head["model"]):
            head["id"] = head["id"] or word(chunk.get("id"))
            head["model"] = head["model"] or word(chunk.get("model"))
        if chunk.get("usage"):
            self.usage = tokens(chunk["usage"]) or self.usage
        choices = chunk.get("choices")
        if not choices:
            head["error"] = head["error"] or errors.told(chunk)
            return
        for raw in sequence(choices):
            if not _first(raw):
                continue
            if raw.get("finish_reason"):
                head["finish_reason"] = word(raw["finish_reason"]) or head["finish_reason"]
            self.say(mapping(raw.get("delta") or raw.get("message")))

    def say(self, delta: Mapping[str, Any]) -> None:
        for key, value in delta.items():
            if value is None:
                continue
            if key in self.texts:
                self.texts[key].append(value if isinstance(value, str) else spoken(value)[0])
            elif key == "tool_calls":
                for raw in sequence(value):
                    self.hear(mapping(raw))
            elif key == "function_call":
                self.function.hear(call(value), None)
            elif value != "":
                self.message.setdefault(key, value)

    def hear(self, raw: Mapping[str, Any]) -> None:
        """A piece of a tool call. Some servers number all calls 0: another id with a name of its own is another."""
        index = raw["index"] if isinstance(raw.get("index"), int) else -1
        said = _call(raw)
        current = self.open.get(index)
        if current is None or (said.id and said.name and said.id != current.id):
            current = self.open[index] = _Call()
            self.calls.append(current)
        current.hear(said, raw.get("extra_content"))


@dataclass(slots=True)
class _Call:
    """A tool call on its way: id and name as first given, arguments piece by piece."""

    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    extra: object = None

    def hear(self, said: ToolCall, extra: object) -> None:
        self.id = self.id or said.id
        self.name = self.name or said.name
        self.pieces.append(said.arguments)
        self.extra = self.extra if extra is None else extra

    def whole(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": mended("".join(self.pieces))}
        return {"id": self.id, "function": function, "extra_content": self.extra}


def _first(choice: object) -> bool:
    return isinstance(choice, dict) and (choice.get("index") or 0) == 0


def _call(raw: object) -> ToolCall:
    fields = mapping(raw)
    return call(fields.get("function") or fields.get("custom"), word(fields.get("id")))


def _tool(tool: Mapping[str, Any]) -> str:
    inner = mapping(tool.get("function") or tool.get("custom"))
    return word(inner.get("name")) or word(tool.get("name")) or word(tool.get("type"))

"""OpenAI Responses: input items as turns, and a reply's output items as the turns the client will send back.

It must not know how conversations are remembered, nor any other form. Source: OpenAI API reference, "Responses" and
"Streaming events".

Reasoning, item references and compactions leave the digests alone (see `conversation.SILENT`), and a reply's turns
leave them out: clients drop them, send them back without id, or encrypted.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from proxy.conversation import SILENT, ToolCall, ToolResult, Turn
from proxy.wire import Asides, Body, Outcome, errors
from proxy.wire.asides.responses import ResponsesAsides
from proxy.wire.document import loads
from proxy.wire.growth import Growth, Reader
from proxy.wire.parts import call, mapping, mended, sequence, spoken, tokens, word, written
from proxy.wire.sse import encode, payloads

_CALLS = frozenset(("function_call", "custom_tool_call"))
_WISHES = ("arguments", "input", "action", "operation", "code", "queries")
"""Where the calls of hosted tools (shell, patch, search, …) say what they want."""
_TERMINAL = frozenset(("response.completed", "response.incomplete", "response.failed"))
_END = re.compile(
    rb"(?:^|[\r\n])(?:event: ?response\.(?:completed|incomplete|failed)[ \t]*[\r\n]"
    rb"""|data: ?\{\s*"type"\s*:\s*"response\.(?:completed|incomplete|failed)")"""
)
_BLANK = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)\s*\Z")


class Responses:
    """`POST /v1/responses`, `/v1/responses/compact`, `/v1/responses/input_tokens`."""

    name = "responses"
    items = "input"
    asides: Asides | None = ResponsesAsides()

    def __init__(self, growth: Growth) -> None:
        self._reader = Reader(self, growth)

    def read(self, body: bytes) -> Body:
        """See `Form.read`."""
        return self._reader.read(body)

    def turn(self, item: object) -> Turn:
        """An item as a turn: a message, a call or a call's output; anything else under its own type, opaque."""
        fields = mapping(item)
        kind = word(fields.get("type"))
        if kind == "message" or (not kind and "role" in fields):
            text, opaque = spoken(fields.get("content"))
            return Turn(word(fields.get("role")), text, opaque=opaque)
        id = word(fields.get("call_id")) or word(fields.get("id"))
        if kind in _CALLS:
            return Turn("assistant", calls=(call(fields, id),))
        if kind.endswith("_call"):
            return Turn("assistant", calls=(_hosted(fields, kind, id),), opaque=True)
        if kind.endswith("_output"):
            output = fields.get("output")
            text, opaque = spoken(output)
            known = kind.removesuffix("_output") in _CALLS
            result = ToolResult(id, text or (written(_bare(output)) if opaque else ""))
            return Turn("tool", results=(result,), opaque=opaque or not known)
        return Turn("reasoning" if kind == "reasoning" else _plain(kind), opaque=True)

    def preamble(self, fields: Mapping[str, Any]) -> str:
        """The instructions."""
        return word(fields.get("instructions"))

    def tools(self, fields: dict[str, Any]) -> tuple[str, ...]:
        """Function and custom tools by name, others by type."""
        tools = map(mapping, sequence(fields.pop("tools", None)))
        return tuple(word(tool.get("name")) or word(tool.get("type")) for tool in tools)

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """See `Form.fold`."""
        if not events:
            document = mapping(loads(body))
            return self._outcome(document, sequence(document.get("output")), whole=bool(document))
        seen = [event for data in payloads(body) if (event := mapping(loads(data)))]
        response: Mapping[str, Any] = {}
        whole, error = False, ""
        for event in seen:
            response = mapping(event.get("response")) or response
            whole = whole or word(event.get("type")) in _TERMINAL
            error = error or _failed(event)
        output = sequence(response.get("output")) or _rebuilt(seen)
        return self._outcome(response, output, whole=whole, error=error)

    def ends(self, tail: bytes) -> bool:
        """Whether the tail holds the beginning of a terminal event and its blank line.

        A terminal event repeats the whole response, so a short tail shows only its end, which looks like the end of
        other events. Then this is False, and the end of the stream has to be told by the end of the connection.
        """
        return _BLANK.search(tail) is not None and _END.search(tail) is not None

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """See `Form.failure`."""
        return errors.failure(message, code=code, status=status)

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """An `error` event: flat, as the reference says, and with the `error` member that makes SDKs raise."""
        error = {"message": errors.words(message), "type": errors.KIND, "param": None, "code": code or None}
        event = {"type": "error", "sequence_number": 0, "code": code or None, "message": error["message"]}
        return encode(orjson.dumps({**event, "param": None, "error": error}), event="error")

    def _outcome(self, response: Mapping[str, Any], output: list[Any], *, whole: bool, error: str = "") -> Outcome:
        turns = (self.turn(item) for item in output)
        details = mapping(response.get("incomplete_details"))
        return Outcome(
            turns=tuple(turn for turn in turns if turn.role not in SILENT),
            id=word(response.get("id")),
            model=word(response.get("model")),
            finish=word(details.get("reason")) or word(response.get("status")),
            usage=tokens(response.get("usage")),
            error=errors.told(response) or error,
            whole=whole,
            tier=word(response.get("service_tier")),
        )


def _failed(event: Mapping[str, Any]) -> str:
    """The message of an error event, flat or nested."""
    if event.get("type") != "error" and "type" in event:
        return ""
    return errors.told(event) or word(event.get("message"))


def _rebuilt(events: list[Mapping[str, Any]]) -> list[Any]:
    """The output as far as it was streamed: finished items, and the text of unfinished messages."""
    items: dict[int, Any] = {}
    texts: dict[int, list[str]] = {}
    for event in events:
        index = event.get("output_index")
        if not isinstance(index, int):
            continue
        if event.get("type") == "response.output_item.done":
            items[index] = event.get("item")
        elif event.get("type") in ("response.output_text.delta", "response.refusal.delta"):
            texts.setdefault(index, []).append(word(event.get("delta")))
    for index, pieces in texts.items():
        message = {"type": "message", "role": "assistant", "content": mended("".join(pieces))}
        items.setdefault(index, message)
    return [items[index] for index in sorted(items)]


def _hosted(fields: Mapping[str, Any], kind: str, id: str) -> ToolCall:
    """A hosted tool's call: its wish without nulls, which clients leave out when they send it back."""
    wish = next((fields[key] for key in _WISHES if fields.get(key) is not None), None)
    return ToolCall(id, word(fields.get("name")) or kind.removesuffix("_call"), written(_bare(wish)))


def _bare(value: object) -> object:
    """A JSON value without null members."""
    if isinstance(value, dict):
        return {key: _bare(member) for key, member in value.items() if member is not None}
    return [_bare(member) for member in value] if isinstance(value, list) else value


def _plain(kind: str) -> str:
    """A compaction goes by one name, however it was made."""
    return "compaction" if kind.startswith("compaction") else kind

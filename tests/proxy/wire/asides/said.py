"""Streams with calls of a tool `seek` in each wire form, and how they are cut.

It must not know what is tested.
"""

import json
from itertools import pairwise
from typing import Any

from proxy.wire import Asides, Joined
from proxy.wire.asides.chat import ChatAsides
from proxy.wire.asides.messages import MessagesAsides
from proxy.wire.asides.responses import ResponsesAsides
from tests.live.replies import chat_stream, delta, message, message_stream, response, response_stream, tool_call

Json = dict[str, Any]
OWN = frozenset(("seek",))
ASIDES: dict[str, Asides] = {"chat": ChatAsides(), "messages": MessagesAsides(), "responses": ResponsesAsides()}
PLAIN: dict[str, list[Json | str]] = {
    "chat": chat_stream("A", "head."),
    "messages": message_stream(),
    "responses": response_stream(),
}


def wire(events: list[Json | str], *, named: bool = False) -> bytes:
    """Events as they come from a provider."""
    out = b""
    for event in events:
        name = f"event: {event['type']}\n" if named and isinstance(event, dict) and "type" in event else ""
        out += f"{name}data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
    return out


def calls(form: str, *names: str) -> list[Json | str]:
    """A stream that says `Hm.` and calls these tools."""
    return {"chat": _chat, "messages": _messages, "responses": _responses}[form](names)


def _chat(names: tuple[str, ...]) -> list[Json | str]:
    pieces = [
        delta(tool_calls=[piece])
        for place, name in enumerate(names)
        for piece in (tool_call(place, "", f"call_{name}", name), tool_call(place, '{"q":'), tool_call(place, '"é"}'))
    ]
    return [delta(role="assistant", content=""), delta(content="Hm."), *pieces, delta("tool_calls"), "[DONE]"]


def _messages(names: tuple[str, ...]) -> list[Json | str]:
    events: list[Json | str] = [*message_stream("Hm.")[:-2]]
    for place, name in enumerate(names, 2):
        block = {"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": {}}
        pieces = ('{"q":', '"é"}')
        events += [
            {"type": "content_block_start", "index": place, "content_block": block},
            *(_piece(place, piece) for piece in pieces),
            {"type": "content_block_stop", "index": place},
        ]
    stop = {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 20}}
    return [*events, stop, {"type": "message_stop"}]


def _piece(index: int, text: str) -> Json:
    return {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": "input_json_delta", "partial_json": text},
    }


def _responses(names: tuple[str, ...]) -> list[Json | str]:
    events: list[Any] = response_stream("Hm.")[:-2]
    items = [
        {"type": "function_call", "id": f"fc_{name}", "call_id": f"call_{name}", "name": name, "arguments": '{"q":"é"}'}
        for name in names
    ]
    for place, item in enumerate(items, 1):
        events += [
            {"type": "response.output_item.added", "output_index": place, "item": {**item, "arguments": ""}},
            {"type": "response.function_call_arguments.delta", "output_index": place, "delta": '{"q":"é"}'},
            {"type": "response.output_item.done", "output_index": place, "item": item},
        ]
    whole = response(text="Hm.", store=False)
    whole["output"] += items
    events.append({"type": "response.completed", "response": whole})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def fed(joined: Joined, body: bytes, cuts: list[int]) -> bytes:
    """What goes on to the client for a body that comes in pieces."""
    borders = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    out = b""
    for begin, end in pairwise(borders):
        out += b"".join(joined.feed(body[begin:end]))
    return out + b"".join(joined.over())


def parsed(body: bytes) -> list[Any]:
    """The events of a stream, parsed; `[DONE]` as a string."""
    datas = [line.removeprefix("data: ") for line in body.decode().splitlines() if line.startswith("data: ")]
    return [data if data == "[DONE]" else json.loads(data) for data in datas]


def answered(form: str, id: str) -> list[Json | str]:
    """The stream that answers after the call, under another id."""
    if form == "chat":
        return [event if isinstance(event, str) else {**event, "id": id} for event in PLAIN["chat"]]
    if form == "messages":
        start: Any = message_stream()[0]
        return [{**start, "message": {**message(), "id": id, "content": []}}, *message_stream()[1:]]
    events: list[Any] = response_stream()
    done = events[-1]
    return [*events[:-1], {**done, "response": response(id=id, store=False)}]

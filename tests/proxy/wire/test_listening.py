"""Tool calls heard in passing: each once, as soon as it is complete, however the stream is cut."""

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.conversation import ToolCall
from proxy.wire.forms import Forms
from proxy.wire.listening import Listener, Scanner
from tests.live.replies import chat, delta, message, response, tool_call, tool_stream

FORMS = Forms()
ARGUMENTS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(st.none() | st.integers() | st.text(max_size=12), st.lists, max_leaves=6),
    max_size=4,
)
CALLS = st.lists(ARGUMENTS.map(json.dumps), min_size=1, max_size=3)


def spelled(events: Iterable[Mapping[str, Any] | str]) -> list[bytes]:
    """The events of a stream as they are on the wire."""
    told = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return [f"data: {data}\n\n".encode() for data in told]


def pieces(text: str, size: int) -> list[str]:
    return [text[place : place + size] for place in range(0, len(text), size)] or [""]


def chat_events(arguments: list[str], size: int) -> list[Any]:
    events: list[Any] = [delta(role="assistant", content=None)]
    for index, text in enumerate(arguments):
        events.append(delta(tool_calls=[tool_call(index, "", f"id{index}", f"tool{index}")]))
        events += [delta(tool_calls=[tool_call(index, piece)]) for piece in pieces(text, size)]
    return [*events, delta("tool_calls"), "[DONE]"]


def message_events(arguments: list[str], size: int) -> list[Any]:
    events: list[Any] = [{"type": "message_start", "message": {**message(), "content": []}}]
    for index, text in enumerate(arguments):
        block = {"type": "tool_use", "id": f"id{index}", "name": f"tool{index}", "input": {}}
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        for piece in pieces(text, size):
            part = {"type": "input_json_delta", "partial_json": piece}
            events.append({"type": "content_block_delta", "index": index, "delta": part})
        events.append({"type": "content_block_stop", "index": index})
    return [*events, {"type": "message_stop"}]


def response_events(arguments: list[str], size: int) -> list[Any]:
    events: list[Any] = [{"type": "response.created", "response": {**response(), "output": []}}]
    for index, text in enumerate(arguments):
        item = {"type": "function_call", "id": f"fc{index}", "call_id": f"id{index}", "name": f"tool{index}"}
        place = {"item_id": f"fc{index}", "output_index": index}
        events.append({"type": "response.output_item.added", "output_index": index, "item": {**item, "arguments": ""}})
        for piece in pieces(text, size):
            events.append({"type": "response.function_call_arguments.delta", **place, "delta": piece})
        events.append({"type": "response.function_call_arguments.done", **place, "arguments": text})
        done = {**item, "arguments": text, "status": "completed"}
        events.append({"type": "response.output_item.done", "output_index": index, "item": done})
    return [*events, {"type": "response.completed", "response": response()}]


STREAMS = {"chat": chat_events, "messages": message_events, "responses": response_events}


def heard(form: str, chunks: Iterable[bytes], **given: Any) -> list[ToolCall]:
    calls: list[ToolCall] = []
    listener = Listener(FORMS.named(form), calls.append, **{"events": True, **given})
    for chunk in chunks:
        listener.feed(chunk)
    return calls


@pytest.mark.parametrize("form", STREAMS)
@given(arguments=CALLS, size=st.integers(1, 9), cut=st.integers(1, 200))
@settings(deadline=None, max_examples=60)
def test_every_call_is_heard_once_however_it_is_cut(form: str, arguments: list[str], size: int, cut: int) -> None:
    """With the arguments as they were written, in order; the same that is read from the whole reply at its end."""
    body = b"".join(spelled(STREAMS[form](arguments, size)))
    chunks = [body[place : place + cut] for place in range(0, len(body), cut)]
    expected = [ToolCall(f"id{index}", f"tool{index}", text) for index, text in enumerate(arguments)]
    assert heard(form, chunks) == expected


@pytest.mark.parametrize("form", STREAMS)
def test_a_call_is_heard_before_the_reply_goes_on(form: str) -> None:
    """With the very event that completes its arguments; the next call and the end are still to come."""
    events = spelled(STREAMS[form](['{"a": "{\\"}"}', '{"b": [1, {}]}'], 4))
    counts = [len(heard(form, events[: place + 1])) for place in range(len(events))]
    first, second = counts.index(1), counts.index(2)
    assert first < second < len(events) - 1
    assert b"tool1" not in b"".join(events[: first + 1])


def test_interleaved_calls() -> None:
    """Pieces of two calls in turns."""
    found = heard("chat", spelled(tool_stream()))
    assert [(call.name, call.arguments) for call in found] == [
        ("scout", '{"road": "north"}'),
        ("signal", '{"horn": true}'),
    ]


def test_servers_that_number_all_calls_zero() -> None:
    """Another id with a name of its own is another call."""
    events = [
        delta(tool_calls=[tool_call(0, "", "a", "one")]),
        delta(tool_calls=[tool_call(0, "", "b", "two")]),
        delta(tool_calls=[tool_call(0, '{"x": 1}')]),
        delta("tool_calls"),
    ]
    assert heard("chat", spelled(events)) == [ToolCall("a", "one", ""), ToolCall("b", "two", '{"x": 1}')]


def test_the_older_function_call() -> None:
    """It has no id."""
    events = [delta(function_call={"name": "f", "arguments": '{"a"'}), delta(function_call={"arguments": ": 1}"})]
    assert heard("chat", spelled([*events, delta("function_call")])) == [ToolCall("", "f", '{"a": 1}')]


WHOLE = {
    "chat": chat(None, tool_calls=[{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}]),
    "messages": message({"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}),
    "responses": response(
        output=[{"type": "function_call", "id": "x", "call_id": "c", "name": "f", "arguments": "{}"}]
    ),
}


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_reply_that_is_no_stream(form: str, encoding: str) -> None:
    """Heard with its last byte, compressed or not."""
    body = json.dumps(WHOLE[form], indent=1).encode()
    body = gzip.compress(body) if encoding else body
    chunks = [body[place : place + 50] for place in range(0, len(body), 50)]
    assert [(call.id, call.name) for call in heard(form, chunks, events=False, encoding=encoding)] == [("c", "f")]


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_what_cannot_be_read_is_not_heard(encoding: str) -> None:
    """Nor is a body that is too long, or none of its form."""
    assert heard("chat", [b"\x00\x01"], encoding=encoding) == []
    assert heard("chat", [b'{"choices": [{"message": "}', b'"}]}'], events=False) == []
    assert heard("chat", [b"x" * 100 + b"}"], events=False, limit=10) == []
    assert (
        heard("chat", [b"data: {\n\n", b"data: tool_calls\n\n", b'data: {"choices": 1, "x": "tool_calls"}\n\n']) == []
    )


@given(ARGUMENTS.map(json.dumps), st.integers(1, 5))
@settings(deadline=None, max_examples=60)
def test_an_object_is_closed_with_its_last_character(text: str, size: int) -> None:
    """And not before, whatever its texts hold."""
    scanner = Scanner()
    closed = [scanner.feed(piece) for piece in pieces(text, size)]
    assert closed == [False] * (len(closed) - 1) + [True]


@given(st.text(alphabet='x{}[]"\\ ', max_size=20))
@settings(deadline=None, max_examples=60)
def test_text_that_is_no_object_is_never_closed(text: str) -> None:
    """A custom tool's input may hold anything."""
    assert not any(map(Scanner().feed, ["x", text]))

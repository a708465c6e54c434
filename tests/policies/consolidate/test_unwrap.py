"""The filter on whole replies and streams of each form: bytes as they came, or the words without the state."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.consolidate.tags import CLOSE, OPEN, stripped
from policies.consolidate.unwrap import Unwrap, state_of
from proxy.wire.forms import Forms
from tests.live.replies import chat, chat_stream, delta, message, response, tool_call

FORMS = ["chat", "responses", "messages"]
BLOCK = f"{OPEN}\nfound é 3 <b>\n{CLOSE}\n\n"
PIECES = st.lists(
    st.sampled_from([BLOCK, OPEN, CLOSE, "<", "a ", "Hello. ", "\n", OPEN[:4], "é"]), min_size=1, max_size=6
)
Json = dict[str, Any]


def sse(events: list[Json | str], named: bool) -> bytes:
    """A stream's bytes."""
    lines = []
    for event in events:
        name = f"event: {event['type']}\n" if named and isinstance(event, dict) else ""
        lines.append(f"{name}data: {event if isinstance(event, str) else json.dumps(event)}\n\n")
    return "".join(lines).encode()


def stream(form: str, texts: list[str], called: bool = False, *, thought: bool = True) -> bytes:
    """A stream that says these texts, a chunk each, and calls a tool after them."""
    if form == "chat":
        events = chat_stream(*texts)
        if called:
            events[-2:-2] = [delta(tool_calls=[tool_call(0, "{}", "call_1", "scout")])]
        return sse(events, named=False)
    return sse(
        _responses(texts, called) if form == "responses" else _messages(texts, called, thought=thought), named=True
    )


def _responses(texts: list[str], called: bool) -> list[Json | str]:
    whole = response(text="".join(texts))
    item, place = whole["output"][0], {"item_id": "msg_7", "output_index": 0, "content_index": 0}
    if called:
        whole["output"].append({"type": "function_call", "call_id": "call_1", "name": "scout", "arguments": "{}"})
    events: list[Json] = [
        {"type": "response.created", "response": {**whole, "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.content_part.added", **place, "part": {**item["content"][0], "text": ""}},
        *({"type": "response.output_text.delta", **place, "delta": text, "logprobs": []} for text in texts),
        {"type": "response.output_text.done", **place, "text": "".join(texts), "logprobs": []},
        {"type": "response.content_part.done", **place, "part": item["content"][0]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        *({"type": "response.output_item.done", "output_index": 1, "item": call} for call in whole["output"][1:]),
        {"type": "response.completed", "response": whole},
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _messages(texts: list[str], called: bool, *, thought: bool = True) -> list[Json | str]:
    start: Json = {**message(), "content": [], "stop_reason": None}
    thinking = {"type": "thinking", "thinking": "", "signature": ""}
    tool = {"type": "tool_use", "id": "call_1", "name": "scout", "input": {}}
    blocks: list[tuple[Json, list[Json]]] = [
        (thinking, [{"type": "thinking_delta", "thinking": "Hm."}]),
        ({"type": "text", "text": ""}, [{"type": "text_delta", "text": text} for text in texts]),
        (tool, [{"type": "input_json_delta", "partial_json": "{}"}]),
    ]
    events: list[Json | str] = [{"type": "message_start", "message": start}]
    for index, (block, deltas) in enumerate(blocks[not thought : 2 + called]):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}
    return [*events, end, {"type": "message_stop"}]


def whole(form: str, text: str, called: bool = False) -> bytes:
    """The same as a document."""
    if form == "chat":
        call = {"id": "call_1", "type": "function", "function": {"name": "scout", "arguments": "{}"}}
        return json.dumps(chat(text, **({"tool_calls": [call]} if called else {}))).encode()
    if form == "responses":
        made = response(text=text)
        call = {"type": "function_call", "call_id": "call_1", "name": "scout", "arguments": "{}"}
        made["output"] += [call] if called else []
        return json.dumps(made).encode()
    tool = [{"type": "tool_use", "id": "call_1", "name": "scout", "input": {}}] if called else []
    return json.dumps(message({"type": "text", "text": text}, *tool)).encode()


def through(form: str, body: bytes, places: list[int]) -> bytes:
    """What the client gets of a body that comes in these pieces."""
    reader = Unwrap(form)
    borders = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    out = [piece for start, end in pairwise(borders) for piece in reader.feed(body[start:end])]
    return b"".join([*out, *reader.end()])


def view(form: str, body: bytes, events: bool) -> tuple[str, list[str], str]:
    """What a client reads: text, calls, how it ended."""
    outcome = Forms().named(form).fold(body, events=events)
    calls = [call.name for turn in outcome.turns for call in turn.calls]
    assert outcome.whole
    return "".join(turn.text for turn in outcome.turns), calls, outcome.finish


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("called", [False, True])
@settings(max_examples=60)
@given(texts=PIECES, places=st.lists(st.integers(0, 5000), max_size=8))
def test_however_the_bytes_are_cut_the_client_reads_the_same(
    form: str, called: bool, texts: list[str], places: list[int]
) -> None:
    """The words without the states, as if the whole text had been there at once; calls and ends as they were."""
    body = stream(form, texts, called)
    text, calls, finish = view(form, through(form, body, places), events=True)
    assert (text, calls, finish) == view(form, through(form, body, []), events=True)
    assert (calls, finish) == view(form, body, events=True)[1:]
    expected = stripped("".join(texts))
    if form != "messages" or expected or called:
        assert text == expected
    if OPEN not in "".join(texts):
        assert through(form, body, places) == body


@pytest.mark.parametrize("form", FORMS)
@given(texts=PIECES, places=st.lists(st.integers(0, 2000), max_size=5))
def test_a_whole_reply_says_what_its_stream_says(form: str, texts: list[str], places: list[int]) -> None:
    """And holds the same state."""
    body = whole(form, "".join(texts))
    got = through(form, body, places)
    said = view(form, got, events=False)[0]
    if said.strip():
        assert said == view(form, through(form, stream(form, texts), places), events=True)[0]
    assert state_of(body, form) == state_of(stream(form, texts), form)
    if OPEN not in "".join(texts):
        assert got == body


@pytest.mark.parametrize("form", FORMS)
def test_words_after_the_block_stream_on(form: str) -> None:
    """Each as it comes, in the bytes in which it came; of the block nothing is given."""
    reader = Unwrap(form)
    events = stream(form, [OPEN, "found 3", CLOSE, "\n\n", "Hel", "lo"]).split(b"\n\n")
    given: list[bytes] = []
    for event in events[:-1]:
        got = b"".join(reader.feed(event + b"\n\n"))
        assert b"found 3" not in got or b"delta" not in event
        given.append(got)
        if b'"lo"' in event:
            assert got == event + b"\n\n"
    assert reader.state == "found 3"


@pytest.mark.parametrize("form", FORMS)
def test_a_block_of_nothing_but_a_state_before_a_call(form: str) -> None:
    """Leaves the call; in Messages no empty text, which the API would not take back, and no gap in the numbers."""
    for body, events in ((stream(form, [BLOCK], called=True), True), (whole(form, BLOCK, called=True), False)):
        got = through(form, body, [])
        assert view(form, got, events=events)[:2] == ("", ["scout"])
        assert state_of(body, form) == "found é 3 <b>"
        if form == "messages":
            assert b'"type":"text"' not in got.replace(b" ", b"")
            assert not events or b'"index":2' not in got.replace(b" ", b"")


def test_a_reply_of_nothing_but_a_state_is_no_empty_message() -> None:
    """Claude takes no empty one back: it says the state after all."""
    for thought in (False, True):
        got = through("messages", stream("messages", [BLOCK], thought=thought), [])
        assert view("messages", got, events=True)[0] == "found é 3 <b>"
        assert OPEN.encode() not in got
    got = through("messages", whole("messages", BLOCK), [])
    assert view("messages", got, events=False)[0] == "found é 3 <b>"
    assert OPEN.encode() not in got


def test_each_choice_is_a_text_of_its_own() -> None:
    """Interleaved."""
    events = [
        delta(index=number % 2, content=text) for number, text in enumerate([OPEN, "B", "a", "b", CLOSE, "", "A", ""])
    ]
    got = through("chat", sse([*events, delta("stop"), delta("stop", 1), "[DONE]"], named=False), [])
    said: dict[int, str] = {}
    for line in got.decode().split("\n\n")[:-2]:
        for choice in json.loads(line.removeprefix("data: "))["choices"]:
            said[choice["index"]] = said.get(choice["index"], "") + (choice["delta"].get("content") or "")
    assert said == {0: "A", 1: "Bb"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "body", [b"", b"  ", b"{", b"not json", b'{"error": {"message": "no"}}', b"\x1f\x8b\x08zip", b"[1]", b"data: {\n\n"]
)
def test_what_is_no_reply_passes(form: str, body: bytes) -> None:
    """Errors, other encodings, half a document: byte for byte."""
    for places in ([], [1], [1, 2, 3]):
        assert through(form, body, places) == body


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_that_breaks_off_loses_nothing(form: str) -> None:
    """What was held is given at the end, and meanwhile told to the road, should the filter fault."""
    reader = Unwrap(form)
    body = stream(form, ["Hello ", OPEN[:6]])
    cut = body.index(json.dumps(OPEN[:6])[1:-1].encode())
    out = list(reader.feed(body[: body.index(b"\n\n", cut) + 2]))
    assert OPEN[:6].encode() in reader.held
    assert b"Hello " in b"".join(out)
    assert OPEN[:6].encode() in b"".join(reader.end())
    assert reader.held == b""

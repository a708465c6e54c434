"""The usage of all calls in the client's reply: streamed or not, in three forms, and no other byte touched."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.inner.billing import Bill
from policies.inner.spent import Spent
from proxy.testing import Script

SPENT = Spent(3, 100, 20, 40, 5, 7)
CHAT = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13, "prompt_tokens_details": {"cached_tokens": 1}}
RESPONSES = {
    "input_tokens": 10,
    "output_tokens": 3,
    "total_tokens": 13,
    "output_tokens_details": {"reasoning_tokens": 2},
}


def stream(*events: Any, named: bool = False) -> bytes:
    return b"".join(piece.data for piece in Script.sse(*events, named=named).pieces)


def through(bill: Bill, body: bytes, size: int = 7) -> bytes:
    out = [part for at in range(0, len(body), size) for part in bill.feed(body[at : at + size])]
    return b"".join([*out, *bill.end()])


def data(body: bytes) -> list[Any]:
    lines = [line[6:] for line in body.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(line) if line != "[DONE]" else line for line in lines]


def test_chat() -> None:
    """Counts and the details that are there."""
    document = {"id": "c", "choices": [], "usage": CHAT}
    told = json.loads(through(Bill("chat", SPENT), json.dumps(document).encode()))
    assert told["usage"] == {
        "prompt_tokens": 110,
        "completion_tokens": 23,
        "total_tokens": 133,
        "prompt_tokens_details": {"cached_tokens": 41},
    }


def test_a_chat_stream() -> None:
    """Only the chunk with the usage is changed; a usage of null stays."""
    events = [{"choices": [{"delta": {"content": "hi"}}], "usage": None}, {"choices": [], "usage": CHAT}, "[DONE]"]
    came = stream(*events)
    went = through(Bill("chat", SPENT), came)
    assert data(went)[:1] == events[:1]
    assert data(went)[1]["usage"]["total_tokens"] == 133
    assert went.endswith(b"data: [DONE]\n\n")


def test_a_responses_stream() -> None:
    """In the closing event, whose name stays."""
    done = {"type": "response.completed", "response": {"id": "r", "usage": RESPONSES}}
    went = through(
        Bill("responses", SPENT), stream({"type": "response.created", "response": {"id": "r"}}, done, named=True)
    )
    usage = data(went)[1]["response"]["usage"]
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (110, 23, 133)
    assert usage["output_tokens_details"] == {"reasoning_tokens": 9}
    assert b"event: response.completed\n" in went


def test_a_messages_stream() -> None:
    """The prompt at the start, the answer at the end; cached tokens are counted apart, as there."""
    start = {
        "type": "message_start",
        "message": {"usage": {"input_tokens": 10, "cache_read_input_tokens": 0, "output_tokens": 1}},
    }
    delta = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 3}}
    told = data(through(Bill("messages", SPENT), stream(start, delta, named=True)))
    assert told[0]["message"]["usage"] == {"input_tokens": 65, "cache_read_input_tokens": 40, "output_tokens": 1}
    assert told[1]["usage"] == {"output_tokens": 23}


def test_half_of_a_surrogate_pair_stays_escaped() -> None:
    """A reply may be cut in the midst of an emoji; it is UTF-8 all the same."""
    document = {"choices": [{"message": {"content": "cut \ud83d"}}], "usage": CHAT}
    went = through(Bill("chat", SPENT), json.dumps(document).encode())
    assert json.loads(went.decode())["choices"] == document["choices"]


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
@given(body=st.binary(max_size=200), size=st.integers(1, 50))
def test_whatever_else_comes_passes(form: str, body: bytes, size: int) -> None:
    """Byte for byte, whatever it is and however it is cut."""
    if b'"usage"' not in body:
        assert through(Bill(form, SPENT), body, size) == body


def test_an_event_does_not_wait_for_the_next() -> None:
    """What is complete goes on at once; what is held is told."""
    bill = Bill("chat", SPENT)
    event = stream({"choices": []})
    assert bill.feed(event) == [event]
    bill.feed(b"data: {")
    assert bill.held == b"data: {"
    assert b"".join(bill.end()) == b"data: {"

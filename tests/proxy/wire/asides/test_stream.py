"""Streams joined to one, however they are cut: what is not ours passes byte for byte, what is ours never appears."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proxy.wire.asides.said import ASIDES, OWN, PLAIN, answered, calls, fed, parsed, wire

CUTS = st.lists(st.integers(0, 100_000), max_size=30)
FORMS = st.sampled_from(sorted(ASIDES))


@given(FORMS, CUTS, st.booleans())
def test_a_reply_without_our_call_passes_unchanged(form: str, cuts: list[int], named: bool) -> None:
    """With and without calls of the client's own tools, named events or not."""
    for events in (PLAIN[form], calls(form, "scout"), calls(form, "scout", "signal")):
        body = wire(events, named=named)
        joined = ASIDES[form].joined(OWN, events=True)
        assert fed(joined, body, cuts) == body
        assert joined.wanted is None


@given(FORMS, CUTS, st.sampled_from([b": ping\n\n", b'data: {"type": "ping"}\n\n', b"\r\n", b"data: cut off"]))
def test_strange_bytes_pass_too(form: str, cuts: list[int], strange: bytes) -> None:
    """Comments, unknown events, blank lines, and what never becomes an event."""
    body = strange + wire(PLAIN[form][:-1]) + strange
    assert fed(ASIDES[form].joined(OWN, events=True), body, cuts) == body


@given(FORMS, CUTS, st.sampled_from([("seek",), ("scout", "seek"), ("seek", "scout"), ("seek", "seek2", "seek")]))
def test_our_call_is_taken_out(form: str, cuts: list[int], names: tuple[str, ...]) -> None:
    """Text before it has gone on; the call is wanted with its arguments; other tools' calls are left out."""
    joined = ASIDES[form].joined(OWN, events=True)
    out = fed(joined, wire(calls(form, *names)), cuts)
    assert b"seek" not in out
    assert b"scout" not in out
    assert b"Hm." in out
    wanted = joined.wanted
    assert wanted is not None
    assert {call.name for call in wanted.calls} == {"seek"}
    assert json.loads(wanted.calls[0].arguments) == {"q": "é"}
    assert wanted.shown == "Hm."
    assert b"scout" not in b"".join(wanted.items)
    assert b"Hm." in b"".join(wanted.items)


@given(FORMS, CUTS, CUTS, st.integers(1, 3))
def test_several_replies_read_as_one(form: str, cuts: list[int], more: list[int], rounds: int) -> None:
    """One beginning, one end, numbers that go on, whatever was cut where."""
    joined = ASIDES[form].joined(OWN, events=True)
    out = b""
    for _ in range(rounds):
        out += fed(joined, wire(calls(form, "seek")), cuts)
        joined.next()
    out += fed(joined, wire(answered(form, "another")), more)
    assert b"seek" not in out
    assert b"another" not in out
    {"chat": _one_chat, "messages": _one_message, "responses": _one_response}[form](parsed(out), rounds)


def _one_chat(events: list[Any], rounds: int) -> None:
    deltas = [event["choices"][0] for event in events[:-1]]
    assert "".join(each["delta"].get("content") or "" for each in deltas) == "\n\n".join(["Hm."] * rounds + ["Ahead."])
    assert [each["finish_reason"] for each in deltas if each["finish_reason"]] == ["stop"]
    assert sum("role" in each["delta"] for each in deltas) == 1
    assert events.count("[DONE]") == 1
    assert events[-1] == "[DONE]"


def _one_message(events: list[Any], rounds: int) -> None:
    kinds = [event["type"] for event in events]
    assert kinds.count("message_start") == kinds.count("message_delta") == kinds.count("message_stop") == 1
    starts = [event["index"] for event in events if event["type"] == "content_block_start"]
    assert starts == list(range(2 * rounds + 2))
    last = next(event for event in events if event["type"] == "message_delta")
    assert last["usage"]["output_tokens"] == 20 * rounds + 9
    assert last["usage"]["input_tokens"] == 12 * (rounds + 1)
    assert last["delta"]["stop_reason"] == "end_turn"


def _one_response(events: list[Any], rounds: int) -> None:
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    kinds = [event["type"] for event in events]
    assert kinds.count("response.created") == kinds.count("response.completed") == 1
    added = [event["output_index"] for event in events if event["type"] == "response.output_item.added"]
    assert added == list(range(rounds + 1))
    last = events[-1]["response"]
    assert [item["content"][0]["text"] for item in last["output"]] == ["Hm."] * rounds + ["Ahead."]
    assert last["usage"]["total_tokens"] == 15 * (rounds + 1)


@pytest.mark.parametrize("form", sorted(ASIDES))
def test_a_stream_that_breaks_off_in_our_call_wants_nothing_yet(form: str) -> None:
    """Nothing is answered before the reply has ended."""
    body = wire(calls(form, "seek"))
    joined = ASIDES[form].joined(OWN, events=True)
    out = b"".join(joined.feed(body[: body.rindex(b"data:") - 1]))
    assert joined.wanted is None
    assert b"seek" not in out

"""Turns as events."""

import json

from policies.prefetch.retelling import Reply, events, mark_of, replied, retold, untold
from policies.prefetch.state import State
from proxy.conversation import ToolCall, ToolResult, Turn
from proxy.wire.forms import Forms
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, after, visit


def turns(lines: int) -> tuple[Turn, ...]:
    """A visit as a client sends it."""
    body = json.dumps({"model": "m", "messages": messages(visit(3))[: lines + 1]}).encode()
    conversation = Forms().of("POST", "/v1/chat/completions").read(body).conversation
    assert conversation is not None
    return conversation.turns


def test_a_history_read_again_shows_what_it_showed() -> None:
    """All of it, from the client's bytes."""
    state = State()
    retold(state, turns(len(visit(3))), READS.__contains__)
    live = after(visit(3))
    assert state.sources == live.sources
    assert state.events == live.events
    assert state.done == live.done


def test_a_reply_in_several_items_is_one() -> None:
    """As Responses has it."""
    told = (
        Turn("user", "Hi"),
        Turn("reasoning"),
        Turn("assistant", "Let me see."),
        Turn("assistant", calls=(ToolCall("1", "f", "{}"),)),
        Turn("assistant", calls=(ToolCall("2", "g", '{"a": 1}'),)),
        Turn("tool", results=(ToolResult("1", "x"),)),
    )
    found = list(events(told))
    assert len(found) == 3
    assert isinstance(found[1], Reply)
    assert [call.key for _, call in found[1].calls] == ["f{}", 'g{"a":1}']


def test_what_is_new_begins_after_the_reply() -> None:
    """And another history is told apart."""
    before, later = turns(3), turns(5)
    rest = untold(later, len(before), mark_of(before))
    assert rest is not None
    assert [turn.role for turn in rest] == ["tool"]
    assert untold(later, len(before), "00") is None
    assert untold(before, len(later), mark_of(later)) is None
    assert untold(later, 0, "") is None


def test_a_call_that_cannot_be_read_is_no_reply() -> None:
    """Nothing is learned from what was cut off."""
    assert replied((Turn("assistant", calls=(ToolCall("1", "f", '{"a": '),)),)) is None
    assert replied(()) is None

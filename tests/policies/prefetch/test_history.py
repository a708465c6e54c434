"""Sessions as they are kept."""

import json

from policies.prefetch import history
from policies.prefetch.history import KEPT, Trace, joined, masked, packed, steps, unpacked
from policies.prefetch.language import parse
from policies.prefetch.masking import Mask
from policies.prefetch.pool import outcome
from policies.prefetch.running import run
from proxy.conversation import Turn
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, visit
from tests.policies.prefetch.test_prefetch import FORM

CLERK = parse(
    {
        "rules": [
            {
                "when": [{"fresh": "get_user:orders[]", "for": "get_order.order_id"}],
                "call": "get_order",
                "with": {"order_id": {"from": "get_user:orders[]", "pick": "each"}},
            },
            {"when": [{"after": ["get_order"]}, {"turn": "result"}], "reply": True},
            {
                "when": [{"after": ["find_user"]}],
                "call": "get_user",
                "with": {"user_id": {"from": "find_user:", "pick": "latest"}},
            },
            {
                "when": [{"turn": "user"}, {"not": {"has": "find_user:"}}],
                "call": "find_user",
                "with": {"email": {"from": "user:@"}},
            },
        ]
    }
)


def turns(number: int, orders: int = 2) -> tuple[Turn, ...]:
    """A customer's conversation."""
    conversation = FORM.read(
        json.dumps({"model": "m", "messages": messages(visit(number, orders))}).encode()
    ).conversation
    assert conversation is not None
    return conversation.turns


def trace(number: int, orders: int = 2) -> Trace:
    """The same as it is kept."""
    return masked(f"s{number}", turns(number, orders), Mask(f"s{number}"), READS.__contains__)


def test_no_value_is_kept() -> None:
    """Neither of the user, nor of a result, nor of a call."""
    told = json.dumps(trace(3))
    assert not any(word in told for word in ("liam", "#W3", "example", "pending", "needed"))
    assert all(word in told for word in ("get_order", "order_id", "orders", "@"))


def test_what_holds_in_a_session_holds_in_what_is_kept_of_it() -> None:
    """A program is right at the same steps."""
    outcomes = [outcome(run(CLERK, step.state), step.call) for step in steps(trace(3, 3))]
    plain = masked("s", turns(3, 3), Mask("s", {"liam3", "liam", "example", "com"}), READS.__contains__)
    assert outcomes == [outcome(run(CLERK, step.state), step.call) for step in steps(plain)]
    assert outcomes[:6] == [1, 1, 1, 1, 1, 1]


def test_a_session_that_goes_on_takes_its_own_place() -> None:
    """And of too many the oldest goes."""
    kept: list[Trace] = []
    for number in range(KEPT + 2):
        kept = joined(kept, trace(number))
    assert [each.session for each in kept] == [f"s{number}" for number in range(2, KEPT + 2)]
    assert [each.session for each in joined(kept, trace(5))][-1] == "s5"
    assert len(joined(kept, trace(5))) == KEPT


def test_it_is_packed_within_a_bound(monkeypatch: object) -> None:
    """What cannot be read is nothing."""
    kept = [trace(number) for number in range(6)]
    assert unpacked(packed(kept)) == [Trace(each.session, json.loads(json.dumps(each.events))) for each in kept]
    monkeypatch.setattr(history, "MOST_CHARS", len(packed(kept)) // 2)  # type: ignore[attr-defined]
    assert 0 < len(unpacked(packed(kept))) < 6
    assert unpacked("") == unpacked("nonsense") == unpacked("eJyLjgUAARUAuQ==!") == []


def test_long_things_are_cut() -> None:
    """A result that is too long is known to have come, and no more."""
    long = json.dumps([{"a": "x" * 150, "b": number} for number in range(900)])
    items = [
        {"role": "user", "content": "word " * 5000},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "plain " * 5000},
        {"role": "assistant", "tool_calls": [{"id": "2", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "2", "content": long},
    ]
    conversation = FORM.read(json.dumps({"messages": items}).encode()).conversation
    assert conversation is not None
    told = masked("s", conversation.turns, Mask("s"), READS.__contains__)
    assert len(json.dumps(told)) < 6_000
    assert [event[0] for event in told.events] == ["user", "calls", "result", "calls", "result"]

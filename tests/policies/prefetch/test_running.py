"""Behaviour programs run."""

from hypothesis import given, settings

from policies.prefetch.language import Program, parse
from policies.prefetch.running import MOST_CALLS, run
from policies.prefetch.state import State
from tests.policies.prefetch.shop import ID, after, visit
from tests.policies.prefetch.test_language import PROGRAMS, SHOP


def test_each_value_that_was_not_tried() -> None:
    """A call for every order that is left, none for what was fetched."""
    given_ = {"order_id": {"from": "get_user:orders[]", "pick": "each"}}
    program = parse({"rules": [{"when": [], "call": "get_order", "with": given_}]})
    act = run(program, after(visit(3, 3)[:7]))
    assert act is not None
    assert [each.values()["order_id"] for each in act.calls] == ["#W31777", "#W32777"]


def test_the_first_rule_that_holds_counts() -> None:
    """After all orders: a reply."""
    act = run(parse(SHOP), after(visit(3, 2)[:9]))
    assert act is not None
    assert act.tool == ""


def test_no_rule_no_word() -> None:
    """Before anything is known."""
    assert run(parse(SHOP), State()) is None


def test_records_stay_together() -> None:
    """Two arguments of one source's objects are not mixed."""
    state = State()
    state.called(visit(1)[1].calls[0], read_only=True, id=ID)
    state.answered(ID, '{"flights": [{"no": "H1", "date": "d1"}, {"no": "H2", "date": "d2"}]}')
    given_ = {
        "no": {"from": "find_user:flights[].no", "pick": "each"},
        "date": {"from": "find_user:flights[].date", "pick": "each"},
    }
    act = run(parse({"rules": [{"when": [], "call": "f", "with": given_}]}), state)
    assert act is not None
    assert [each.values() for each in act.calls] == [{"no": "H1", "date": "d1"}, {"no": "H2", "date": "d2"}]


@settings(deadline=None)
@given(PROGRAMS)
def test_any_program_is_safe_to_run(program: Program) -> None:
    """It names a few calls, or nothing."""
    for end in (0, 1, 5, 9):
        act = run(program, after(visit(2, 3)[:end]))
        assert act is None or len(act.calls) <= MOST_CALLS

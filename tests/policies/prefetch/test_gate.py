"""Which prospects are launched."""

from policies.prefetch.gate import Gate
from policies.prefetch.prospects import Prospect
from policies.prefetch.uses import Case
from tests.policies.prefetch.shop import call


def prospect(number: int, p: float) -> Prospect:
    """A call that might be launched."""
    return Prospect(call("get_order", order_id=number), p, Case("get_order", 1, 1, 1, 2, after_user=False, model=""))


FOUND = [prospect(number, 1 - number / 10) for number in range(10)]


def test_what_is_worth_less_than_it_costs_stays() -> None:
    """And what is held already."""
    gate = Gate(cost=0.75, ahead=99)
    assert gate.chosen(FOUND, {FOUND[1].call.key}, 0, 0) == [FOUND[0], FOUND[2]]


def test_bounds_on_launches() -> None:
    """For a step, and for the read calls of a session."""
    assert len(Gate(per_step=3).chosen(FOUND, (), 0, 100)) == 3
    assert len(Gate(per_step=9, per_read=1.5, ahead=2).chosen(FOUND, (), 10, 6)) == 1
    assert Gate(per_read=1.0, ahead=0).chosen(FOUND, (), 10, 6) == []

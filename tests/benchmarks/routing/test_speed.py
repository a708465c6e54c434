"""The measurement of a decision's cost runs, and measures decisions."""

from benchmarks.routing.speed import TIMES, measured
from proxy.roster import Model


def test_every_decision_is_timed() -> None:
    """As many as were made, none of them free of cost in all."""
    found = measured([Model("a", "x"), Model("b", "x")], "Who is there? " * 50)
    assert len(found) == TIMES
    assert sum(found) > 0

"""Runs of mas2 with a member that fails: measured by what was answered, not by what was meant."""

from benchmarks.teams.recovery import recoveries
from benchmarks.teams.world import Nature


def test_what_fails_is_put_right_or_not() -> None:
    """Every kind of failure; shares of the runs; a graph that stands has nobody to turn to."""
    found = {each.ill: each for each in recoveries(12, [1], Nature())}
    assert set(found) == {"late", "empty", "declines", "loops"}
    for each in found.values():
        assert 0 <= each.stands <= each.recovered <= 1
        assert each.right <= each.recovered
    assert found["late"].recovered > 0.8

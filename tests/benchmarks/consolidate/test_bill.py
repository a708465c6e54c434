"""The bill held against what the upstream received: a session of an even pace, condensed several times."""

import pytest

from benchmarks.consolidate.bill import held
from benchmarks.consolidate.caching import REGIMES, Regime
from benchmarks.consolidate.setting import counting
from benchmarks.consolidate.synthetic import session
from benchmarks.consolidate.till import ON

MARKS = {**ON, "consolidate_above": 6_000, "consolidate_to": 2_000}


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
def test_what_the_bill_claims_was_saved(regime: Regime) -> None:
    """To a hundredth of what the sessions would have cost, at each kind of prices."""
    count = counting()
    one = held([session(14, count)], regime, count, MARKS)
    assert one.saved > 0.1 * one.full
    assert abs(one.off) < 0.01


def test_without_the_policy_nothing_is_claimed() -> None:
    """And nothing is saved."""
    count = counting()
    one = held([session(3, count)], REGIMES[1], count, {"policies": ("session",)})
    assert (one.saved, one.claimed) == (0.0, 0.0)

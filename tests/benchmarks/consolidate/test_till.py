"""The till: what sessions cost that were played through the proxy, from what the upstream received."""

import pytest

from benchmarks.consolidate.caching import REGIMES, Regime
from benchmarks.consolidate.cost import MOST
from benchmarks.consolidate.synthetic import session
from benchmarks.consolidate.till import MODELS, ON, rung
from policies.consolidate.tariff import Rates, tariff
from proxy.prices import Prices
from proxy.tokens import estimate


def test_without_the_policy_a_session_costs_what_it_costs() -> None:
    """Bytes in are bytes out."""
    (charged,) = rung([session(8, estimate)], REGIMES[0], estimate, {"policies": ("session",)})
    assert charged == (1.0, 1.0, 0, 8)


def test_with_the_policy_it_costs_less() -> None:
    """A conversation of 15k tokens without a cache, condensed at 6k."""
    told = rung(
        [session(8, estimate)], REGIMES[2], estimate, {**ON, "consolidate_above": 6_000, "consolidate_to": 2_000}
    )
    assert told[0].relative < 0.95
    assert told[0].worst <= MOST
    assert told[0].events


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
def test_the_models_have_the_prices_of_their_regimes(regime: Regime) -> None:
    """So that the proxy decides by what the till charges."""
    known = Prices().rates(MODELS[regime.name])
    assert known is not None
    prices = tariff(Rates(known.fresh, known.cached, known.written, known.output), "chat", MODELS[regime.name])
    assert prices.read / prices.fresh == pytest.approx(regime.read)
    assert prices.write / prices.fresh == pytest.approx(regime.write)
    assert prices.caches == regime.caches

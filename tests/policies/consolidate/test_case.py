"""What a request's condensing depends on: the price of a model counts where one has to be paid."""

from typing import Any

import pytest

from policies.consolidate.case import Case, lifetime
from policies.consolidate.choice import Marks, Stand
from policies.consolidate.event import Parting, Plan
from policies.consolidate.ledger import Branch, Checkpoint
from policies.consolidate.maker import Maker
from policies.consolidate.tariff import Rates, tariff
from tests.policies.consolidate.talk import asked, user

PRICES = tariff(Rates(2e-6, 1e-6, 2e-6, 8e-6), "chat", "m")
DEAR = tariff(Rates(2e-4, 1e-4, 2e-4, 8e-4), "chat", "m")
BRANCH = Branch(sizes=(40_000,), whole=40_000)
EVENT = Plan(Parting(9, (), ()), 500, 2_000, 200, 3_000)
POINT = Checkpoint(9, "", (), "x", {}, 500, 3_000)


def case(mode: str = "on", maker: Maker | None = None, *, given: bool = False) -> Case:
    return Case(asked("chat", [user("a")]), mode, PRICES, 1_000, Marks(35_000, 6_000, given), 128_000, maker)


def test_an_event_that_pays_may_not_pay_with_a_model() -> None:
    """Unless it is paid already, or the user gave the marks."""
    stand = Stand(1.0, 0.0, 20.0, 20, cold=False)
    dear = Maker("m", DEAR, own=True)
    assert case().due(BRANCH, EVENT, stand)
    assert case(maker=dear).due(BRANCH, EVENT, stand)
    assert not case(maker=dear).due(BRANCH, EVENT, stand, asks=True)
    assert case(maker=dear, given=True).due(BRANCH, EVENT, stand, asks=True)


def test_only_shadow_estimates() -> None:
    """Where a model is asked, its price is known."""
    maker = Maker("m", PRICES, own=True)
    assert case("on", maker).estimate(40_000, POINT) == 0.0
    assert case("shadow").estimate(40_000, POINT) == 0.0
    assert case("shadow", maker).estimate(40_000, POINT) == maker.price(41_000, 39_500, 3_000)


@pytest.mark.parametrize(
    ("form", "block", "fields", "asks"),
    [
        ("messages", {"cache_control": {"type": "ephemeral", "ttl": "1h"}}, {}, "1h"),
        ("messages", {"cache_control": {"type": "ephemeral"}}, {}, ""),
        ("messages", {}, {"metadata": {"ttl": "1h"}}, ""),
        ("responses", {}, {"prompt_cache_retention": "24h"}, "24h"),
        ("chat", {}, {"prompt_cache_retention": "in_memory"}, ""),
        ("chat", {}, {}, ""),
    ],
)
def test_how_long_a_prompt_shall_be_kept_is_read(
    form: str, block: dict[str, object], fields: dict[str, Any], asks: str
) -> None:
    """It decides what a token written costs, and when the cache is cold."""
    item = {"role": "user", "content": [{"type": "text", "text": "a", **block}]}
    assert lifetime(asked(form, [item], **fields)) == asks

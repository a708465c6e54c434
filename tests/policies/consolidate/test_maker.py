"""Who writes the state, and what asking it costs."""

from policies.consolidate.maker import INSTRUCTION, Maker, makes
from policies.consolidate.tariff import Rates, Tariff, tariff
from tests.policies.consolidate.talk import asked, user

DEAR = tariff(Rates(2e-6, 2e-7, 2.5e-6, 8e-6), "chat", "gpt-5.6")
CHEAP = tariff(Rates(1e-7, 1e-8, 1e-7, 4e-7), "chat", "small")


def other(model: str) -> Tariff:
    assert model == "small"
    return CHEAP


def test_the_sessions_own_model_reads_its_cache() -> None:
    """All but the question, and the answer on top."""
    maker = makes(asked("chat", [user("a")]), "", DEAR, other)
    assert maker == Maker("gpt-4o", DEAR, own=True)
    assert maker.price(40_000, 30_000, 1000) == 40_000 * 2e-7 + INSTRUCTION * 2.5e-6 + 1000 * 8e-6


def test_another_model_reads_what_goes() -> None:
    """At its own price, without a cache."""
    maker = makes(asked("chat", [user("a")]), "small", DEAR, other)
    assert maker == Maker("small", CHEAP, own=False)
    assert maker.price(40_000, 30_000, 1000) == (30_000 + INSTRUCTION) * 1e-7 + 1000 * 4e-7


def test_the_own_model_by_its_name_is_the_own_model() -> None:
    """And one whose request forces the shape of the answer is asked by itself."""
    assert makes(asked("chat", [user("a")]), "gpt-4o", DEAR, other).own
    assert not makes(asked("chat", [user("a")], response_format={"type": "json_object"}), "", DEAR, other).own


def test_what_does_not_fit_into_its_window_is_not_asked() -> None:
    """An unknown window holds everything."""
    assert Maker("m", DEAR, own=True).holds(10**9, 10**9, 1000)
    assert Maker("m", DEAR, own=True, window=42_000).holds(40_000, 30_000, 1000)
    assert not Maker("m", DEAR, own=True, window=41_000).holds(40_000, 30_000, 1000)
    assert Maker("m", DEAR, own=False, window=41_000).holds(40_000, 30_000, 1000)

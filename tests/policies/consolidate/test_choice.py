"""Whether to condense now."""

from policies.consolidate.choice import Marks, Stand, due, marks, thinkable
from policies.consolidate.event import Parting, Plan
from policies.consolidate.ledger import Branch
from policies.consolidate.tariff import Rates, tariff

CHEAP_READS = tariff(Rates(3e-6, 3e-7, 3.75e-6, 15e-6), "messages", "claude-sonnet-4-5")
STAND = Stand(spent=1.0, ahead=0.0, remaining=40, requests=30, cold=False)
LONG = Branch(length=90, sizes=(1000,) * 60, whole=60_000)
EVENT = Plan(Parting(80, (0,), tuple(range(1, 80))), 500, 4000, 1000, 2000)


def test_the_users_marks_decide_alone() -> None:
    """Not the money, not the agent's record."""
    given = marks(4500, 1500, 128_000, CHEAP_READS, 3000)
    assert given == Marks(4500, 1500, True)
    poor = STAND._replace(off=True, remaining=0, ahead=-1.0)
    assert thinkable(LONG, given, poor)
    assert due(LONG, EVENT, given, poor, CHEAP_READS, 3000, 128_000)
    assert not thinkable(Branch(sizes=(4500,)), given, poor)


def test_without_marks_window_and_prices_decide() -> None:
    """Later with cheap reads than with none, never beyond the window's share."""
    found = marks(0, 0, 128_000, CHEAP_READS, 3000)
    assert not found.given
    assert 20_000 < found.above < 70_000
    assert marks(0, 0, 8_000, CHEAP_READS, 1000).above < 4_400
    assert thinkable(LONG, found, STAND)
    assert due(LONG, EVENT, found, STAND, CHEAP_READS, 3000, 128_000)


def test_a_session_that_is_about_to_end_is_left_alone() -> None:
    """What is written anew would never be read."""
    found = marks(0, 0, 128_000, CHEAP_READS, 3000)
    last = STAND._replace(remaining=0.2, spent=0.05)
    heavy = EVENT._replace(tail=15_000)
    assert not due(LONG, heavy, found, last, CHEAP_READS, 3000, 128_000)


def test_a_cold_cache_is_a_good_moment() -> None:
    """Everything is written anew anyway, so half the mark is enough to think of it."""
    found = marks(0, 0, 128_000, CHEAP_READS, 3000)
    half = Branch(length=90, sizes=(round(found.above * 0.6),), whole=found.above)
    assert not thinkable(half, found, STAND)
    assert thinkable(half, found, STAND._replace(cold=True))


def test_an_agent_that_lost_money_is_left_alone() -> None:
    """Until it has rested."""
    assert not thinkable(LONG, marks(0, 0, 128_000, CHEAP_READS, 3000), STAND._replace(off=True))

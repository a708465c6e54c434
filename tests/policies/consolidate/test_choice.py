"""Whether to condense now."""

from policies.consolidate.choice import Marks, Stand, due, marks, thinkable
from policies.consolidate.event import Parting, Plan
from policies.consolidate.ledger import Branch
from policies.consolidate.tariff import Rates, Tariff, tariff

CHEAP_READS = tariff(Rates(3e-6, 3e-7, 3.75e-6, 15e-6), "messages", "claude-sonnet-4-5")
STAND = Stand(spent=1.0, ahead=0.0, remaining=40, requests=30, cold=False)
LONG = Branch(length=90, sizes=(1000,) * 60, whole=60_000)
EVENT = Plan(Parting(80, (0,), tuple(range(1, 80))), 500, 4000, 1000, 2000)


def test_the_users_marks_decide() -> None:
    """Not what is expected of the session, not the agent's record, and at twice the mark not the money."""
    given = marks(4500, 1500, 128_000, CHEAP_READS, 3000)
    assert given == Marks(4500, 1500, True)
    poor = STAND._replace(off=True, remaining=0, ahead=-1.0)
    assert thinkable(LONG, given, poor)
    assert due(LONG, EVENT, given, poor, CHEAP_READS, 3000, 128_000)
    assert not thinkable(Branch(sizes=(4500,)), given, poor)


def test_an_event_at_a_users_mark_waits_while_it_would_leave_the_session_behind() -> None:
    """Up to twice the mark; where prices are not known, or the window is full, not at all."""
    given = marks(4500, 1500, 128_000, CHEAP_READS, 3000)
    branch = Branch(length=30, sizes=(600,) * 8, whole=4_800)
    event = Plan(Parting(25, (0,), tuple(range(1, 25))), 100, 900, 300, 1000)
    poor, rich = STAND._replace(spent=0.01), STAND._replace(spent=10.0)

    def is_due(branch: Branch, stand: Stand, prices: Tariff = CHEAP_READS, window: int = 128_000) -> bool:
        return due(branch, event, given, stand, prices, 3000, window)

    assert not is_due(branch, poor)
    assert is_due(branch, rich)
    assert is_due(branch, poor, tariff(None, "chat", "nobody's"))
    assert is_due(branch, poor, window=8_000)
    assert is_due(branch._replace(sizes=(600,) * 16), poor)


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

"""Bills: what a session cost as sent, beside its full history."""

import json

import pytest

from policies.consolidate.standing import Bill, Sent, bill, billed
from policies.consolidate.tariff import Tariff

CLAUDE = Tariff(1.0, 0.1, 1.25, 5.0, 300.0, 1024, True)


def test_a_session_left_alone_has_no_extra_and_no_saving() -> None:
    """Sent as it came: 4k written, then read, with 2k more."""
    known = billed(Bill(), CLAUDE, Sent(4_000, 4_000, 0, output=100))
    known = billed(known, CLAUDE, Sent(6_000, 6_000, 4_000))
    assert known == Bill(5_000 + 500 + 400 + 2_500, 5_000 + 500 + 400 + 2_500, seen=6_000)
    assert known.ahead == 0


def test_an_event_costs_once_and_saves_ever_after() -> None:
    """40k become 8k: 5k written anew, then 32k less is read each time."""
    known = Bill(seen=40_000)
    known = billed(known, CLAUDE, Sent(42_000, 8_000, 3_000))
    assert known.extra == pytest.approx((300 + 6_250) - (4_000 + 2_500))
    known = billed(known, CLAUDE, Sent(44_000, 10_000, 8_000))
    assert known.saved == pytest.approx(0.1 * 34_000)
    assert known.ahead == pytest.approx(known.saved - known.extra)


def test_the_consolidator_is_on_the_bill() -> None:
    """Its dollars count against what it saved."""
    known = billed(Bill(seen=40_000), CLAUDE, Sent(42_000, 8_000, 3_000, maker=7_000.0))
    assert known.maker == 7_000
    assert known.ahead == pytest.approx(known.saved - known.extra - 7_000)


def test_in_a_cold_cache_both_are_written_anew() -> None:
    """The shorter one for less."""
    known = billed(Bill(seen=40_000), CLAUDE, Sent(42_000, 8_000, 3_000, cold=True))
    assert (known.saved, known.extra) == (34_000 * 1.25, 0)


def test_bills_survive_the_store() -> None:
    """And damage is an empty bill."""
    known = billed(Bill(), CLAUDE, Sent(4_000, 4_000, 0, output=7, maker=0.25))
    assert bill(json.loads(json.dumps(known.json()))) == known
    damaged: list[object] = [None, "abcdef", [1], [1, 2, 3, 4, 5, "6"], [1, 2, 3, 4, 5, float("nan")], {}]
    assert all(bill(told) == Bill() for told in damaged)

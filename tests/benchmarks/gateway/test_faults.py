"""The benchmark of faults in small: nothing served early differs from a direct call, and it would notice if it did."""

import pytest

from benchmarks.gateway.faults import Plan, play
from benchmarks.gateway.ledger import Ledger
from proxy.tools.shelf import Shelf

pytestmark = pytest.mark.anyio
SMALL = Plan(calls=240, sessions=6, deaths=1, writes=0.1)


async def test_no_answer_differs_under_faults() -> None:
    """Sessions, writes, failures, clients that leave, a server that goes; and some calls were answered early."""
    tally = await play(SMALL)
    figures = tally.figures()
    assert tally.mismatches == []
    assert figures["calls"] == SMALL.calls
    assert figures["ahead_used"] > 10
    assert figures["calls_write"] > 5


async def test_a_shelf_that_forgets_to_forget_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure can fail."""
    monkeypatch.setattr(Shelf, "drop", lambda _shelf, _server, _use="write": None)
    assert (await play(SMALL)).mismatches != []


def test_the_ledger_knows_when_a_number_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its write to the next one, both ends included."""
    now = [0.0]
    monkeypatch.setattr("benchmarks.gateway.ledger.time.monotonic", lambda: now[0])
    ledger = Ledger(None, 0, 0)  # type: ignore[arg-type]
    assert ledger.was("a", 0, 0, 1)
    for now[0] in (10.0, 20.0):
        ledger.set("a")
    assert [ledger.was("a", number, 12, 18) for number in (0, 1, 2, 3)] == [False, True, False, False]
    assert [ledger.was("a", number, 18, 22) for number in (1, 2)] == [True, True]
    assert ledger.was("a", 0, 5, 15)

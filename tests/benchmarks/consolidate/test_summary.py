"""Sessions are summed up to what they were together.

They must not know targets.
"""

import pytest

from benchmarks.consolidate.meter import Asked, Meter
from benchmarks.consolidate.summary import faults, summed
from tests.benchmarks.consolidate.recorded import meter


def measured(*asked: Asked) -> Meter:
    """A session of which this was measured."""
    told = meter()
    told.asked.update(enumerate(asked))
    return told


SMALL = measured(Asked(10, 10, 5, False, 0, 0, 0, ()), Asked(90, 30, 5, True, 20, 4, 3, ()))
LARGE = measured(Asked(300, 50, 5, True, 40, 4, 4, ("id a twice",)))


def test_a_row_of_two_sessions() -> None:
    """Peaks are a mean over sessions; tokens, values and events are pooled."""
    row = summed("consolidate", [SMALL, LARGE])
    assert (row.peak, row.full_peak, row.less) == (40, 195, 4.875)
    assert (row.total, row.total_with_system) == (90 / 400, 105 / 415)
    assert (row.values, row.retention) == (8, 7 / 8)
    assert (row.events, row.rewritten) == (2 / 3, 30)
    assert (row.requests, row.faulty) == (3, 1)


def test_nothing_to_keep_is_kept() -> None:
    """A session without calls loses nothing."""
    assert summed("full", [measured(Asked(10, 10, 5, False, 0, 0, 0, ()))]).retention == 1


def test_no_request_is_no_row() -> None:
    """Sessions without a reply cannot be measured."""
    with pytest.raises(ValueError, match="no session holds a request"):
        summed("full", [meter()])


def test_faults_are_told_with_their_place() -> None:
    """Session, wire form, message and what is wrong; no more than asked for."""
    assert faults([SMALL, LARGE]) == ("tale/1/0, chat, message 0: id a twice",)
    assert faults([LARGE, LARGE], most=1) == faults([LARGE])

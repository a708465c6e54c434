"""Targets are held or missed by what was measured, and tables say which.

They must not know how anything was measured.
"""

from benchmarks.consolidate.meter import Missed
from benchmarks.consolidate.summary import Peaks, Row, Run
from benchmarks.consolidate.targets import figures


def row(peak: float, *, who: str = "consolidate", retention: float = 1.0, faulty: int = 0) -> Row:
    """A row with this peak."""
    peaks = (Peaks("airline-gpt4o/16/0", 36_000, int(peak)),)
    return Row(who, "chat", 200, peak, 36_000, 0.2, 0.3, 1000, retention, 0.03, 900, faulty, peaks)


def run(chain: int, *rows: Row) -> Run:
    """A run of the file that has targets."""
    missed = (Missed("airline-gpt4o/16/0", "W|1", "look", "order", 9, 12),)
    return Run("airline-gpt4o", chain, 4500, 1500, rows, missed)


def test_each_target_has_its_verdict() -> None:
    """Ten times less is enough, a retention of .99 is not."""
    found = {each.what: each.held for each in figures([run(16, row(3600, retention=0.99))])}
    assert found == {"peak less by": True, "retention": False, "events": True, "requests at fault, of 200": True}


def test_a_peak_that_grows_with_the_session_is_no_constant() -> None:
    """Sessions of 16 are held against those of 4 at the same marks."""
    (grown,) = [each for each in figures([run(16, row(4400)), run(4, row(4000))]) if "chain-4" in each.what]
    assert (round(grown.value, 2), grown.held) == (1.1, False)


def test_other_rows_have_no_targets() -> None:
    """Baselines are shown for comparison, and a run that nobody set a target for is only valid or not."""
    assert figures([run(16, row(3600, who="keep last 16 messages"))]) == []
    assert [each.held for each in figures([run(2, row(3600, faulty=1))])] == [False]

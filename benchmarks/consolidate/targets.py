"""What the policy is to reach, and whether a run does.

It must not know how anything was measured.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.consolidate.summary import Row, Run
from benchmarks.figure import Bound, Figure

CONSTANT = 1.05
"""Most that the peak of sessions of 16 trajectories may be over that of sessions of 4, at the same marks."""


class Target(NamedTuple):
    """Bounds of one setting; None: no target."""

    file: str
    chain: int
    above: int
    to: int
    retention: float
    less: float | None = None
    """Least factor by which the peak is smaller."""
    events: float | None = None
    """Most, as a share of the requests."""
    total: float | None = None
    """Most tokens of all requests, as a share of full, without system text and tools."""


TARGETS = (
    Target("airline-gpt4o", 16, 4500, 1500, 0.998, less=8, events=0.04),
    Target("airline-gpt4o", 16, 3000, 1200, 0.996, less=12, events=0.08),
    Target("retail-gpt41", 16, 4500, 1500, 0.998, less=12, events=0.06),
    Target("retail-gpt41", 16, 3000, 1200, 0.997, less=15, events=0.10),
    Target("airline-gpt4o", 1, 1000, 400, 0.99, total=0.55),
)


def figures(runs: Sequence[Run], who: str = "consolidate") -> list[Figure]:
    """The figures that have targets, each wire form by itself; then validity, over all runs."""
    found: list[Figure] = []
    for run in runs:
        targets = [each for each in TARGETS if each[:4] == run[:4]]
        for row in _of(run, who):
            found += (figure for target in targets for figure in _held(run, row, target))
    found += _constant(runs, who)
    return [*found, *_validity([row for run in runs for row in _of(run, who)])]


def title(run: Run) -> str:
    """The run in words."""
    marks = f"marks {run.above} / {run.to}" if run.above else "the policy's own marks"
    return f"{run.file}, chain-{run.chain}, {marks}"


def _of(run: Run, who: str) -> list[Row]:
    return [row for row in run.rows if row.who == who]


def _held(run: Run, row: Row, target: Target) -> Iterator[Figure]:
    where = title(run)
    if target.less is not None:
        yield Figure(where, "peak less by", row.form, row.less, "times", target.less, Bound.AT_LEAST)
    if target.total is not None:
        yield Figure(where, "tokens of full", row.form, row.total, "", target.total, Bound.AT_MOST)
    yield Figure(where, "retention", row.form, row.retention, "", target.retention, Bound.AT_LEAST)
    if target.events is not None:
        yield Figure(where, "events", row.form, row.events, "", target.events, Bound.AT_MOST)


def _constant(runs: Sequence[Run], who: str) -> Iterator[Figure]:
    """The peak of long sessions over that of shorter ones of the same file at the same marks."""
    for long in runs:
        short = [run for run in runs if (run.file, *run[2:4]) == (long.file, *long[2:4]) and run.chain == 4]
        if long.chain != 16 or not short:
            continue
        peaks = {row.form: row.peak for row in _of(short[0], who)}
        for row in _of(long, who):
            if row.form in peaks:
                ratio = row.peak / peaks[row.form]
                yield Figure(title(long), "peak over that of chain-4", row.form, ratio, "", CONSTANT, Bound.AT_MOST)


def _validity(rows: Sequence[Row]) -> Iterator[Figure]:
    """All requests of a wire form that a provider would refuse."""
    for form in dict.fromkeys(row.form for row in rows):
        mine = [row for row in rows if row.form == form]
        requests, faulty = sum(row.requests for row in mine), sum(row.faulty for row in mine)
        yield Figure("all of these", f"requests at fault, of {requests:,}", form, faulty, "", 0, Bound.AT_MOST)

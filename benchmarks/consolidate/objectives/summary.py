"""One row for each arm: what its sessions sent, and how many of their questions were answered.

It must not know how anything was measured.
"""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from benchmarks.consolidate.objectives.loop import Answer, Played
from benchmarks.consolidate.objectives.scoring import Interval, wilson
from benchmarks.consolidate.tables import table

NEAR = ((1, 4), (5, 8), (9, 16), (17, 1_000))
"""Bands of objectives ago."""
COLUMNS = (
    "arm", "right", "95 %", "fact there", "right where there", "refused", "peak", "total", "events", "model's peak",
    "s a session",
)  # fmt: skip


class Row(NamedTuple):
    """An arm."""

    arm: str
    objectives: int
    sessions: int
    questions: int
    right: Interval
    there: float
    """Share of the questions whose value stood in the request."""
    right_there: Interval | None
    """Share of those that were answered; None where none stood there."""
    refused: int
    """Questions that were refused as too long for the model's window."""
    peak: float
    """Largest conversation, mean over sessions (o200k tokens, without system text and tools)."""
    total: float
    """Tokens of all requests of a session, mean."""
    events: float
    model_peak: int
    seconds: float
    """Mean over sessions."""
    bands: dict[str, Interval]
    """Right answers by objectives ago."""


def summed(played: Sequence[Played]) -> Row:
    """The row of an arm's sessions. Raises `ValueError` without any."""
    answers = [answer for each in played for answer in each.answers]
    there = [answer for answer in answers if answer.there]
    return Row(
        played[0].arm,
        len(played[0].answers),
        len(played),
        len(answers),
        share(answers),
        len(there) / len(answers),
        share(there) if there else None,
        sum(answer.refused for answer in answers),
        mean(each.peak for each in played),
        mean(each.total for each in played),
        mean(each.events for each in played),
        max(each.model_peak for each in played),
        mean(each.seconds for each in played),
        _bands(answers),
    )


def share(answers: Sequence[Answer]) -> Interval:
    """The right ones of them."""
    return wilson(sum(answer.right for answer in answers), len(answers))


def _bands(answers: Sequence[Answer]) -> dict[str, Interval]:
    found = {}
    for low, high in NEAR:
        within = [answer for answer in answers if low <= answer.back <= high]
        if within:
            found[f"{low}-{min(high, max(each.back for each in within))}"] = share(within)
    return found


def shown(rows: Sequence[Row]) -> str:
    """The table of the arms, and one of the right answers by how long ago the objective was."""
    names = list(rows[0].bands)
    by_age = [(row.arm, *(f"{row.bands[name].share:.2f}" for name in names)) for row in rows]
    return "\n".join([
        table([COLUMNS, *map(_cells, rows)]),
        "",
        table([("right, objectives ago", *names), *by_age]),
        "",
    ])  # fmt: skip


def _cells(row: Row) -> tuple[str, ...]:
    there = row.right_there
    return (
        row.arm,
        f"{row.right.share:.2f}",
        f"{row.right.low:.2f}-{row.right.high:.2f}",
        f"{row.there:.2f}",
        f"{there.share:.2f}" if there else "",
        f"{row.refused}",
        f"{row.peak:,.0f}",
        f"{row.total:,.0f}",
        f"{row.events:.1f}",
        f"{row.model_peak:,}",
        f"{row.seconds:.0f}",
    )

"""The measures of many sessions as one row, and rows as one run.

It must not know targets, nor how a row is shown.
"""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from benchmarks.consolidate.meter import Meter, Missed


class Peaks(NamedTuple):
    """The largest request of one session, in tokens without the client's system text and tools."""

    session: str
    full: int
    sent: int


class Row(NamedTuple):
    """One way to send the sessions of a run."""

    who: str
    form: str
    requests: int
    peak: float
    """Mean over sessions, in tokens."""
    full_peak: float
    """The same of what the clients sent."""
    total: float
    """Tokens of all requests together, as a share of what the clients sent."""
    total_with_system: float
    values: int
    """Argument values that stand in the full history, pooled over sessions."""
    retention: float
    """Share of them that stand in what was received; 1 where there are none."""
    events: float
    """Share of the requests that do not begin with all that was sent before them."""
    rewritten: float
    """Tokens that an event sends anew, on average; 0 without events."""
    faulty: int
    """Requests that a provider would refuse, or that do not say what the client said."""
    sessions: tuple[Peaks, ...]

    @property
    def less(self) -> float:
        """By which factor the peak is smaller."""
        return self.full_peak / self.peak if self.peak else 1.0


class Run(NamedTuple):
    """The sessions of one file, at one setting."""

    file: str
    chain: int
    above: int
    """High-water mark in tokens; 0: the policy's own."""
    to: int
    rows: tuple[Row, ...]
    missed: tuple[Missed, ...] = ()
    """Values the policy lost, in the first wire form played."""
    faults: tuple[str, ...] = ()
    """The first few, in words."""
    noted: tuple[str, ...] = ()
    """Faults that the proxy counted itself: wire form, labels, number."""


def summed(who: str, meters: Sequence[Meter]) -> Row:
    """The row of these sessions. Raises `ValueError` when there is no request among them."""
    measured = [meter for meter in meters if meter.asked]
    if not measured:
        raise ValueError(f"{who}: no session holds a request")
    every = [asked for meter in measured for asked in meter.asked.values()]
    peaks = tuple(
        Peaks(
            meter.spoken.session.name,
            max(asked.full for asked in meter.asked.values()),
            max(asked.sent for asked in meter.asked.values()),
        )
        for meter in measured
    )
    system = sum(asked.system for asked in every)
    full, sent = sum(asked.full for asked in every), sum(asked.sent for asked in every)
    values = sum(asked.values for asked in every)
    events = [asked.rewritten for asked in every if asked.event]
    return Row(
        who,
        measured[0].spoken.form,
        len(every),
        mean(each.sent for each in peaks),
        mean(each.full for each in peaks),
        sent / max(1, full),
        (sent + system) / max(1, full + system),
        values,
        sum(asked.kept for asked in every) / values if values else 1.0,
        len(events) / len(every),
        mean(events) if events else 0.0,
        sum(1 for asked in every if asked.faults),
        peaks,
    )


def faults(meters: Sequence[Meter], most: int = 5) -> tuple[str, ...]:
    """The first faults of these sessions, each with its place."""
    found = (
        f"{meter.spoken.session.name}, {meter.spoken.form}, message {place}: {'; '.join(asked.faults)}"
        for meter in meters
        for place, asked in meter.asked.items()
        if asked.faults
    )
    return tuple(fault for fault, _ in zip(found, range(most), strict=False))

"""Measures growing sessions: what turn 200 costs beside turn 20, and a request of 400 kB.

It must not know how contestants are started or figures shown.
"""

from collections import defaultdict
from dataclasses import dataclass

from benchmarks.contestant import OUTRIDER, PARSING, Running
from benchmarks.figure import Figure
from benchmarks.job import Job
from benchmarks.stage import Stage, middle, say

GROUP = "Growing sessions"
TARGET_LONG_US = 4000.0
TARGET_RATIO = 1.2
TALKS = 8
EARLY, LATE, WINDOW = 20, 200, 10
"""Turns of which the cost is told, each the mean of so many turns that end with it."""
USER_BYTES = 1320
"""With the upstream's answers it makes 400 kB at turn 200."""
ROUNDS, QUICK_ROUNDS = 5, 2


@dataclass(frozen=True, slots=True)
class Reading:
    """Microseconds of CPU per request at the early and the late turns."""

    early: float
    late: float
    late_bytes: int


def measure(stage: Stage) -> list[Figure]:
    """Sessions grow turn by turn; what a relay that parses each body spends on the same is taken off."""
    readings: defaultdict[str, list[Reading]] = defaultdict(list)
    with stage.playing(PARSING, OUTRIDER) as running:
        for turn in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            for each in running:
                reading = grown(stage, each)
                say(f"growth, round {turn}: {each.name} {reading.early:.0f} µs early, {reading.late:.0f} µs late")
                readings[each.name].append(reading)
    return [*_costs(readings), *_beyond(readings[PARSING.name], readings[OUTRIDER.name])]


def grown(stage: Stage, running: Running) -> Reading:
    """Lets sessions grow together from their first turn to their last."""

    def job(turns: int, *, fresh: bool = False) -> Job:
        return Job(running.target, turns * TALKS, TALKS, talks=TALKS, fresh=fresh, message_bytes=USER_BYTES)

    stage.load(job(EARLY - WINDOW, fresh=True))
    early = stage.cost_us(running, job(WINDOW))
    stage.load(job(LATE - WINDOW - EARLY))
    late, outcome = stage.spent(running, job(WINDOW))
    return Reading(early, late / (WINDOW * TALKS) * 1e6, outcome.body_bytes)


def _costs(readings: dict[str, list[Reading]]) -> list[Figure]:
    figures = []
    for name, grown_ones in readings.items():
        kilobytes = max(one.late_bytes for one in grown_ones) / 1000
        late, early = [one.late for one in grown_ones], [one.early for one in grown_ones]
        target = TARGET_LONG_US if name == OUTRIDER.name else None
        what = f"CPU per request at turn {LATE} ({kilobytes:.0f} kB)"
        figures.append(Figure(GROUP, what, name, middle(late), "µs", target, low=min(late), high=max(late)))
        what = f"CPU per request at turn {EARLY}"
        figures.append(Figure(GROUP, what, name, middle(early), "µs", low=min(early), high=max(early)))
    return figures


def _beyond(floor: list[Reading], own: list[Reading]) -> list[Figure]:
    if not floor or not own:
        return []
    early = middle([one.early for one in own]) - middle([one.early for one in floor])
    late = middle([one.late for one in own]) - middle([one.late for one in floor])
    what = f"turn {LATE} over turn {EARLY}, beyond relaying and parsing"
    return [
        Figure(GROUP, what, OUTRIDER.name, late / early, "times", TARGET_RATIO),
        Figure(GROUP, f"turn {EARLY} beyond relaying and parsing", OUTRIDER.name, early, "µs"),
        Figure(GROUP, f"turn {LATE} beyond relaying and parsing", OUTRIDER.name, late, "µs"),
    ]

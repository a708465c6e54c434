"""Measures streaming: CPU per relayed event, delay of the first event, memory under a thousand streams at once.

It must not know how contestants are started or figures shown.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.bodies import paced
from benchmarks.contestant import BARE, OUTRIDER, RAW, RELAY, Running
from benchmarks.figure import Figure
from benchmarks.job import Job, Outcome
from benchmarks.measure import rss_mb
from benchmarks.stage import Stage, middle, say

GROUP = "Streaming"
TARGET_EVENT_US = 15.0
TARGET_FIRST_MS = 0.5
TARGET_GROWTH = 5.0
SAMPLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """So many streams at once, each of so many events with a pause between them."""

    streams: int
    events: int
    gap_ms: int

    def job(self, running: Running, events: int = 0, rounds: int = 1) -> Job:
        """The load, once or several times over; with `events`, streams of that length instead."""
        model = paced(events or self.events, self.gap_ms)
        return Job(running.target, self.streams * rounds, self.streams, model)

    def __str__(self) -> str:
        pause = f"an event every {self.gap_ms} ms" if self.gap_ms else "events as fast as they go"
        return f"{self.streams} streams, {pause}"


PACES = (Pace(16, 400, 5), Pace(200, 100, 20), Pace(16, 1000, 0))
AIMED = PACES[1]
"""The pace that the target speaks of: 10,000 events a second, each of them a network read of its own."""
THOUSAND = Pace(1000, 50, 200)
ROUNDS, QUICK_ROUNDS = 5, 2


def measure(stage: Stage) -> list[Figure]:
    """All three."""
    with stage.playing(RAW, RELAY, BARE, OUTRIDER) as running:
        figures = [figure for pace in PACES for figure in events(stage, running, pace)]
        figures += first(stage, running)
    with stage.playing(RELAY, BARE, OUTRIDER) as running:  # started anew: memory tells of these streams alone
        return figures + [figure for each in running for figure in thousand(stage, each)]


def events(stage: Stage, running: Sequence[Running], pace: Pace) -> list[Figure]:
    """CPU per event: what a stream costs, less what a stream of one event costs, over the other events."""
    readings: defaultdict[str, list[float]] = defaultdict(list)
    for turn in range((QUICK_ROUNDS if stage.quick else ROUNDS) + 1):
        for each in running:
            short, _ = stage.spent(each, pace.job(each, events=1))
            long, outcome = stage.spent(each, pace.job(each))
            cost = (long - short) / (pace.streams * (pace.events - 1)) * 1e6
            say(f"stream, round {turn}: {each.name} {cost:.1f} µs in {outcome.pieces} pieces ({pace})")
            if turn:
                readings[each.name].append(cost)
    what = f"CPU per event; {pace}"
    return [_event(what, name, costs, aimed=pace is AIMED) for name, costs in readings.items()]


def _event(what: str, name: str, costs: list[float], *, aimed: bool) -> Figure:
    target = TARGET_EVENT_US if aimed and name == OUTRIDER.name else None
    return Figure(GROUP, what, name, middle(costs), "µs", target, low=min(costs), high=max(costs))


def first(stage: Stage, running: Sequence[Running]) -> list[Figure]:
    """From the upstream's write of the first event to its arrival at the client, one stream at a time."""
    readings: defaultdict[str, list[float]] = defaultdict(list)
    for turn in range((QUICK_ROUNDS if stage.quick else ROUNDS) + 1):
        for each in (stage.direct(), *running):
            requests = 60 if stage.quick else 200
            outcome = stage.load(Job(each.target, requests, connections=1, model=paced(3, 2)))
            if turn:
                readings[each.name].append(outcome.first_p50)
    straight = middle(readings["direct"])
    what = "first byte in to first byte out, p50"
    return [_first(what, name, [one - straight for one in ms]) for name, ms in readings.items() if name != "direct"]


def _first(what: str, name: str, delays: list[float]) -> Figure:
    target = TARGET_FIRST_MS if name == OUTRIDER.name else None
    return Figure(GROUP, what, name, middle(delays), "ms", target, low=min(delays), high=max(delays))


def thousand(stage: Stage, running: Running) -> list[Figure]:
    """Resident memory while a thousand streams run over and over.

    The first third of the time is warm-up; growth is the median of the last third over that of the middle one.
    """
    samples, outcome = watched(stage, running, THOUSAND.job(running, rounds=3 if stage.quick else 9))
    third = len(samples) // 3
    before, after = middle(samples[third : 2 * third]), middle(samples[2 * third :])
    say(f"stream: {running.name} holds {after:.0f} MB; events {outcome.event_p50:.2f} ms on their way")
    target = TARGET_GROWTH if running.name == BARE.name else None
    growth = (after / before - 1) * 100
    return [
        Figure(GROUP, "1,000 streams at once: memory, growth after warm-up", running.name, growth, "%", target),
        Figure(GROUP, "1,000 streams at once: memory, peak", running.name, max(samples), "MB"),
        Figure(GROUP, "1,000 streams at once: event on its way, p50", running.name, outcome.event_p50, "ms"),
    ]


def watched(stage: Stage, running: Running, job: Job) -> tuple[list[float], Outcome]:
    """Does a job; megabytes of resident memory every half second of it."""
    samples = [rss_mb(running.pid)]
    with ThreadPoolExecutor(1) as pool:
        done: Future[Outcome] = pool.submit(stage.load, job)
        while not done.done():
            time.sleep(SAMPLE_S)
            samples.append(rss_mb(running.pid))
        return samples, done.result()

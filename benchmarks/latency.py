"""Measures added latency: one connection, rounds through a proxy and straight to the upstream by turns.

It must not know how contestants are started or figures shown.
"""

from collections import defaultdict

from benchmarks.contestant import BARE, OUTRIDER, RAW, RELAY
from benchmarks.figure import Figure
from benchmarks.job import Job
from benchmarks.stage import Stage, middle, say

GROUP = "Latency added to a 1 kB request, one connection"
TARGET_P50_MS, TARGET_P99_MS = 0.4, 3.0
REQUESTS, QUICK_REQUESTS = 500, 200
ROUNDS, QUICK_ROUNDS = 11, 4


def measure(stage: Stage) -> list[Figure]:
    """Per round, a contestant's percentile less that of direct calls; the figure is the median over the rounds."""
    middles: defaultdict[str, list[float]] = defaultdict(list)
    tails: defaultdict[str, list[float]] = defaultdict(list)
    requests = QUICK_REQUESTS if stage.quick else REQUESTS
    with stage.playing(RAW, RELAY, BARE, OUTRIDER) as running:
        for turn in range((QUICK_ROUNDS if stage.quick else ROUNDS) + 1):
            straight = stage.load(Job(stage.direct().target, requests, connections=1))
            for each in running:
                outcome = stage.load(Job(each.target, requests, connections=1))
                say(f"latency, round {turn}: {each.name} {outcome.p50:.3f} ms, direct {straight.p50:.3f} ms")
                if turn:  # the first round only warms up
                    middles[each.name].append(outcome.p50 - straight.p50)
                    tails[each.name].append(outcome.p99 - straight.p99)
    return [
        *(_figure("p50 added", name, added, TARGET_P50_MS) for name, added in middles.items()),
        *(_figure("p99 added", name, added, TARGET_P99_MS) for name, added in tails.items()),
    ]


def _figure(what: str, name: str, added: list[float], target: float) -> Figure:
    aim = target if name == OUTRIDER.name else None
    return Figure(GROUP, what, name, middle(added), "ms", aim, low=min(added), high=max(added))

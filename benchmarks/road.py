"""Measures the road: CPU for each relayed 1 kB chat request that is not streamed, over 16 connections.

It must not know how contestants are started or figures shown.
"""

from collections import defaultdict
from collections.abc import Sequence

from benchmarks.contestant import BARE, NOTHING, OUTRIDER, RAW, RELAY, Contestant, Running, Unable
from benchmarks.figure import Bound, Figure
from benchmarks.job import Job
from benchmarks.stage import Stage, middle, say

GROUP = "Road: CPU per 1 kB request"
TARGETS = {OUTRIDER.name: 200.0, BARE.name: 130.0}
TIMES_CHEAPER = 40.0
REQUESTS, QUICK_REQUESTS = 4000, 1000
ROUNDS, QUICK_ROUNDS = 7, 3


def measure(stage: Stage, peers: Sequence[Contestant] = ()) -> list[Figure]:
    """CPU by contestant, medians over interleaved rounds, and how many times cheaper than each peer."""
    with stage.playing(NOTHING, RAW, RELAY, BARE, OUTRIDER, *peers) as running:
        readings = rounds(stage, running)
    figures = [_cost(name, costs) for name, costs in readings.items()]
    own = middle(readings[OUTRIDER.name])
    return figures + [_times(peer.name, middle(readings[peer.name]) / own) for peer in peers if readings[peer.name]]


def rounds(stage: Stage, running: Sequence[Running]) -> defaultdict[str, list[float]]:
    """Microseconds a request by contestant, one reading a round; the first round only warms up."""
    readings: defaultdict[str, list[float]] = defaultdict(list)
    out: set[str] = set()
    for turn in range((QUICK_ROUNDS if stage.quick else ROUNDS) + 1):
        for each in running:
            if each.name in out:
                continue
            try:
                cost = stage.cost_us(each, _job(each, stage.quick))
            except Unable as why:
                say(f"{each.name} is left out: {why}")
                out.add(each.name)
                continue
            say(f"road, round {turn}: {each.name} {cost:.0f} µs")
            if turn:
                readings[each.name].append(cost)
    return readings


def _job(running: Running, quick: bool) -> Job:
    requests = QUICK_REQUESTS if quick else REQUESTS
    return Job(running.target, max(requests // running.contestant.pace, 64))


def _cost(name: str, costs: list[float]) -> Figure:
    target = TARGETS.get(name)
    return Figure(GROUP, "CPU per request", name, middle(costs), "µs", target, low=min(costs), high=max(costs))


def _times(peer: str, times: float) -> Figure:
    target = TIMES_CHEAPER if peer == "litellm" else None
    return Figure(GROUP, f"CPU of {peer} over that of outrider", OUTRIDER.name, times, "times", target, Bound.AT_LEAST)

"""The figures of prefetching: trained on some sessions, measured on others, averaged over splits.

It must not know files, nor how figures are shown.
"""

from collections.abc import Collection, Sequence
from random import Random
from statistics import mean

import orjson

from benchmarks.prefetch.baselines import Markov, right
from benchmarks.prefetch.play import Served, foreseen, served, train
from benchmarks.prefetch.traces import Session, split
from policies.prefetch.gate import Gate
from policies.prefetch.model import Model

SEEDS = 5
CURVE = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)
PLATEAU = 0.9
BUCKETS = 10
DRAWS = 20
Figures = dict[str, float]
Fate = tuple[float, bool]
"""A launch: its probability, and whether its result was used."""


def percent(part: float, whole: float) -> float:
    """A share in percent; 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0.0


def measured(known: Sequence[Session], unknown: Sequence[Session], reads: Collection[str], gate: Gate) -> Figures:
    """One training and one test."""
    return _measured(known, unknown, reads, gate)[0]


def _measured(
    known: Sequence[Session], unknown: Sequence[Session], reads: Collection[str], gate: Gate
) -> tuple[Figures, list[Fate]]:
    """The figures, and each launch."""
    model = Model()
    train(model, known, reads, gate)
    lesson = orjson.dumps(model.json())
    model = Model(orjson.loads(lesson))  # what is measured is what the store would give
    calls = foreseen(model, unknown, reads)
    shelf = [served(model, session, reads, gate) for session in unknown]
    hits, total = right(unknown, Markov(known))
    n = len(calls)
    figures = {
        "name_top1": percent(sum(each.name for each in calls), n),
        "name_top3": percent(sum(each.name3 for each in calls), n),
        "exact_top1": percent(sum(each.exact for each in calls), n),
        "exact_top3": percent(sum(each.exact3 for each in calls), n),
        "m4_name_top1": percent(hits, total),
        **of_shelf(shelf),
        "calls": n,
        "lesson_bytes": len(lesson),
    }
    return figures, [pair for each in shelf for pair in each.foretold]


def of_shelf(shelf: Sequence[Served]) -> Figures:
    """What sticky prefetch did."""
    reads, hits = sum(each.reads for each in shelf), sum(each.served for each in shelf)
    launched = sum(each.launched for each in shelf)
    launches = [pair for each in shelf for pair in each.foretold]
    cpu = sorted(seconds * 1e3 for each in shelf for seconds in each.cpu_s)
    return {
        "served": percent(hits, reads),
        "launches_per_read": round(launched / reads, 3) if reads else 0.0,
        "useful": percent(hits, launched),
        "mismatches": sum(each.mismatches for each in shelf),
        "cpu_ms_mean": round(mean(cpu), 3) if cpu else 0.0,
        "cpu_ms_p99": round(cpu[int(0.99 * (len(cpu) - 1))], 3) if cpu else 0.0,
        "calibration_error": calibration(launches),
        "calibration_chance": by_chance(launches),
        "reads": reads,
    }


def calibration(foretold: Sequence[Fate]) -> float:
    """How far, in points of percent, probabilities are from shares, on average over launches, in buckets of a tenth."""
    if not foretold:
        return 0.0
    buckets: list[list[Fate]] = [[] for _ in range(BUCKETS)]
    for p, used in foretold:
        buckets[min(BUCKETS - 1, int(p * BUCKETS))].append((p, used))
    off = sum(abs(sum(p for p, _ in each) - sum(used for _, used in each)) for each in buckets)
    return round(100 * off / len(foretold), 2)


def by_chance(foretold: Sequence[Fate]) -> float:
    """What `calibration` would find on average if every probability were true: few launches stray from any."""
    dice = Random(0)
    return round(mean(calibration([(p, dice.random() < p) for p, _ in foretold]) for _ in range(DRAWS)), 2)


def averaged(many: Sequence[Figures]) -> Figures:
    """The means, name by name; of mismatches the sum."""
    found = {name: round(mean(each[name] for each in many), 3) for name in many[0]}
    return found | {"mismatches": sum(each["mismatches"] for each in many)}


def by_task(sessions: Sequence[Session], reads: Collection[str], gate: Gate, seeds: int = SEEDS) -> Figures:
    """The mean over splits by task: 70 % learned, 30 % foretold, no task in both; `calibration_pooled` is the error
    over the launches of all splits together."""
    found = [_measured(*split(sessions, seed), reads, gate) for seed in range(seeds)]
    pooled = calibration([pair for _, pairs in found for pair in pairs])
    return averaged([figures for figures, _ in found]) | {"calibration_pooled": pooled}


def curve(sessions: Sequence[Session], reads: Collection[str], seeds: int = SEEDS) -> dict[int, float]:
    """Sessions learned from -> exact top-1 on the other tasks, in percent; the last is all there are."""
    shares: dict[int, list[float]] = {}
    for seed in range(seeds):
        known, unknown = split(sessions, seed)
        for count in (*(each for each in CURVE if each < len(known)), len(known)):
            model = Model()
            train(model, known[:count], reads)
            calls = foreseen(model, unknown, reads)
            shares.setdefault(count, []).append(percent(sum(each.exact for each in calls), len(calls)))
    most = max(shares)
    full = {count: each for count, each in shares.items() if len(each) == seeds or count == most}
    return {count: round(mean(each), 2) for count, each in sorted(full.items())}


def enough(found: dict[int, float]) -> int:
    """The fewest sessions with 90 % of the plateau."""
    plateau = found[max(found)]
    return min(count for count, exact in found.items() if exact >= PLATEAU * plateau)

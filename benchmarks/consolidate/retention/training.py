"""The retention model trained: examples from chains, and a scorecard that fits them.

It must not know files, nor how a state reads.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, log1p
from typing import NamedTuple

from benchmarks.consolidate.retention.chain import Chain, cut
from policies.consolidate.retention import SIZE, TRAITS, Prior, traits
from policies.consolidate.sightings import Sightings

Steps = tuple[int, ...]

ONE_IN = 8
"""Of the literals that were not needed, one in so many is an example and weighs so much more."""
RIDGE = 10.0
"""How strongly weights are drawn to 0."""
ROUNDS = 12
STATE_TOKENS = 700
_words = re.compile(r"[\w.:@#+-]*\w").findall


class Example(NamedTuple):
    """A literal at an event: the weights that speak for it, and whether a call needed it before it was seen again."""

    steps: Steps
    needed: bool


def examples(chain: Chain, above: int) -> list[Example]:
    """The literals of all events of a chain that do not stand in sight."""
    sums, start, state = chain.sums, chain.pinned, 0
    sightings = Sightings()
    places: dict[str, list[int]] = {}
    found: list[Example] = []
    for place, turn in enumerate(chain.turns):
        if turn.role != "assistant" or sums[chain.pinned] + state + sums[place] - sums[start] <= above:
            continue
        end = cut(chain.turns, sums, start, place, 0)
        if end == start:
            continue
        for number in range(start, end):
            sightings.take(number, chain.turns[number])
        start, state = end, min(STATE_TOKENS, above // 5)
        sight = "\n".join((chain.system, *chain.texts[: chain.pinned], *chain.texts[end:place]))
        for text, steps in zip(sightings.values, traits(sightings, set(_words(sight))), strict=True):
            if text not in sight:
                found.append(Example(steps, _is_needed(chain, text, place, places)))
    return found


def _is_needed(chain: Chain, text: str, place: int, places: dict[str, list[int]]) -> bool:
    """Whether the next message in which it stands is a call that gives it to a tool."""
    stands = places.get(text)
    if stands is None:
        stands = places[text] = [number for number, said in enumerate(chain.texts) if text in said]
    following = next((number for number in stands if number >= place), None)
    return following is not None and text in chain.needs[following]


def fit(found: Iterable[Example]) -> Prior:
    """The scorecard of the greatest likelihood, weights drawn to 0, by Newton's method. Deterministic."""
    weighted = _weighted(found)
    weights = [0.0] * (SIZE + 1)
    weights[SIZE] = -5.0
    for _ in range(ROUNDS):
        slope = [RIDGE * weight for weight in weights]
        curve = [[0.0] * (SIZE + 1) for _ in weights]
        for place in range(SIZE + 1):
            curve[place][place] = RIDGE
        slope[SIZE], curve[SIZE][SIZE] = 0.01 * weights[SIZE], 0.01
        for steps, (needed, weight) in weighted.items():
            _add(steps, needed, weight, weights, slope, curve)
        weights = _stepped(weights, solved(curve, slope), weighted)
    return Prior(tuple(round(weight, 2) for weight in weights[:SIZE]), round(weights[SIZE], 2))


def _stepped(weights: list[float], change: list[float], weighted: Mapping[Steps, tuple[float, float]]) -> list[float]:
    """The weights after a step of Newton's; a step that goes too far is halved until it leads down."""
    before, share = _loss(weights, weighted), 1.0
    while share > 1e-3:
        after = [weight - share * by for weight, by in zip(weights, change, strict=True)]
        if _loss(after, weighted) < before:
            return after
        share /= 2
    return weights


def _loss(weights: list[float], weighted: Mapping[Steps, tuple[float, float]]) -> float:
    """Negative log likelihood with the ridge."""
    total = RIDGE / 2 * sum(weight * weight for weight in weights[:SIZE]) + 0.005 * weights[SIZE] ** 2
    for steps, (needed, weight) in weighted.items():
        odds = sum([weights[step] for step in steps])
        total += weight * (max(odds, 0.0) + log1p(exp(-abs(odds)))) - needed * odds
    return total


def _weighted(found: Iterable[Example]) -> dict[Steps, tuple[float, float]]:
    """How often each combination was needed and how often it was there; the bias is one more step."""
    needed: Counter[Steps] = Counter()
    total: Counter[Steps] = Counter()
    for number, (steps, is_needed) in enumerate(found):
        if is_needed:
            needed[steps] += 1
            total[steps] += 1
        elif number % ONE_IN == 0:
            total[steps] += ONE_IN
    return {(*steps, SIZE): (float(needed[steps]), float(weight)) for steps, weight in total.items()}


def _add(
    steps: Steps, needed: float, weight: float, weights: list[float], slope: list[float], curve: list[list[float]]
) -> None:
    odds = sum([weights[step] for step in steps])
    share = 1 / (1 + exp(-max(min(odds, 30.0), -30.0)))
    error, spread = weight * share - needed, weight * share * (1 - share)
    for step in steps:
        slope[step] += error
        row = curve[step]
        for other in steps:
            row[other] += spread


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of `matrix` x = `right`, for a symmetric positive matrix, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = rows[at]
        for row in rows[at + 1 :]:
            if row[at]:
                by = row[at] / pivot[at]
                row[at:] = [mine - by * theirs for mine, theirs in zip(row[at:], pivot[at:], strict=True)]
    answer = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(rows[at][place] * answer[place] for place in range(at + 1, size))
        answer[at] = (rows[at][size] - rest) / rows[at][at]
    return answer


def surprise(found: Sequence[Example], prior: Prior) -> float:
    """Mean log loss of a scorecard on examples, in bits."""
    total = 0.0
    for steps, needed in found:
        odds = prior.bias + sum(prior.weights[step] for step in steps)
        share = 1 / (1 + exp(-max(min(odds, 30.0), -30.0)))
        total -= log(share if needed else 1 - share)
    return total / log(2) / max(len(found), 1)


def source(prior: Prior, trained_on: Mapping[str, int]) -> str:
    """The module that holds a prior. `trained_on`: literals needed, by file."""
    files = ",\n".join(f"{name} ({needed} literals needed)" for name, needed in trained_on.items())
    lines = ['"""The prior of the retention model: a scorecard trained on recorded sessions.', ""]
    lines += [
        "It must not know what the weights are used for. Written by `python -m benchmarks.consolidate.retention`."
    ]
    lines += ['"""', "", "from policies.consolidate.retention import Prior", "", "PRIOR = Prior(", "    weights=("]
    at = 0
    for name, steps in TRAITS.items():
        lines.append(f"        # {name}")
        numbers = [f"{weight:.2f}," for weight in prior.weights[at : at + steps]]
        lines += ["        " + " ".join(numbers[part : part + 14]) for part in range(0, steps, 14)]
        at += steps
    lines += ["    ),", f"    bias={prior.bias:.2f},", ")  # fmt: skip", f'"""Trained on\n{files}."""', ""]
    return "\n".join(lines)

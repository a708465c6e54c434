"""How well the size of parts is chosen from a few samples: in random worlds whose every score is known, or on tries of
your own.

It must not know how a size is chosen, nor what a world is made of.
"""

import json
from collections.abc import Sequence
from math import log
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import numpy as np

from benchmarks.noise.worlds import REGIMES, UNLIKE, Documents, World, drawn
from policies.divide.regimes import Choice, Count, Losses, Tried, chosen

WORLDS = 200
NEAR = 0.95
"""Of the best score there is, what a choice must reach to be near it."""
CLOSE, LITTLE = 0.2, 0.02
"""By how much a loss may be off its true one: a share of it, or so little."""
Figures = dict[str, float]


class Sample(NamedTuple):
    """What the planner has of a world."""

    documents: int = 5
    questions: int = 40
    """About each document, whose answers are known."""
    unlike: float = UNLIKE


SAMPLE = Sample()
OTHERS = {
    "5 documents, 10 questions": Sample(questions=10),
    "5 documents that are alike": Sample(unlike=0.0),
    "20 documents": Sample(20),
    "80 documents": Sample(80),
}


def measured(seed: int, worlds: int = WORLDS) -> dict[str, Figures]:
    """The figures by regime, about as many worlds of each, and of `all` together; and what other samples would say."""
    told = by_regime(seed, worlds, SAMPLE)
    others = {name: by_regime(seed, worlds, sample)["all"] for name, sample in OTHERS.items()}
    return {**{name: told[name] for name in REGIMES}, **others, "all": told["all"]}


def by_regime(seed: int, worlds: int, sample: Sample) -> dict[str, Figures]:
    """The figures of such samples, by regime and of `all`."""
    chance = np.random.default_rng(seed)
    found: dict[str, list[Figures]] = {regime: [] for regime in REGIMES}
    for number in range(worlds):
        world = drawn(chance, REGIMES[number % len(REGIMES)])
        hard = chance.normal(0.0, 1.0, sample.documents)
        tried, single = world.tried(chance, Documents(hard, sample.questions, sample.unlike))
        found[world.regime].append(judged(world, chosen(tried, single, world.tokens), tried, single))
    told = {regime: _means(each) for regime, each in found.items()}
    told["all"] = _means([each for many in found.values() for each in many])
    told["all"]["refused_in_task_noise"] = told["task noise"]["refused"]
    return told


def judged(world: World, choice: Choice, tried: Sequence[Tried], single: Sequence[Count]) -> Figures:
    """A choice beside what is true in its world, and beside taking what scored best in the samples."""
    best = world.score(world.best())
    plain = _best_seen(tried, single)
    truth = world.losses(choice.at)
    return {
        "near_best": float(world.score(choice.size) >= NEAR * best),
        "near_best_plain": float(world.score(plain) >= NEAR * best),
        "refused": float(not choice.size),
        **{
            f"{name}_close": float(_close(getattr(choice.losses, name), getattr(truth, name)))
            for name in Losses._fields
        },
        **{f"{name}_told": getattr(choice.losses, name) for name in Losses._fields},
        **{f"{name}_true": getattr(truth, name) for name in Losses._fields},
        "sum_close": float(_close(-log(choice.losses.score), -log(truth.score))),
    }


def from_files(files: Sequence[Path]) -> dict[str, Figures]:
    """The choice for tries of your own. A line is an object: `tokens` of an input, `tried` (lists of a size, parts,
    answers found by workers, right ones, questions) and `single` (lists of a length, right ones, questions).
    Raises `ValueError` for anything else."""
    told: dict[str, Figures] = {}
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                given = json.loads(line)
                tried, single = [Tried(*each) for each in given["tried"]], [Count(*each) for each in given["single"]]
                choice = chosen(tried, single, given["tokens"])
            except (KeyError, TypeError, ValueError) as fault:
                raise ValueError(f"{path.name}, line {number}: no tries ({fault})") from fault
            told[f"{path.name}:{number} {choice.regime}"] = {
                "size": choice.size,
                "score": choice.score,
                "whole": choice.whole,
                **choice.losses._asdict(),
            }
    return {**told, "all": {"choices": float(len(told))}}


def _best_seen(tried: Sequence[Tried], single: Sequence[Count]) -> int:
    """The size that scored best, as it was seen; 0 where that was the whole."""
    best = max(tried, key=lambda each: each.right / each.of)
    whole = max(single, key=lambda each: each.at)
    return 0 if whole.right / whole.of >= best.right / best.of else best.size


def _close(told: float, true: float) -> bool:
    return abs(told - true) <= max(CLOSE * true, LITTLE)


def _means(many: Sequence[Figures]) -> Figures:
    return {name: round(mean(each[name] for each in many), 3) for name in many[0]} if many else {}

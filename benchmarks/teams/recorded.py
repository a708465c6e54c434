"""Recorded answers of small models: what a weighted vote brings over the best of them.

It must not know the policy's plans, only how votes are weighed. The recordings say whether an answer was right, not
which letter it was. Wrong letters are drawn: with a chance of `pull` the question's trap, else any wrong choice. `pull`
is set so that the plain vote gains what it was measured to gain on the letters themselves; the gains at the extremes
(wrong answers alike by chance only, all alike) stand beside it.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from policies.ensemble.extraction import Answer
from policies.ensemble.lesson import of_one_mind
from policies.ensemble.member import NO_RECORD, Past
from policies.ensemble.topology import learned
from policies.ensemble.voting import weighed

SMALL = (
    "Meta-Llama-3_1-8B-Instruct",
    "Mistral-7B-Instruct-v0.2",
    "Qwen1.5-7B-Chat",
    "mathstral-7B",
    "Phi-3-mini-4k-instruct",
)
"""Five small models; the best of them is right on .44 of MMLU-Pro."""
PLAIN_GAIN = 0.023
"""What the plain vote of these five gained over the best of them, on all 12,032 questions with their letters."""
OPTION = re.compile(r"^[A-L]\. ", re.MULTILINE)
LETTERS = "ABCDEFGHIJKL"
STEPS = 8


class Item(NamedTuple):
    """A recorded question: how many choices, who was right."""

    choices: int
    right: tuple[bool, ...]


class Gains(NamedTuple):
    """Points over the best member, as shares of 1."""

    plain: float
    """Everybody's vote alike."""
    unlabelled: float
    """Weights learned on the way, from who is of one mind with whom."""
    scored: float
    """Weights from 100 questions whose right answer is known."""
    known: float
    """Weights from the other half of the questions."""


def read(path: Path, models: Sequence[str] = SMALL) -> list[Item]:
    """The questions of a file. Raises `ValueError` where it lacks a model."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        there = json.loads(next(lines))["models"]
        if missing := sorted(set(models) - set(there)):
            raise ValueError(f"{path} has no answers of {', '.join(missing)}; there are {', '.join(there)}")
        places = [there.index(model) for model in models]
        rows = [json.loads(line) for line in lines]
    return [
        Item(max(3, len(OPTION.findall(row["question"]))), tuple(row["score"][place] > 0 for place in places))
        for row in rows
    ]


def letters(item: Item, dice: random.Random, pull: float) -> list[Answer]:
    """What each model said; the right choice is A, the trap is B."""
    said = []
    for right in item.right:
        wrong = 1 if dice.random() < pull else dice.randrange(1, item.choices)
        said.append(Answer("choice", LETTERS[0 if right else wrong]))
    return said


def gains(items: Sequence[Item], pull: float, seed: int) -> Gains:
    """All ways to vote, on the second half of the questions in a drawn order; the first half is to learn from."""
    dice = random.Random(seed)
    order = list(items)
    dice.shuffle(order)
    half = len(order) // 2
    known, tested = order[:half], order[half:]
    told = [letters(item, dice, pull) for item in tested]
    before = [letters(item, dice, pull) for item in known]
    best = max(_shares(tested))
    return Gains(
        _right(told, lambda _: [0.5] * len(SMALL), dice) - best,
        _unlabelled(before, told, dice) - best,
        _right(told, lambda _: _shares(known[:100]), dice) - best,
        _right(told, lambda _: _shares(known), dice) - best,
    )


def calibrated(items: Sequence[Item], seed: int, gain: float = PLAIN_GAIN) -> float:
    """The pull at which the plain vote gains so much on all questions, by halving."""
    best = max(_shares(items))
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        dice = random.Random(seed)
        right = mean(_plain(letters(item, dice, middle), dice) for item in items)
        low, high = (middle, high) if right - best > gain else (low, middle)
    return (low + high) / 2


def _plain(said: Sequence[Answer], dice: random.Random) -> bool:
    counts = Counter(answer.value for answer in said)
    most = max(counts.values())
    return dice.choice([letter for letter, count in counts.items() if count == most]) == LETTERS[0]


def _shares(items: Sequence[Item]) -> list[float]:
    return [mean(item.right[place] for item in items) for place in range(len(SMALL))]


def _unlabelled(before: Sequence[Sequence[Answer]], told: Sequence[Sequence[Answer]], dice: random.Random) -> float:
    """The vote of a team that has answered the questions before, and nobody has told it what was right."""
    past = Past()
    for said in before[:500]:
        marks = {str(place): answer.value for place, answer in enumerate(said)}
        past = learned(past, of_one_mind(marks), {})
    able = [past.members.get(str(place), NO_RECORD).share(0.5) for place in range(len(SMALL))]
    return _right(told, lambda _: able, dice)


def _right(told: Sequence[Sequence[Answer]], able: Callable[[int], Sequence[float]], dice: random.Random) -> float:
    """Share of right winners; between equals the dice decide, not the order of the models."""
    good = 0
    for number, said in enumerate(told):
        votes: Mapping[Answer, float] = weighed(said, able(number))
        most = max(votes.values())
        winners = [answer for answer, weight in votes.items() if weight >= most - 1e-9]
        good += dice.choice(winners).value == LETTERS[0]
    return good / len(told)

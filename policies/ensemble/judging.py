"""Members' scores for each other's answers, and the graph that follows from them.

It must not know who is asked, nor how. Source: Graph-of-Agents (arXiv 2604.17148); the order of steps and the strict
reading are those of its code (UNITES-Lab/GoA at c9def00, `edge_sampling`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])")
LEAST_SUM, MOST_SUM = 0.9, 1.0
HIGH, MODERATE = 0.7, 0.4


class Standing(NamedTuple):
    """How the answers stand with the judges."""

    scores: Mapping[int, float]
    """Mean score of each answer that is left, best first; the means of all answers add up to 1."""
    dropped: tuple[int, ...]
    """Judges whose scores could not be read."""

    @property
    def order(self) -> list[int]:
        """The answers that are left, best first."""
        return list(self.scores)

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Every pair of better and worse: the worse reads the better, and later the other way round."""
        return [(one, two) for place, one in enumerate(self.order) for two in self.order[place + 1 :]]

    def weights(self, among: Sequence[int]) -> list[float]:
        """Each one's share of the score that `among` has together."""
        total = sum(self.scores[each] for each in among)
        return [self.scores[each] / total if total else 1 / len(among) for each in among]


def strictly(text: str, count: int) -> list[float] | None:
    """The scores in a judge's text as upstream reads them: as many as there are answers, adding up to 0.9 to 1."""
    scores = [float(number) for number in NUMBER.findall(text)]
    return scores if len(scores) == count and LEAST_SUM < sum(scores) <= MOST_SUM else None


def leniently(text: str, count: int) -> list[float] | None:
    """The scores in a judge's text: the last `count` numbers of it, whatever they add up to, as shares of 1.

    Percentages, points of ten and a sum of 1.01 are taken; an essay without numbers, too few of them, or nothing but
    zeros is not.
    """
    found = [float(number) for number in NUMBER.findall(text)]
    bracketed = re.findall(r"\[([^\[\]]*)\]", text)
    if bracketed and len(inside := [float(number) for number in NUMBER.findall(bracketed[-1])]) == count:
        found = inside
    scores = found[-count:] if count else []
    total = sum(scores)
    return [score / total for score in scores] if len(scores) == count and total > 0 else None


def standing(
    said: Mapping[int, Sequence[float] | None],
    answers: Sequence[int],
    threshold: float,
    able: Mapping[int, float] | None = None,
) -> Standing:
    """The standing of the answers by what each judge `said` of all but its own, in the order of `answers`.

    An answer at or below `threshold` is left out. `able` is how likely each member is to be right: its scores weigh as
    much, and so does its own answer. Without it all are alike, as in the paper's code.
    """
    able = able or dict.fromkeys(answers, 1.0)
    given: dict[int, list[tuple[float, float]]] = {answer: [] for answer in answers}
    for judge, scores in said.items():
        others = [answer for answer in answers if answer != judge]
        for answer, score in zip(others, scores or (), strict=False):
            given[answer].append((score, able[judge]))
    means = {answer: able[answer] * _mean(scores) for answer, scores in given.items()}
    total = sum(means.values())
    shares = {answer: mean / total if total else 0.0 for answer, mean in means.items()}
    kept = {answer: share for answer, share in shares.items() if share > threshold}
    best = sorted(kept, key=lambda answer: -kept[answer])
    dropped = tuple(judge for judge, scores in said.items() if scores is None)
    return Standing({answer: kept[answer] for answer in best}, dropped)


def _mean(weighed: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for _, weight in weighed)
    return sum(score * weight for score, weight in weighed) / total if total else 0.0


def label(weight: float) -> str:
    """A share of score in the word that members are told."""
    if weight > HIGH:
        return "high"
    return "moderate" if weight > MODERATE else "low"

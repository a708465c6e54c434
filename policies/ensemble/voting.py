"""A vote of answers, each weighing what its member is known for and what it contributes.

It must not know who was asked, nor how. Weights: the log-odds of a member's accuracy among the answers there can be
(Nitzan and Paroush 1982), times its contribution ψ.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from policies.ensemble.extraction import Answer

LEAST, MOST = 0.02, 0.98
TEMPTING = 4.5
"""How many answers a vote is taken to be between, however many there can be: models that err fall for the same few, so
one that is right less often than 1 in 4.5 tells nothing. Measured: `python -m benchmarks.teams`."""
FLOOR = 0.01
"""Weight of a member that is more often wrong than a guess: it breaks a tie and no more."""


def log_odds(accuracy: float) -> float:
    """The weight of a vote that is right with probability `accuracy`, else at any of the other tempting answers."""
    accuracy = min(MOST, max(LEAST, accuracy))
    return max(FLOOR, math.log(accuracy * (TEMPTING - 1) / (1 - accuracy)))


def weighed(answers: Sequence[Answer | None], able: Sequence[float]) -> Mapping[Answer, float]:
    """The vote of members who are right so often: each answer's share of all weight, the heaviest first."""
    sums = tally(answers, [log_odds(each) for each in able])
    total = sum(sums.values())
    return {answer: weight / total for answer, weight in sums.items()}


def tally(answers: Sequence[Answer | None], weights: Sequence[float]) -> Mapping[Answer, float]:
    """Each answer's weight together, the heaviest first; of equal ones that which was given first."""
    sums: dict[Answer, float] = {}
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            sums[answer] = sums.get(answer, 0.0) + weight
    return dict(sorted(sums.items(), key=lambda each: -each[1]))


def comparable(answers: Sequence[Answer | None]) -> bool:
    """Whether a vote says something: half of the answers or more, and at least two, are of one kind."""
    kinds = Counter(answer.kind for answer in answers if answer is not None)
    most = max(kinds.values(), default=0)
    return most >= 2 and most * 2 >= len(answers)


def unanimous(answers: Sequence[Answer | None]) -> bool:
    """Whether there are several answers, all the same."""
    return len(answers) > 1 and None not in answers and len(set(answers)) == 1

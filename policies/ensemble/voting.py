"""A vote of answers, each weighing what its member is known for and what it contributes.

It must not know who was asked, nor how. Weights: the log-odds of a member's accuracy among the answers there can be
(Nitzan and Paroush 1982), times its contribution ψ.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from policies.ensemble.extraction import Answer

LEAST, MOST = 0.02, 0.98
OPEN = 10
"""How many answers a question is taken to have that offers no choices."""
FLOOR = 0.01
"""Weight of a member that is more often wrong than a guess: it breaks a tie and no more."""


def log_odds(accuracy: float, choices: int = OPEN) -> float:
    """The weight of a vote that is right with probability `accuracy`, else at any of the other `choices` alike."""
    accuracy = min(MOST, max(LEAST, accuracy))
    return max(FLOOR, math.log(accuracy * max(1, choices - 1) / (1 - accuracy)))


def tally(answers: Sequence[Answer | None], weights: Sequence[float]) -> Mapping[Answer, float]:
    """Each answer's weight together, the heaviest first; of equal ones that which was given first."""
    sums: Counter[Answer] = Counter()
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            sums[answer] += weight  # type: ignore[assignment]
    return dict(sums.most_common())


def comparable(answers: Sequence[Answer | None]) -> bool:
    """Whether a vote says something: half of the answers or more, and at least two, are of one kind."""
    kinds = Counter(answer.kind for answer in answers if answer is not None)
    most = max(kinds.values(), default=0)
    return most >= 2 and most * 2 >= len(answers)


def unanimous(answers: Sequence[Answer | None]) -> bool:
    """Whether there are several answers, all the same."""
    return len(answers) > 1 and None not in answers and len(set(answers)) == 1

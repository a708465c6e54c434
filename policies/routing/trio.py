"""Several models for one question, chosen so that at least one of them will be right.

It must not know how a score is estimated, nor what is done with the models.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from policies.routing.sketch import Rows

MOST_SETS = 200
MOST_TRIED = 4_000
"""Sets of models whose record is looked at; among more models than that allows, only the best are combined."""


def sets(scores: Rows, size: int = 3, most: int = MOST_SETS) -> tuple[NDArray[np.int64], Rows]:
    """The sets of models that did best on known questions (sets by size), and what each scored on each question: the
    score of its best member. Scores must all be known."""
    best = np.argsort(-scores.mean(0), kind="stable")
    while len(best) > size and _count(len(best), size) > MOST_TRIED:
        best = best[:-1]
    groups = np.array(list(combinations(sorted(best.tolist()), min(size, len(best)))), np.int64)
    means = np.array([scores[:, group].max(1).mean() for group in groups])
    kept = groups[np.argsort(-means, kind="stable")[:most]]
    return kept, np.stack([scores[:, group].max(1) for group in kept], axis=1).astype(np.float32)


def likeliest(scores: Rows, size: int = 3) -> NDArray[np.int64]:
    """The models of the highest estimates, for each question; where nothing is known of sets."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :size]


def _count(models: int, size: int) -> int:
    found = 1
    for step in range(size):
        found = found * (models - step) // (step + 1)
    return found

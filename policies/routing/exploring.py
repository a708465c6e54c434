"""Who is asked so as to be known better, in place of the best: somebody who may well be as good.

It must not know how often that is wished, nor sessions.
"""

from math import sqrt

from policies.routing.choice import Candidate, Field
from policies.routing.outcomes import LEVEL


def doubt(one: Candidate, other: Candidate, wish: float) -> float:
    """The standard error of the difference between the worths of two, of what is known of their quality."""
    return wish * sqrt(_variance(one) + _variance(other))


def unknown(field: Field, wish: float) -> Candidate | None:
    """Of those whose worth is less than the best one's by no more than the doubt, the one with the fewest scores; None
    where the best is surely that."""
    best, *others = field.candidates
    near = [each for each in others if best.utility - each.utility < doubt(best, each, wish)]
    return min(near, key=lambda each: (each.scores, -each.utility), default=None)


def _variance(candidate: Candidate) -> float:
    """Of a quality that rests on a card and some scores."""
    return candidate.quality * (1.0 - candidate.quality) / (LEVEL + candidate.scores)

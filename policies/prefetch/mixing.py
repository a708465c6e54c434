"""Several opinions made one: a product of distributions, each raised to a weight that follows how well it foretells.

It must not know what is foretold.
"""

from collections.abc import Mapping, Sequence
from math import log

from policies.prefetch.ranking import softmax

PACE = 0.02
USUAL = 0.3
"""The weight of an opinion of which nothing is known."""
LEAST = 1e-4
"""Added to each probability: nobody is sure enough to forbid a label."""

Opinion = tuple[str, Sequence[float]]
"""Whose it is, and a probability for each label."""


def mixed(opinions: Sequence[Opinion], weights: Mapping[str, float], first: Mapping[str, float]) -> list[float]:
    """One distribution of all opinions. `first` holds weights for those not in `weights`, by their first word."""
    scores = [0.0] * len(opinions[0][1])
    for who, shares in opinions:
        weight = _weight(who, weights, first)
        for place, share in enumerate(shares):
            scores[place] += weight * log(share + LEAST)
    return softmax(scores)


def reweighed(
    opinions: Sequence[Opinion], weights: Mapping[str, float], right: int, first: Mapping[str, float]
) -> dict[str, float]:
    """The weights after it was seen which label was right: a step up the slope of its log probability."""
    shares = mixed(opinions, weights, first)
    new = dict(weights)
    for who, said in opinions:
        logs = [log(each + LEAST) for each in said]
        mean = sum(share * each for share, each in zip(shares, logs, strict=True))
        new[who] = _weight(who, weights, first) + PACE * (logs[right] - mean)
    return new


def _weight(who: str, weights: Mapping[str, float], first: Mapping[str, float]) -> float:
    known = weights.get(who)
    return first.get(who.split(" ")[0], USUAL) if known is None else known

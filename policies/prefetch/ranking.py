"""Weights by which whole calls are ranked, learned from which of the offered ones was made.

It must not know what the features mean.
"""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

Weights = Sequence[float]
START: Weights = (
    1.0, 0.3, -0.3, 1.5, 0.5, 0.3, -1.5, 0.5, 0.5, -0.3, 1.0, -0.3, -0.5, 1.0, 0.5, 1.0, 1.0, -1.0, 1.0, -3.0, 1.0, 1.0,
    0.5, 0.5,
)  # fmt: skip
"""Before anything is learned; the features stand at `policies.prefetch.offers.NAMES`."""
PACE = 0.15
PULL = 0.001
"""How fast weights go, and how much they are drawn back to the start at each step."""


class Ranking:
    """Weights for tools with one argument, for those with more, and what each tool adds; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.shared = _weights(told.get("shared", {}))
        self.own = _weights(told.get("own", {}))

    def json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "shared": {name: [round(each, 3) for each in weights] for name, weights in self.shared.items()},
            "own": {name: [round(each, 3) for each in weights] for name, weights in self.own.items()},
        }

    def weights(self, tool: str, width: int) -> Weights:
        """The weights for a tool that takes so many arguments."""
        shared, own = self.shared.get(_kind(width), START), self.own.get(tool)
        return [one + other for one, other in zip(shared, own, strict=True)] if own else shared

    def learn(self, tool: str, width: int, offered: Sequence[Sequence[float]], right: int) -> None:
        """One of the offered calls was right; a negative number: none."""
        if right < 0 or len(offered) < 2:
            return
        step = _step(self.weights(tool, width), offered, right)
        shared, own = self.shared.get(_kind(width), START), self.own.get(tool, [0.0] * len(START))
        pulled = zip(shared, step, START, strict=True)
        self.shared[_kind(width)] = [weight + change + PULL * (start - weight) for weight, change, start in pulled]
        self.own[tool] = [weight * (1 - PULL) + change for weight, change in zip(own, step, strict=True)]


def _weights(told: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """The weights as told; those for other features than today's are learned anew."""
    return {name: list(each) for name, each in told.items() if len(each) == len(START)}


def _kind(width: int) -> str:
    return "several" if width > 1 else "one"


def _step(weights: Weights, offered: Sequence[Sequence[float]], right: int) -> list[float]:
    """A step up the slope of the right one's log probability."""
    shares = softmax([dot(weights, features) for features in offered])
    columns = zip(*offered, strict=True)
    means = [sum(share * each for share, each in zip(shares, column, strict=True)) for column in columns]
    return [PACE * (feature - mean) for feature, mean in zip(offered[right], means, strict=True)]


def dot(weights: Weights, features: Sequence[float]) -> float:
    """The score of features."""
    return sum([weight * feature for weight, feature in zip(weights, features, strict=True)])


def softmax(scores: Sequence[float]) -> list[float]:
    """Scores as probabilities."""
    top = max(scores)
    raised = [exp(score - top) for score in scores]
    total = sum(raised)
    return [each / total for each in raised]

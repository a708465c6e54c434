"""A logistic regression with few features: how likely something is.

It must not know what the features are.
"""

from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple

STEPS = 60
RIDGE = 1.0
"""Weight of the squared weights of scaled features, against following the data too closely."""


class Logistic(NamedTuple):
    """Weights by the feature's name, and what is added to all."""

    bias: float
    weights: Mapping[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        """Log odds; a feature that is not given is 0."""
        return self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())

    def __call__(self, features: Mapping[str, float]) -> float:
        """Probability, 0 to 1."""
        return squash(self.logit(features))


def squash(logit: float) -> float:
    """From log odds to a probability."""
    return 1 / (1 + exp(-max(-60.0, min(60.0, logit))))


def fitted(rows: Sequence[Mapping[str, float]], labels: Sequence[bool], names: Sequence[str]) -> Logistic:
    """The weights that fit the labels best, both labels weighing alike; by Newton's method on scaled features.

    Raises `ValueError` where one of the labels does not occur.
    """
    positive = sum(labels)
    if not 0 < positive < len(labels):
        raise ValueError("a regression needs examples of both kinds")
    means = [sum(row[name] for row in rows) / len(rows) for name in names]
    scales = [
        (sum((row[name] - mean) ** 2 for row in rows) / len(rows)) ** 0.5 or 1.0
        for name, mean in zip(names, means, strict=True)
    ]
    table = [[1.0, *((row[n] - m) / s for n, m, s in zip(names, means, scales, strict=True))] for row in rows]
    shares = (len(labels) / (2 * (len(labels) - positive)), len(labels) / (2 * positive))
    bias, *found = _newton(table, labels, shares)
    weights = {name: weight / scale for name, weight, scale in zip(names, found, scales, strict=True)}
    bias -= sum(weights[name] * mean for name, mean in zip(names, means, strict=True))
    return Logistic(bias, weights)


def _newton(table: Sequence[Sequence[float]], labels: Sequence[bool], shares: tuple[float, float]) -> list[float]:
    """Weights of the columns."""
    size = len(table[0])
    weights = [0.0] * size
    for _ in range(STEPS):
        slope = [-RIDGE * weight * (place > 0) for place, weight in enumerate(weights)]
        bend = [[RIDGE * (row == column) * (row > 0) for column in range(size)] for row in range(size)]
        for row, label in zip(table, labels, strict=True):
            share = shares[label]
            p = squash(sum(w * x for w, x in zip(weights, row, strict=True)))
            slope = [s + share * (label - p) * x for s, x in zip(slope, row, strict=True)]
            steep = share * max(p * (1 - p), 1e-9)
            for place, x in enumerate(row):
                scaled = steep * x
                bend[place] = [b + scaled * other for b, other in zip(bend[place], row, strict=True)]
        step = _solved(bend, slope)
        weights = [weight + each for weight, each in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    return weights


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of `matrix · x = right`, by elimination with pivots."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for place in range(size):
        pivot = max(range(place, size), key=lambda row: abs(rows[row][place]))
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for row in range(place + 1, size):
            factor = rows[row][place] / rows[place][place]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[place], strict=True)]
    found = [0.0] * size
    for place in reversed(range(size)):
        rest = sum(rows[place][other] * found[other] for other in range(place + 1, size))
        found[place] = (rows[place][size] - rest) / rows[place][place]
    return found

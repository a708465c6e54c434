"""Estimates moved so that what is chosen by them scores more, which is not the same as estimating well.

It must not know how the estimates were made, nor what models cost.

A regression spends its freedom on all scores; a choice needs only the order of the best few. So weights are added to
the estimates by ascending the mean score of a soft choice (the expected reward of a softmax policy, as in REINFORCE,
Williams 1992, here exact, because every model's score is known), with the steps of Adam (Kingma and Ba 2014).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.routing.sketch import Rows

STEPS, RATE = 60, 0.003
FIRST, SECOND = 0.9, 0.99
"""What Adam keeps of the mean of gradients and of their squares."""


class Ascent(NamedTuple):
    """One way to move them."""

    softness: float
    """By how much an estimate must lead to be chosen e times as often."""
    penalty: float
    """Of the weights' squares, beside the mean score."""


ASCENTS = (Ascent(0.1, 0.001), Ascent(0.1, 0.003), Ascent(0.2, 0.001))


def moved(rows: Rows, estimates: Rows, scores: Rows, ascent: Ascent) -> Rows:
    """Weights (features by models) whose product with a question's features is to be added to its estimates. The
    estimates must be of questions that they were not learned from; all scores must be known."""
    weights = np.zeros((rows.shape[1], scores.shape[1]), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    soft = np.float32(ascent.softness)
    for step in range(1, STEPS + 1):
        share = _softmax((estimates + rows @ weights) / soft)
        ahead = share * (scores - (share * scores).sum(1, keepdims=True))
        slope = rows.T @ ahead / (soft * len(rows)) - ascent.penalty * weights
        mean = FIRST * mean + (1 - FIRST) * slope
        square = SECOND * square + (1 - SECOND) * slope * slope
        fair = np.sqrt(square / (1 - SECOND**step)) + 1e-8
        weights += np.float32(RATE / (1 - FIRST**step)) * mean / fair
    return weights


def _softmax(rows: NDArray[np.floating]) -> Rows:
    found = np.exp(rows - rows.max(1, keepdims=True))
    return np.asarray(found / found.sum(1, keepdims=True), np.float32)

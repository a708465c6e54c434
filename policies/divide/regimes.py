"""Whether to divide an input, into parts of which size, and what that costs in quality: read from a few tries.

It must not know models, texts or the road. After the noise decomposition (arXiv 2506.16411): the score of divided
work is the product of what the cut leaves possible (task noise), what workers get right on inputs of that size
(model noise), and what the manager keeps of it (aggregator noise). Logarithms of the three add up; they are the
losses told here.
"""

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GROWTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
"""Powers of its argument by which a loss may grow."""
FLOORS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 0.8, 1.1, 1.5, 2.0, 2.6, 3.3)
STEEPS = tuple(0.002 * 1.5**step for step in range(22))
"""Losses at the least and beyond it at the greatest argument, that are tried."""
SMOOTH = 300.0
"""Answers that the curve counts for, beside those that were counted at the very place."""
GAIN = 1.02
"""Times the score of the whole that a division must promise."""
LOW, HIGH = 0.25, 0.9
"""Scores below which nothing is worth dividing for, and above which nothing is to be gained."""
Grid = NDArray[np.float64]


class Count(NamedTuple):
    """So many right of so many, at an argument (tokens of an input, or parts that are put together)."""

    at: float
    right: float
    of: float


class Tried(NamedTuple):
    """The samples divided into parts of one size."""

    size: int
    """Tokens of a part."""
    parts: float
    """Of a sample, on average."""
    found: float
    """Questions whose answer stood in what the workers wrote."""
    right: float
    """Questions that the manager answered rightly."""
    of: float


class Losses(NamedTuple):
    """Negative logarithms of the shares that are kept; 0: nothing is lost."""

    model: float
    task: float
    aggregator: float

    @property
    def score(self) -> float:
        """What is left of 1."""
        return exp(-sum(self))


class Choice(NamedTuple):
    """What to do with inputs like the samples."""

    size: int
    """Tokens of a part; 0: the input goes to the model whole."""
    regime: str
    """`model noise`, `aggregator noise`, `task noise`, or `none` where nothing is to be gained."""
    at: int
    """The size at which the losses are told: the one that was chosen, or the best there is where nothing is divided."""
    losses: Losses
    score: float
    """To be expected of what was chosen."""
    whole: float
    """To be expected of a single call."""
    reason: str


class Curve:
    """A loss that does not fall as its argument grows: a floor, and a power of the argument. All such curves of a grid,
    each as far as it is likely, and what was counted at a place itself."""

    def __init__(self, counts: Sequence[Count]) -> None:
        """The curve for these counts."""
        told = [count for count in counts if count.of > 0]
        self._here = {count.at: count for count in told}
        self._span = max(1.0, max((count.at for count in told), default=1.0))
        at = np.array([self._placed(count.at) for count in told])
        right, of = (np.array([count[place] for count in told], float) for place in (1, 2))
        self._grid = np.array([(floor, steep, power) for floor in FLOORS for steep in STEEPS for power in GROWTHS])
        kept = np.clip(np.exp(-self._losses(at)), 1e-6, 1 - 1e-6)
        likely = right @ np.log(kept) + (of - right) @ np.log(1 - kept) if told else np.zeros(len(self._grid))
        weights = np.exp(likely - likely.max())
        self._weights = weights / weights.sum()

    def kept(self, at: float) -> float:
        """The share that is expected to be kept there."""
        smooth = float(np.exp(-self._losses(np.array([self._placed(at)])))[0] @ self._weights)
        here = self._here.get(at)
        return smooth if here is None else (SMOOTH * smooth + here.right) / (SMOOTH + here.of)

    def _placed(self, at: float) -> float:
        return at / self._span

    def _losses(self, at: Grid) -> Grid:
        """Arguments (rows) by curves."""
        floor, steep, power = self._grid.T
        return np.asarray(floor + steep * at[:, None] ** power)


def chosen(tried: Sequence[Tried], single: Sequence[Count], tokens: int) -> Choice:
    """What to do with inputs of so many tokens. `single`: what one call got right on inputs of a length that held all
    that the question needs; the whole input is among them. Raises `ValueError` where nothing was tried."""
    if not tried or not single:
        raise ValueError("nothing was tried: a few sizes and the whole are needed")
    model = Curve(single)
    task = Curve(_beside(tried, model))
    manager = Curve([Count(each.parts, each.right, each.found) for each in tried])
    whole = model.kept(tokens)
    found = {
        each.size: Losses(*(-log(max(curve.kept(at), 1e-9)) for curve, at in _places(each, model, task, manager)))
        for each in tried
    }
    size = max(found, key=lambda each: (found[each].score, each))
    return _told(size, found[size], whole)


def _places(tried: Tried, model: Curve, task: Curve, manager: Curve) -> tuple[tuple[Curve, float], ...]:
    return (model, float(tried.size)), (task, tried.parts), (manager, tried.parts)


def _beside(tried: Sequence[Tried], model: Curve) -> list[Count]:
    """What workers found, of what the model finds on inputs of that length when nothing is missing from them."""
    return [
        Count(each.parts, min(each.found, able), able) for each in tried if (able := each.of * model.kept(each.size))
    ]


def _told(size: int, losses: Losses, whole: float) -> Choice:
    score = losses.score
    if score > GAIN * whole and score >= LOW:
        regime = "aggregator noise" if losses.aggregator > losses.model else "model noise"
        said = f"divided, {score:.2f} instead of {whole:.2f}"
        return Choice(size, regime, size, losses, score, whole, said)
    if whole >= HIGH or losses.task < max(losses.model, losses.aggregator):
        return Choice(0, "none", size, losses, whole, whole, f"whole: {whole:.2f}, and {score:.2f} divided")
    said = f"whole: the task does not divide, {score:.2f} at best instead of {whole:.2f}"
    return Choice(0, "task noise", size, losses, whole, whole, said)

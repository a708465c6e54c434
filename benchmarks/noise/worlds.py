"""Random worlds of long inputs and a model that gets worse as they grow: what divided work would score in them,
exactly, and what a few samples of it look like.

It must not know how a size is chosen. Lengths are tokens; a sample is a document with questions, each right or wrong.
"""

from math import ceil, exp, log, log2
from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.random import Generator
from numpy.typing import NDArray

from policies.divide.regimes import Count, Losses, Tried

SIZES = tuple(1_000 * 2**power for power in range(7))
"""1k to 64k: the sizes that are tried."""
REGIMES = ("model noise", "aggregator noise", "task noise")
SHAPES = ("power", "knee", "logistic")
"""Of how a model's errors grow with the length of its input: over a stretch of it, all faster than the length."""
UNLIKE = 0.6
"""How far documents are from each other: standard deviation of the log odds with which a question is answered."""
NODES, WEIGHTS = hermegauss(15)
MOST_WHOLE = 0.95
Floats = NDArray[np.float64]


class World(NamedTuple):
    """One kind of input before one model."""

    regime: str
    tokens: int
    """Of a whole input."""
    able: float
    """What the model gets right on a short input."""
    shape: str
    comfort: float
    """Tokens of an input at which the model begins to fail."""
    steep: float
    task: float
    """Loss by dividing at all."""
    manager: float
    """Loss by putting one part together with others."""
    growth: float
    """Power of the number of parts by which that grows."""

    @property
    def sizes(self) -> list[int]:
        """The sizes that divide it."""
        return [size for size in SIZES if size < self.tokens]

    def kept(self, tokens: float) -> float:
        """The share of answers that one call gets right on an input of this length."""
        over = tokens / self.comfort
        if self.shape == "power":
            return self.able * exp(-(over**self.steep))
        if self.shape == "knee":
            return self.able * exp(-0.25 * max(0.0, log2(4 * over)) ** 1.5)
        return self.able / (1 + over ** (1.5 * self.steep))

    def losses(self, size: int) -> Losses:
        """What is lost when inputs are divided into parts of this size."""
        parts = ceil(self.tokens / size)
        return Losses(-log(self.kept(size)), self.task, self.manager * parts**self.growth)

    def score(self, size: int) -> float:
        """The share of answers that are right then; of size 0: in a single call."""
        return self.losses(size).score if size else self.kept(self.tokens)

    def best(self) -> int:
        """The size of the best score; 0: a single call."""
        return max((0, *self.sizes), key=self.score)

    def tried(self, chance: Generator, sample: "Documents") -> tuple[list[Tried], list[Count]]:
        """The documents divided into parts of every size; and single calls about what stands in a stretch of them, for
        stretches of every length and the whole."""
        tried = []
        for size in self.sizes:
            losses = self.losses(size)
            found = sample.right(chance, exp(-losses.model - losses.task))
            right = int(chance.binomial(found, exp(-losses.aggregator)))
            tried.append(Tried(size, ceil(self.tokens / size), found, right, sample.of))
        lengths = (*self.sizes, self.tokens)
        return tried, [Count(length, sample.right(chance, self.kept(length)), sample.of) for length in lengths]


class Documents(NamedTuple):
    """A few inputs of a world, with questions whose answers are known. A hard one is hard at every size."""

    hard: Floats
    """How much easier each one is than the middle one, in standard deviations."""
    questions: int
    """About each."""
    unlike: float = UNLIKE

    @property
    def of(self) -> int:
        """All questions."""
        return self.questions * len(self.hard)

    def right(self, chance: Generator, share: float) -> int:
        """Right answers where, of all the documents there are, this share is right."""
        return int(chance.binomial(self.questions, _odds(self._middle(share) + self.unlike * self.hard)).sum())

    def _middle(self, share: float) -> float:
        """The log odds of a document that is neither hard nor easy, by bisection."""
        low, high = -25.0, 25.0
        for _ in range(50):
            middle = (low + high) / 2
            mean = float(_odds(middle + self.unlike * NODES) @ WEIGHTS / WEIGHTS.sum())
            low, high = (middle, high) if mean < share else (low, middle)
        return low


def _odds(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def drawn(chance: Generator, regime: str) -> World:
    """A world of a regime: one of task noise is best left whole, in the others dividing pays by a twentieth or more."""
    while True:
        tokens = int(chance.choice([32_000, 64_000, 128_000, 256_000]))
        growth, shape = chance.uniform(0.5, 1.2), str(chance.choice(SHAPES))
        comfort = tokens * (chance.uniform(0.5, 3.0) if regime == "task noise" else chance.uniform(0.1, 0.6))
        task = chance.uniform(0.8, 2.5) if regime == "task noise" else chance.uniform(0.0, 0.08)
        put = chance.uniform(0.6, 2.5) if regime == "aggregator noise" else chance.uniform(0.02, 0.2)
        manager = put / (tokens / SIZES[0]) ** growth
        able, steep = chance.uniform(0.85, 1.0), chance.uniform(1.2, 2.5)
        world = World(regime, tokens, able, shape, comfort, steep, task, manager, growth)
        if _is_one(world):
            return world


def _is_one(world: World) -> bool:
    whole, divided = world.score(0), max(map(world.score, world.sizes))
    if world.regime == "task noise":
        return divided <= whole < MOST_WHOLE
    smallest = world.score(SIZES[0])
    return divided >= 1.05 * whole and (world.regime != "aggregator noise" or smallest < 0.95 * divided)

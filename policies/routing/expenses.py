"""What replies will cost: a regression of its logarithm on where questions lie.

It must not know prices, nor where costs were seen. Not for the road: it needs numpy.
"""

from dataclasses import dataclass

import numpy as np

from policies.routing.regression import sparse_path
from policies.routing.sketch import Rows
from policies.routing.space import Placed, features

PENALTY = 10.0
LEAST_USD = 1e-9
"""So that what is free has a logarithm."""


@dataclass(frozen=True, slots=True)
class Spending:
    """The fitted costs of a set of models, in its order."""

    level: Rows
    """The mean logarithm of each model's costs in US dollars."""
    weights: Rows
    """Features of a question by models."""

    @classmethod
    def of(cls, known: Placed, costs: Rows) -> "Spending":
        """Learns from what models' replies cost (questions by models, US dollars, NaN where unknown)."""
        logs = np.log(np.maximum(costs, np.float32(LEAST_USD)))
        seen = ~np.isnan(logs)
        level = (np.nansum(logs, 0) / np.maximum(seen.sum(0), 1)).astype(np.float32)
        rest = np.asarray(logs - level, np.float32)
        return cls(level, sparse_path(features(known), rest, [PENALTY])[0])

    def costs(self, asked: Placed) -> Rows:
        """The cost to expect of each model (columns) for each question (rows), US dollars."""
        return np.asarray(np.exp(self.level + features(asked) @ self.weights), np.float32)

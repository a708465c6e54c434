"""What replies will cost: on the road from the tokens of earlier ones, offline by a regression on where questions lie.

It must not know prices, nor where tokens and costs were seen. The lesson has the form of `outcomes`, with the tokens of
replies in place of scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.routing.outcomes import Outcome, shrunken
from policies.routing.regression import sparse_path
from policies.routing.sketch import Rows
from policies.routing.space import Placed, features
from proxy.exchange import Completion

REPLY_TOKENS = 500.0
"""Of a reply, where nothing is known of it."""
WORTH = (4.0, 10.0)
"""Replies that this counts for, and that a model's mean in all does against that of one kind of question."""
PENALTY = 10.0
LEAST_USD = 1e-9
"""So that what is free has a logarithm."""


def spent(model: str, topics: Sequence[str], completion: Completion) -> Outcome | None:
    """The tokens of a whole reply, reasoning and all; None where they were not counted."""
    usage = completion.usage
    if usage is None or not usage.completion or not completion.whole or completion.status >= 400:
        return None
    return Outcome(model, tuple(topics), float(usage.completion))


def reply_tokens(lesson: Any, model: str, topics: frozenset[str]) -> float:
    """The tokens to expect of a model's reply to a question of these kinds: the mean of what was seen, shrunken to what
    its replies have in all, and that to `REPLY_TOKENS`."""
    return shrunken(lesson, model, topics, REPLY_TOKENS, WORTH)[0]


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

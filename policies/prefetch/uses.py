"""How likely a foretold call is to be made before the next write, calibrated by how such calls fared.

It must not know how calls are foretold, nor whether any is launched.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, NamedTuple

from policies.prefetch.regression import Feature, Regression

USED, UNUSED = 0, 1
BUCKETS = 10
TRUST = 8.0
"""Cases of a bucket that weigh as much as the regression's own opinion."""


class Case(NamedTuple):
    """A foretold call."""

    tool: str
    name: float
    """Probability that this tool comes next."""
    arguments: float
    """Probability of these arguments, given the tool."""
    best: float
    """The same, as a share of that of the likeliest arguments."""
    level: int
    """What is at hand for its arguments."""
    after_user: bool
    """The user has just spoken."""
    model: str

    def json(self) -> list[Any]:
        """For the store; `Case(*…)` reads it."""
        numbers = (round(each, 4) for each in (self.name, self.arguments, self.best))
        return [self.tool, *numbers, self.level, self.after_user, self.model]


class Uses:
    """What is learned of the fate of foretold calls; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.regression = Regression(told.get("regression"))
        self.buckets: list[list[float]] = [list(pair) for pair in told.get("buckets", [])] or [
            [0.0, 0.0] for _ in range(BUCKETS)
        ]
        """For each tenth of the regression's probability: times used, times foretold."""

    def json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "regression": self.regression.json(),
            "buckets": [[round(each, 2) for each in pair] for pair in self.buckets],
        }

    def likely(self, case: Case) -> float:
        """The probability that the call is made before the next write: the regression's, set right by how far off it
        was in such cases."""
        raw = self._raw(described(case))
        place = raw * BUCKETS - 0.5
        low = int(max(0.0, min(BUCKETS - 2.0, place)))
        share = min(1.0, max(0.0, place - low))
        return raw + (1 - share) * self._amiss(low) + share * self._amiss(low + 1)

    def _amiss(self, bucket: int) -> float:
        """How far off the regression is in this bucket: the posterior mean less the bucket's middle."""
        used, n = self.buckets[bucket]
        middle = (bucket + 0.5) / BUCKETS
        return (used + TRUST * middle) / (n + TRUST) - middle

    def learn(self, case: Case, *, used: bool) -> None:
        """The call was made, or was not."""
        features = described(case)
        pair = self.buckets[_bucket(self._raw(features))]
        pair[0] = 0.99 * pair[0] + used
        pair[1] = 0.99 * pair[1] + 1
        self.regression.learn(features, 2, USED if used else UNUSED)

    def _raw(self, features: Sequence[Feature]) -> float:
        return self.regression.shares(features, 2)[USED] if self.regression else 0.0


def _bucket(raw: float) -> int:
    return min(BUCKETS - 1, int(raw * BUCKETS))


def described(case: Case) -> list[Feature]:
    """A foretold call as its fate depends on it."""
    turn = "u" if case.after_user else "r"
    tool = f"tool {case.tool}"
    numbers = (
        ("name", log(case.name + 1e-3) / 3),
        ("arguments", log(case.arguments + 1e-3) / 3),
        ("best", log(case.best + 1e-3) / 3),
    )
    found = [("", 1.0), (f"level {case.level}{turn}", 1.0), *numbers]
    found += [(tool, 1.0), (f"{tool} {case.level}{turn}", 1.0), (f"{tool} {case.model}", 1.0)]
    return found + [(f"{tool} {name}", value) for name, value in numbers]

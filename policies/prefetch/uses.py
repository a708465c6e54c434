"""How likely a foretold call is to be made before the next write, calibrated by how such calls fared.

It must not know how calls are foretold, nor whether any is launched.
"""

from collections.abc import Mapping, Sequence
from math import exp, log
from typing import Any, NamedTuple

from policies.prefetch.regression import Feature, Regression

USED, UNUSED = 0, 1
SLOW = 0.18
"""How fast the regression learns: a probability that is to be true must not follow the last few cases."""
PACE = 0.05
"""How fast it is set right."""
GENTLEST, STEEPEST = 0.5, 3.0
"""Slopes between which it is set right."""
LEAST = 0.01
"""A probability is taken for no nearer to 0 or 1."""


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
    age: int = 0
    """Times it was foretold before, without being made."""

    def json(self) -> list[Any]:
        """For the store; `Case(*…)` reads it."""
        numbers = (round(each, 4) for each in (self.name, self.arguments, self.best))
        return [self.tool, *numbers, self.level, self.after_user, self.model, self.age]


class Uses:
    """What is learned of the fate of foretold calls; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.regression = Regression(told.get("regression"), SLOW)
        self.line: list[float] = list(told.get("line", (0.0, 1.0)))
        """Offset and slope by which the log odds of the regression are set right (Platt), for calls that are foretold
        for the first time: those are launched."""

    def json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "regression": self.regression.json(),
            "line": [round(each, 3) for each in self.line],
        }

    def likely(self, case: Case) -> float:
        """The probability that the call is made before the next write: the regression's, set right by how far off it
        was in such cases."""
        raw = self._raw(described(case))
        return raw if case.age else self._straight(_odds(raw))

    def _straight(self, odds: float) -> float:
        offset, slope = self.line
        return 1 / (1 + exp(-offset - slope * odds))

    def learn(self, case: Case, *, used: bool) -> None:
        """The call was made, or was not."""
        features = described(case)
        if not case.age:
            odds = _odds(self._raw(features))
            off = used - self._straight(odds)
            offset, slope = self.line
            self.line = [offset + PACE * off, min(STEEPEST, max(GENTLEST, slope + PACE * off * odds))]
        self.regression.learn(features, 2, USED if used else UNUSED)

    def _raw(self, features: Sequence[Feature]) -> float:
        return self.regression.shares(features, 2)[USED] if self.regression else 0.0


def _odds(p: float) -> float:
    return log((p + LEAST) / (1 - p + LEAST))


def described(case: Case) -> list[Feature]:
    """A foretold call as its fate depends on it."""
    turn = "u" if case.after_user else "r"
    tool = f"tool {case.tool}"
    numbers = (
        ("name", log(case.name + 1e-2) / 1.5),
        ("arguments", log(case.arguments + 1e-2) / 1.5),
        ("best", log(case.best + 1e-2) / 1.5),
    )
    age = min(case.age, 1)
    found = [("", 1.0), (f"age {age}", 1.0), (f"level {case.level}{turn}", 1.0), *numbers]
    found += [
        (tool, 1.0),
        (f"age {age} {case.tool}", 1.0),
        (f"{tool} {case.level}{turn}", 1.0),
        (f"{tool} {case.model}", 1.0),
    ]
    return found + [(f"{tool} {name}", value) for name, value in numbers]

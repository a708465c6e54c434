"""A softmax regression over named features, learned one example at a time (AdaGrad), small enough to be shared.

It must not know what the features or labels are.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import sqrt

from policies.prefetch.ranking import softmax

PACE = 0.25
CALM = 0.5
"""Added to the sum of squared slopes: the first steps are not the longest."""
MOST_FEATURES = 8_000
"""Features that are remembered; those that taught least go, a quarter at a time."""
SMALL = 0.01
"""An error below this teaches nothing."""
GRAIN = 100
"""Weights are kept in hundredths."""

Feature = tuple[str, float]
"""A name and a value."""


class Regression:
    """Weights by feature and label; `told` is what `json` gave.

    Labels are told apart by their place: give the same list each time, new labels at its end. `pace` is how fast it
    learns.
    """

    def __init__(self, told: Mapping[str, Sequence[int]] | None = None, pace: float = PACE) -> None:
        self._pace = pace
        self._rows = {key: [each / GRAIN for each in row] for key, row in (told or {}).items()}
        """Digest of a feature's name -> the sum of its squared slopes, then a weight for each label."""

    def __bool__(self) -> bool:
        """Whether anything has been learned."""
        return bool(self._rows)

    def json(self) -> dict[str, list[int]]:
        """For the store."""
        return {key: [round(each * GRAIN) for each in row] for key, row in self._rows.items()}

    def shares(self, features: Sequence[Feature], labels: int) -> list[float]:
        """The probability of each of so many labels."""
        known = []
        for name, value in features:
            row = self._rows.get(digest(name))
            if row is not None:
                known.append((row if len(row) > labels else [*row, *[0.0] * (1 + labels - len(row))], value))
        return softmax([sum([row[place] * value for row, value in known]) for place in range(1, 1 + labels)])

    def learn(self, features: Sequence[Feature], labels: int, right: int) -> None:
        """With these features came the label of that place."""
        shares = self.shares(features, labels)
        errors = [(place, (place == right) - share) for place, share in enumerate(shares)]
        errors = [(place, error) for place, error in errors if abs(error) > SMALL]
        squares = sum(error * error for _, error in errors)
        for name, value in features:
            row = self._rows.setdefault(digest(name), [0.0])
            row += [0.0] * (1 + labels - len(row))
            row[0] += squares * value * value
            pace = self._pace * value / sqrt(CALM + row[0])
            for place, error in errors:
                row[1 + place] += pace * error
        if len(self._rows) > MOST_FEATURES:
            self._prune()

    def _prune(self) -> None:
        kept = sorted(self._rows, key=lambda key: -self._rows[key][0])[: MOST_FEATURES * 3 // 4]
        self._rows = {key: self._rows[key] for key in kept}


@lru_cache(8192)
def digest(name: str) -> str:
    """The name in six characters: what users say is not kept in clear."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()

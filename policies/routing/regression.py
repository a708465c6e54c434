"""Ridge regression of several models' scores at once, for a row of penalties, where scores may be missing.

It must not know what rows or scores mean. Scores are deviations: nothing known gives 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from policies.routing.sketch import Rows

Grid = NDArray[np.float64]


class Sums:
    """What a ridge regression needs of its rows; sums of parts can be taken from each other, so that leaving one part
    out costs no second look at the rest."""

    __slots__ = ("gram", "moment")

    def __init__(self, gram: Grid, moment: Grid) -> None:
        self.gram = gram
        """features by features."""
        self.moment = moment
        """features by models."""

    @classmethod
    def of(cls, rows: Rows, scores: Rows) -> "Sums":
        """Of rows whose scores are all known."""
        return cls((rows.T @ rows).astype(np.float64), (rows.T @ scores).astype(np.float64))

    def without(self, part: "Sums") -> "Sums":
        """All but a part."""
        return Sums(self.gram - part.gram, self.moment - part.moment)

    def path(self, penalties: Sequence[float]) -> list[Rows]:
        """The weights (features by models) for each penalty."""
        values, vectors = np.linalg.eigh(self.gram)
        turned = vectors.T @ self.moment
        return [
            (vectors @ (turned / (np.maximum(values, 0.0) + penalty)[:, None])).astype(np.float32)
            for penalty in penalties
        ]


def sparse_path(rows: Rows, scores: Rows, penalties: Sequence[float]) -> list[Rows]:
    """The same where some scores are NaN: models with the same rows known are solved together."""
    known = ~np.isnan(scores)
    found = [np.zeros((rows.shape[1], scores.shape[1]), np.float32) for _ in penalties]
    for mask in np.unique(known, axis=1).T:
        models = np.flatnonzero((known == mask[:, None]).all(0))
        if not mask.any():
            continue
        weights = Sums.of(rows[mask], scores[mask][:, models]).path(penalties)
        for whole, part in zip(found, weights, strict=True):
            whole[:, models] = part
    return found

"""Scores answers: is the value in it, word for word, and how sure is a share of right ones.

It must not know who answered.
"""

import re
from math import sqrt
from typing import NamedTuple

Z = 1.96
"""Standard deviations of a 95 % interval."""


class Interval(NamedTuple):
    """A share and its Wilson interval."""

    share: float
    low: float
    high: float


def right(value: str, answer: str) -> bool:
    """Whether the answer holds the value as it is spelled, case aside, and not as a part of something longer."""
    return re.search(rf"(?<![\w.-]){re.escape(value)}(?![\w-]|\.\w)", answer, re.IGNORECASE) is not None


def wilson(hits: int, of: int) -> Interval:
    """The 95 % interval of a share (Wilson 1927). Raises `ValueError` for none of none."""
    if of < 1 or not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    share = hits / of
    middle = share + Z * Z / (2 * of)
    half = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    whole = 1 + Z * Z / of
    return Interval(share, max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole))

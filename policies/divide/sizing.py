"""Into parts of which size an input is divided, read from how a model did on inputs of different lengths.

It must not know texts, nor where the curve comes from. Where samples with a score exist, `policies.divide.regimes`
says more.
"""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

DEFAULT = 16_000
"""Tokens of a part, where nothing is known: of the sizes in arXiv 2506.16411 one that none of its tasks lost much
by."""
LEAST, MOST = 1_000, 64_000
FLAT_LOW = 0.5
"""A score at every length below which the length is not what is wrong."""
FITS = 0.9
"""Share of a window beyond which a text is taken not to fit: something else is always asked and answered."""
SLACK = 1.25
"""Times the size up to which an input goes whole: two halves of little more than a part are not worth two calls."""


class Point(NamedTuple):
    """How well a model did on inputs of about a length."""

    tokens: float
    score: float
    low: float
    high: float
    """Of the score, 95 % sure."""


class Sizing(NamedTuple):
    """What to do with an input."""

    size: int
    """Tokens of a part; 0: it goes whole."""
    reason: str


def sized(tokens: int, curve: Sequence[Point] = (), wanted: int = 0, most_parts: int = 24, window: int = 0) -> Sizing:
    """The size for an input of so many tokens. `wanted`: the size that the user names (0: none); in no case are there
    more than `most_parts`. What does not fit the `window` (0: not known) is divided whatever the curve says."""
    size, why = (wanted, "as set") if wanted else _from_curve(tokens, sorted(curve))
    if window and tokens > window * FITS and not wanted:
        size, why = min(size or DEFAULT, window // 2), f"more than the model can take, {window}; {why}"
    if not size:
        return Sizing(0, why)
    if tokens <= size * SLACK:
        return Sizing(0, f"{tokens} tokens are no more than a part or so of {size}")
    fewest = ceil(tokens / most_parts)
    if size < fewest:
        return Sizing(fewest, f"{why}, but at most {most_parts} parts")
    return Sizing(size, why)


def _from_curve(tokens: int, curve: Sequence[Point]) -> tuple[int, str]:
    """The greatest length at which the model is not surely worse than where it is best."""
    known = [point for point in curve if point.high - point.low < 1]
    if len(known) < 2:
        return DEFAULT, "no curve of this model yet"
    best = max(known, key=lambda point: point.low)
    if all(point.high < FLAT_LOW for point in known):
        return 0, f"at every length {best.score:.2f} or less: parts would not mend that"
    well = [point for point in known if point.high >= best.low]
    longest = max(point.tokens for point in well)
    if longest < max(point.tokens for point in known):
        return _within(longest), f"it is worse beyond {longest:.0f} tokens"
    if tokens <= longest * SLACK:
        return 0, "no length seen at which it is worse"
    return _within(longest), "the longest it did well on"


def _within(tokens: float) -> int:
    return int(min(MOST, max(LEAST, tokens)))

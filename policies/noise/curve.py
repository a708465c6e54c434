"""How well an agent's aggregations come out at inputs of different lengths: the noise of a model as a curve.

It must not know texts or sessions, nor who reads the curve. After the model noise of Xu et al. (arXiv 2506.16411),
which grows with the input. A curve is JSON: `{bucket: [score, count]}`, sums of scores from 0 to 1 in
buckets of lengths.
"""

from collections.abc import Mapping, Sequence
from math import log2, sqrt
from typing import Any, NamedTuple

SMALLEST, STEPS = 256, 2
"""Tokens at which the first bucket ends, and buckets to each doubling."""
MOST = 400.0
"""Scores of a bucket that count; of more, older ones count less and less."""
ENOUGH = 8.0
"""Scores on either side, from which it is said that the side beyond is worse."""
Z = 1.96
"""Of a normal distribution, for bounds that hold in 95 of 100 cases."""
UNNAMED = "?"
"""An agent without a name."""
Buckets = Mapping[str, Sequence[float]]


class Point(NamedTuple):
    """How well it went at about a length."""

    tokens: float
    """Of the input: the middle of the bucket."""
    score: float
    """Share of replies in which nothing was surely lost, 0 to 1."""
    n: float
    """How many are known."""
    low: float
    high: float
    """Bounds of the score (Wilson, 95 %)."""


def counted(curve: Buckets | None, tokens: float, score: float) -> dict[str, list[float]]:
    """The curve with one more reply."""
    buckets = {name: [*each] for name, each in (curve or {}).items()}
    name = str(_bucket(tokens))
    total, count = buckets.get(name, (0.0, 0.0))
    less = (MOST - 1) / count if count >= MOST else 1.0
    buckets[name] = [round(total * less + min(1.0, max(0.0, score)), 3), round(count * less + 1, 3)]
    return buckets


def points(curve: Buckets | None) -> list[Point]:
    """The curve, by length."""
    rows = _rows(curve)
    return [_point(_middle(bucket), total, count) for bucket, total, count in rows]


def degrades(curve: Buckets | None) -> tuple[float, Point, Point] | None:
    """The length beyond which replies are surely worse, with the scores up to there and beyond; None where no length
    parts them. Of several the one that parts them best."""
    rows = _rows(curve)
    best: tuple[float, Point, Point] | None = None
    for cut in range(1, len(rows)):
        short, long = _pooled(rows[:cut]), _pooled(rows[cut:])
        if min(short.n, long.n) < ENOUGH or long.high >= short.low:
            continue
        if best is None or short.low - long.high > best[1].low - best[2].high:
            best = (_end(rows[cut - 1][0]), short, long)
    return best


def said(curve: Buckets | None) -> str:
    """The curve in a sentence."""
    known = points(curve)
    if (found := degrades(curve)) is not None:
        tokens, short, long = found
        return f"degrades beyond {_k(tokens)} tokens: {_told(long)}, {_told(short)} up to there"
    count = sum(each.n for each in known)
    if count < 2 * ENOUGH or len(known) < 2:
        return f"too few to say: {count:.0f}"
    return f"no worse with length up to {_k(known[-1].tokens)} tokens ({count:.0f})"


def shown(curves: Mapping[str, Buckets]) -> dict[str, Any]:
    """The curves of an agent's models, for people: JSON."""
    return {
        model: {"said": said(curve), "points": [[round(part, 3) for part in point] for point in points(curve)]}
        for model, curve in curves.items()
    }


def of(lesson: Any, agent: str, model: str) -> list[Point]:
    """The curve of an agent and its model, given the lesson of `noise` (`exchange.shared["noise"]`); empty where there
    is none."""
    known = lesson.get("curves") if isinstance(lesson, Mapping) else None
    return points(known.get(agent or UNNAMED, {}).get(model)) if isinstance(known, Mapping) else []


def _rows(curve: Buckets | None) -> list[tuple[int, float, float]]:
    return sorted((int(name), total, count) for name, (total, count) in (curve or {}).items())


def _bucket(tokens: float) -> int:
    return max(0, int(STEPS * log2(max(tokens, SMALLEST) / SMALLEST)) + (tokens >= SMALLEST))


def _end(bucket: int) -> float:
    return float(SMALLEST * 2 ** (bucket / STEPS))


def _middle(bucket: int) -> float:
    return round(_end(bucket) * 2 ** (-0.5 / STEPS)) if bucket else SMALLEST / 2


def _pooled(rows: Sequence[tuple[int, float, float]]) -> Point:
    total, count = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return _point(_middle(rows[-1][0]), total, count)


def _point(tokens: float, total: float, count: float) -> Point:
    """A score with the bounds of Wilson (1927), which hold for few and for shares near 0 and 1 as well."""
    share = total / count
    spread = Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    middle, whole = share + Z * Z / (2 * count), 1 + Z * Z / count
    return Point(tokens, share, count, max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole))


def _told(point: Point) -> str:
    return f"{point.score:.2f} of {point.n:.0f}"


def _k(tokens: float) -> str:
    return f"{tokens / 1000:.0f}k" if tokens >= 2_000 else f"{tokens:.0f}"

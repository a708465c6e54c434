"""The space in which questions are near each other: sketches and embeddings, centred, weighed and made small.

It must not know models or scores. Fitted without any label; the same rows always give the same space.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.routing.sketch import PLACES, WIDTH, Rows

AXES = 128
SHAPE_WEIGHT, SHAPE_MOST = 0.1, 3.0
CLUSTERS, REPEATS, STEPS = (16, 32, 64), 4, 8
"""Partitions of the questions: by so many clusters, so many times each from other beginnings."""
ROWS_PER_CLUSTER = 20
SOFTNESS = 0.05
POINT_WEIGHT = 0.3
"""Of a question's place, beside its clusters, among its features."""
SHAPES_KEPT, ALIKE, STRANGE = 2_000, 10, 0.05
"""Known questions whose shapes are kept; how many of them must be alike; the share of them that is strange itself."""
BLOCK = 512
"""Questions that are compared at once, so that thousands need little memory."""


class Placed(NamedTuple):
    """Questions in the space."""

    point: Rows
    """Unit vectors."""
    member: Rows
    """How far each belongs to each cluster of each partition; all partitions beside each other, length 1 in all."""
    familiar: NDArray[np.bool_]
    """Whether others were built like it: about as long, of as many lines, in that script, with choices or code."""


@dataclass(frozen=True, slots=True)
class Space:
    """A fitted space. Rows given to it are sketches, with an embedding (a unit vector) behind them or without."""

    middle: Rows
    spread: Rows
    """Of the shape's numbers: their standard deviation."""
    centre: Rows
    axes: Rows
    centroids: tuple[Rows, ...]
    shapes: Rows
    """Unit vectors."""
    likeness: float
    """The least that the tenth most alike of them must have for a question to be familiar."""

    @classmethod
    def of(cls, rows: Rows) -> "Space":
        """The space of these questions. Raises `ValueError` for fewer than two."""
        if len(rows) < 2:
            raise ValueError("a space needs at least two questions")
        middle, spread = rows.mean(0), rows[:, PLACES:WIDTH].std(0) + 1e-6
        weighed = _weighed(rows, middle, spread)
        centre = weighed.mean(0)
        values, vectors = np.linalg.eigh(((weighed - centre).T @ (weighed - centre)).astype(np.float64))
        axes = vectors[:, ::-1][:, : min(AXES, int((values > 1e-9).sum()) or 1)].astype(np.float32)
        points = unit(np.asarray((weighed - centre) @ axes, np.float32))
        counts = [count for count in CLUSTERS if count * ROWS_PER_CLUSTER <= len(rows)]
        centroids = tuple(_centroids(points, count, again) for count in counts for again in range(REPEATS))
        shapes = _shapes(rows, middle, spread)
        most = min(len(rows), SHAPES_KEPT)
        shapes = shapes[np.random.default_rng(len(rows)).choice(len(rows), most, replace=False)]
        likeness = float(np.quantile(_tenth(shapes, shapes), STRANGE))
        return cls(middle, spread, centre, axes, centroids, shapes, likeness)

    def place(self, rows: Rows) -> Placed:
        """Where questions lie. One that is built as none before lies where its embedding alone puts it, if it has one:
        what words and shape tell holds for the way of writing that it was learned from."""
        familiar = _tenth(_shapes(rows, self.middle, self.spread), self.shapes) >= self.likeness
        if rows.shape[1] > WIDTH:
            rows = np.where(familiar[:, None] | (np.arange(rows.shape[1]) >= WIDTH), rows, self.middle)
        points = unit(np.asarray((_weighed(rows, self.middle, self.spread) - self.centre) @ self.axes, np.float32))
        if not self.centroids:
            return Placed(points, np.zeros((len(points), 0), np.float32), familiar)
        members = [_belonging(points @ centroids.T) for centroids in self.centroids]
        return Placed(points, np.hstack(members) / np.float32(np.sqrt(len(members))), familiar)


def features(placed: Placed) -> Rows:
    """Places and clusters of questions beside each other, for a regression."""
    return np.hstack([np.float32(POINT_WEIGHT) * placed.point, placed.member])


def unit(rows: Rows) -> Rows:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def _weighed(rows: Rows, middle: Rows, spread: Rows) -> Rows:
    """Centred; the shape's numbers in standard deviations, cut at three, and each question of length 1."""
    moved = rows - middle
    moved[:, PLACES:WIDTH] = SHAPE_WEIGHT * _standing(rows, middle, spread)
    return unit(np.asarray(moved, np.float32))


def _standing(rows: Rows, middle: Rows, spread: Rows) -> Rows:
    """The shape's numbers in standard deviations from the middle."""
    return np.asarray(np.clip((rows - middle)[:, PLACES:WIDTH] / spread, -SHAPE_MOST, SHAPE_MOST), np.float32)


def _shapes(rows: Rows, middle: Rows, spread: Rows) -> Rows:
    return unit(_standing(rows, middle, spread))


def _tenth(shapes: Rows, known: Rows) -> Rows:
    """How alike each is to the tenth most alike of those that are known."""
    place = min(ALIKE, len(known))
    found = np.zeros(len(shapes), np.float32)
    for begin in range(0, len(shapes), BLOCK):
        block = slice(begin, begin + BLOCK)
        found[block] = np.partition(shapes[block] @ known.T, -place, axis=1)[:, -place]
    return found


def _belonging(likeness: Rows) -> Rows:
    weights = np.exp((likeness - likeness.max(1, keepdims=True)) / SOFTNESS)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _centroids(points: Rows, count: int, again: int) -> Rows:
    """Spherical k-means from beginnings that depend only on the two numbers."""
    chance = np.random.default_rng(again + 100 * count)
    centroids = points[chance.choice(len(points), count, replace=False)]
    for _ in range(STEPS):
        nearest = (points @ centroids.T).argmax(1)
        sums = np.zeros_like(centroids)
        order = np.argsort(nearest, kind="stable")
        found, begins = np.unique(nearest[order], return_index=True)
        sums[found] = np.add.reduceat(points[order], begins)
        empty = ~np.isin(np.arange(count), found)
        sums[empty] = points[chance.integers(len(points), size=int(empty.sum()))]
        centroids = unit(sums)
    return centroids

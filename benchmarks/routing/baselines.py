"""Routers to compare with, each a function from what is learned to estimates for what is asked.

It must not know our own router.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from policies.routing.sketch import WIDTH, Rows
from policies.routing.space import unit

Labels = NDArray[np.str_]
PENALTY = 30.0


def single(rows: Rows, scores: Rows, asked: Rows) -> Rows:
    """The same for every question: each model's mean."""
    return np.tile(scores.mean(0), (len(asked), 1))


def nearest(count: int) -> Callable[[Rows, Rows, Rows], Rows]:
    """The mean over so many nearest questions."""

    def estimated(rows: Rows, scores: Rows, asked: Rows) -> Rows:
        known, most = meaning(rows), min(count, len(rows))
        found = np.zeros((len(asked), scores.shape[1]), np.float32)
        for begin in range(0, len(asked), 512):
            likeness = meaning(asked[begin : begin + 512]) @ known.T
            places = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
            found[begin : begin + 512] = scores[places].mean(1)
        return found

    return estimated


def clusters(count: int) -> Callable[[Rows, Rows, Rows], Rows]:
    """The mean in the nearest of so many clusters of k-means, as Avengers (arXiv 2505.19797) has it with one."""

    def estimated(rows: Rows, scores: Rows, asked: Rows) -> Rows:
        known, chance, most = meaning(rows), np.random.default_rng(0), min(count, len(rows))
        centroids = known[chance.choice(len(known), most, replace=False)]
        for _ in range(15):
            own = (known @ centroids.T).argmax(1)
            for each in np.unique(own):
                centroids[each] = known[own == each].mean(0)
            centroids = unit(centroids)
        own = (known @ centroids.T).argmax(1)
        means = np.tile(scores.mean(0), (most, 1))
        for each in np.unique(own):
            means[each] = scores[own == each].mean(0)
        return np.asarray(means[(meaning(asked) @ centroids.T).argmax(1)], np.float32)

    return estimated


def ridge(rows: Rows, scores: Rows, asked: Rows) -> Rows:
    """A linear regression on the embedding."""
    known, middle, level = meaning(rows), meaning(rows).mean(0), scores.mean(0)
    moved = known - middle
    weights = np.linalg.solve(moved.T @ moved + PENALTY * np.eye(moved.shape[1]), moved.T @ (scores - level))
    return np.asarray((meaning(asked) - middle) @ weights + level, np.float32)


ROUTERS: Mapping[str, Callable[[Rows, Rows, Rows], Rows]] = {
    "single": single,
    "kNN 20": nearest(20),
    "kNN 80": nearest(80),
    "kNN 160": nearest(160),
    "k-means 32": clusters(32),
    "ridge 30": ridge,
}


def labelled(labels: Labels, scores: Rows, asked: Labels) -> Rows:
    """Each model's mean in the question's own benchmark: what would be reached if that were told."""
    found = np.tile(scores.mean(0), (len(asked), 1))
    for label in set(labels.tolist()):
        found[asked == label] = scores[labels == label].mean(0)
    return np.asarray(found, np.float32)


def meaning(rows: Rows) -> Rows:
    """The embeddings in rows, or their sketched words where there are none."""
    return unit(rows[:, WIDTH:] if rows.shape[1] > WIDTH else rows[:, : WIDTH - 20])

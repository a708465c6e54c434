"""Quality against cost: what a router reaches as its wish for quality goes from none to all.

It must not know how scores are estimated.
"""

from itertools import pairwise

import numpy as np

from policies.routing.sketch import Rows

WISHES = np.concatenate([[0.0], np.geomspace(1e-3, 1e5, 161)])
"""Dollars' weight against quality."""
Points = list[tuple[float, float]]
"""Mean cost and mean score."""


def routed(scores: Rows, costs: Rows, true_scores: Rows, true_costs: Rows) -> Points:
    """The points a router reaches that weighs estimated scores against estimated costs."""
    rows = np.arange(len(scores))
    found = []
    for wish in WISHES:
        best = (scores - wish * costs).argmax(1)
        found.append((float(true_costs[rows, best].mean()), float(true_scores[rows, best].mean())))
    return found


def singles(true_scores: Rows, true_costs: Rows) -> Points:
    """The points of the single models."""
    return list(zip(true_costs.mean(0).tolist(), true_scores.mean(0).tolist(), strict=True))


def hull(points: Points) -> Points:
    """The upper concave edge of points, not falling, the cheapest first: what can be reached by mixing them."""
    edge: Points = []
    for cost, score in sorted(set(points), key=lambda point: (point[0], -point[1])):
        if edge and score <= edge[-1][1]:
            continue
        while len(edge) >= 2 and _slope(edge[-2], (cost, score)) >= _slope(edge[-2], edge[-1]):
            edge.pop()
        edge.append((cost, score))
    return edge


def _slope(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (b[1] - a[1]) / max(b[0] - a[0], 1e-12)


def aiq(points: Points, least: float, most: float) -> float:
    """Average improvement in quality (RouterBench, arXiv 2403.12031): the mean height of the edge between two costs;
    beyond its ends the edge goes on level."""
    edge = hull(points)
    costs, heights = [cost for cost, _ in edge], [score for _, score in edge]
    grid = np.linspace(least, most, 2_001)
    return float(np.interp(grid, costs, heights).mean())


def cost_at(points: Points, score: float) -> float:
    """The least mean cost at which the edge reaches a score; NaN where it never does."""
    edge = hull(points)
    for (cost, height), (dearer, higher) in pairwise(edge):
        if height >= score:
            return cost
        if higher >= score:
            return cost + (score - height) / (higher - height) * (dearer - cost)
    return edge[-1][0] if edge[-1][1] >= score else float("nan")


def expected(costs: Rows, lengths: Rows, asked: Rows) -> Rows:
    """The cost to expect of each model for questions of these lengths (characters): a line through what it cost on
    others, never negative."""
    known = np.stack([np.ones_like(lengths), lengths], axis=1)
    weights = np.linalg.lstsq(known, costs, rcond=None)[0]
    found = np.stack([np.ones_like(asked), asked], axis=1) @ weights
    return np.asarray(np.maximum(found, 0.0), np.float32)

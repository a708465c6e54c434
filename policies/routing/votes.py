"""Votes of the nearest questions: a kernel mean of what models scored there, shrunken to nothing known.

It must not know how nearness came about. Scores are deviations: nothing known gives 0.
"""

import numpy as np

from policies.routing.sketch import Rows

NEIGHBOURS = 100
WIDTH = 0.2
PSEUDO = 4.0
"""Votes for 0 that each model has beforehand."""
BLOCK = 512


def votes(points: Rows, scores: Rows, asked: Rows, own: "np.ndarray | None" = None) -> Rows:
    """What the nearest of `points` say of `asked`, a row of scores for each; NaN scores do not vote.

    `own` gives two rows of numbers (of the points, of the asked): those with the same number do not vote for each
    other, which is how votes are judged on the questions they are made of.
    """
    known = ~np.isnan(scores)
    heard, present = np.where(known, scores, 0.0).astype(np.float32), known.astype(np.float32)
    most = min(NEIGHBOURS, len(points))
    found = np.zeros((len(asked), scores.shape[1]), np.float32)
    for begin in range(0, len(asked), BLOCK):
        block = slice(begin, begin + BLOCK)
        likeness = asked[block] @ points.T
        if own is not None:
            likeness[own[1][block][:, None] == own[0][None, :]] = -2.0
        nearest = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
        like = np.take_along_axis(likeness, nearest, 1)
        weight = np.exp((like - like.max(1, keepdims=True)) / WIDTH)
        spread = np.zeros_like(likeness)
        np.put_along_axis(spread, nearest, weight, 1)
        found[block] = (spread @ heard) / (spread @ present + PSEUDO)
    return found

"""Votes of the nearest questions."""

import numpy as np
import pytest

from policies.routing.votes import PSEUDO, votes


def test_neighbours_speak_for_their_place() -> None:
    """Near a model's good questions it is voted up, near its bad ones down; missing scores are silent."""
    points = np.repeat(np.eye(2, dtype=np.float32), 120, axis=0)
    scores = np.repeat(np.array([[0.4, np.nan], [-0.4, np.nan]], np.float32), 120, axis=0)
    found = votes(points, scores, np.eye(2, dtype=np.float32))
    assert found[0, 0] == pytest.approx(0.4 * 100 / (100 + PSEUDO))
    assert found[1, 0] == pytest.approx(-found[0, 0])
    assert (found[:, 1] == 0).all()


def test_nobody_votes_for_his_own_part() -> None:
    """A question judged by votes hears none of its own part, itself included."""
    points = np.ones((150, 1), np.float32)
    scores = np.r_[np.ones((50, 1)), np.zeros((100, 1))].astype(np.float32)
    parts = np.r_[np.zeros(50), np.ones(100)].astype(np.int64)
    found = votes(points, scores, points, np.stack([parts, parts]))
    assert found[0, 0] == 0
    assert found[-1, 0] > 0.3

"""Quality against cost."""

import numpy as np
import pytest

from benchmarks.routing.frontier import aiq, cost_at, expected, hull

POINTS = [(1.0, 0.4), (2.0, 0.5), (3.0, 0.8), (4.0, 0.7), (1.5, 0.3)]


def test_the_edge_holds_what_mixing_reaches() -> None:
    """Dominated points and those below a chord are gone."""
    assert hull(POINTS) == [(1.0, 0.4), (3.0, 0.8)]


def test_its_mean_height_and_the_cost_of_a_score() -> None:
    """Along the chord, level beyond it; a score out of reach has no cost."""
    assert aiq(POINTS, 1.0, 3.0) == pytest.approx(0.6)
    assert aiq(POINTS, 1.0, 5.0) == pytest.approx(0.7, abs=1e-3)
    assert cost_at(POINTS, 0.6) == pytest.approx(2.0)
    assert cost_at(POINTS, 0.1) == 1.0
    assert np.isnan(cost_at(POINTS, 0.9))


def test_costs_grow_with_the_question() -> None:
    """A line through what was paid."""
    lengths = np.array([1, 2, 3], np.float32)
    paid = np.stack([lengths * 2, lengths * 0 + 5], axis=1)
    assert expected(paid, lengths, np.array([10], np.float32))[0] == pytest.approx([20, 5], rel=1e-3)

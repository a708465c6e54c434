"""Ridge regression for several models."""

import numpy as np

from policies.routing.regression import Sums, sparse_path


def test_a_line_is_found_and_penalties_shrink_it() -> None:
    """Without penalty the true weights, with a large one hardly any."""
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(200, 3)).astype(np.float32)
    truth = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.5]], np.float32)
    exact, shrunken = Sums.of(rows, rows @ truth).path([1e-6, 1e6])
    assert np.allclose(exact, truth, atol=1e-3)
    assert abs(shrunken).max() < 0.01


def test_a_part_can_be_left_out() -> None:
    """Sums without a part are those of the rest."""
    chance = np.random.default_rng(1)
    rows, scores = chance.normal(size=(60, 4)).astype(np.float32), chance.random((60, 2)).astype(np.float32)
    left = Sums.of(rows, scores).without(Sums.of(rows[:20], scores[:20])).path([3.0])[0]
    assert np.allclose(left, Sums.of(rows[20:], scores[20:]).path([3.0])[0], atol=1e-4)


def test_missing_scores_are_left_out_model_by_model() -> None:
    """Each model learns from its own rows; one without any learns nothing."""
    chance = np.random.default_rng(2)
    rows, scores = chance.normal(size=(80, 3)).astype(np.float32), chance.random((80, 3)).astype(np.float32)
    scores[:40, 0], scores[:, 2] = np.nan, np.nan
    found = sparse_path(rows, scores, [2.0])[0]
    assert np.allclose(found[:, 0], Sums.of(rows[40:], scores[40:, :1]).path([2.0])[0][:, 0], atol=1e-5)
    assert np.allclose(found[:, 1], Sums.of(rows, scores[:, 1:2]).path([2.0])[0][:, 0], atol=1e-5)
    assert (found[:, 2] == 0).all()

"""Sets of models."""

import numpy as np

from policies.routing.trio import likeliest, sets


def test_a_set_is_judged_by_its_best_member() -> None:
    """Two models that fail together are worth less than two that fail apart, though each alone is better."""
    alike = np.array([1, 1, 1, 0, 0], np.float32)
    apart = np.array([0, 0, 0, 1, 1], np.float32)
    groups, together = sets(np.stack([alike, alike, apart], axis=1), size=2)
    assert 2 in groups[0].tolist()
    assert together[:, 0].mean() == 1.0
    assert together.shape == (5, 3)


def test_among_many_models_only_the_best_are_combined() -> None:
    """Forty models: the sets are of the best, and not more than can be looked at."""
    scores = (np.random.default_rng(0).random((60, 40)) < np.linspace(0.1, 0.9, 40)).astype(np.float32)
    groups, _ = sets(scores)
    assert len(groups) == 200
    assert groups.min() >= 5


def test_the_likeliest_models() -> None:
    """By their estimates, the best first."""
    assert likeliest(np.array([[0.1, 0.9, 0.5, 0.7]], np.float32)).tolist() == [[1, 3, 2]]

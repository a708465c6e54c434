"""Estimates moved towards a better choice."""

import numpy as np

from policies.routing.choosing import ASCENTS, Ascent, moved


def test_what_estimates_get_wrong_the_choice_gets_right() -> None:
    """Two models, and an estimate that always prefers the first: moved, each kind of question goes where it should."""
    kinds = np.eye(2, dtype=np.float32)[np.arange(400) % 2]
    scores, estimates = kinds.copy(), np.tile(np.array([0.51, 0.49], np.float32), (400, 1))
    for ascent in ASCENTS:
        better = estimates + kinds @ moved(kinds, estimates, scores, ascent)
        assert (better.argmax(1) == kinds.argmax(1)).all()


def test_the_penalty_keeps_them_near() -> None:
    """A heavy one leaves nearly all as it was; equal scores leave everything."""
    chance = np.random.default_rng(1)
    rows, scores = chance.random((200, 5)).astype(np.float32), chance.random((200, 3)).astype(np.float32)
    estimates = np.zeros_like(scores)
    light, heavy = (np.abs(moved(rows, estimates, scores, Ascent(0.2, weight))).max() for weight in (1e-4, 10.0))
    assert heavy < 0.1 * light
    assert not moved(rows, estimates, np.ones_like(scores), ASCENTS[0]).any()


def test_the_mean_score_of_the_soft_choice_grows() -> None:
    """What is ascended."""
    chance = np.random.default_rng(2)
    rows = chance.normal(size=(300, 8)).astype(np.float32)
    scores = (rows @ chance.normal(size=(8, 4)) > 0.5).astype(np.float32)
    before = np.zeros_like(scores)
    after = rows @ moved(rows, before, scores, Ascent(0.2, 0.001))
    chosen = scores[np.arange(300), after.argmax(1)].mean()
    assert chosen > scores.mean() + 0.1

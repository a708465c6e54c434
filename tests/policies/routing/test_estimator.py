"""How well each model will do: with everything known, with little, with nothing."""

import numpy as np

from policies.routing.estimator import fit
from policies.routing.sketch import Rows, sketches
from policies.routing.space import Placed, Space
from tests.policies.routing.questions import ARITHMETIC, CHAT, CODE, MODELS, world


def learned(each: int) -> tuple[Space, Placed, Rows]:
    """A world's space, its questions in it and their scores."""
    texts, _, scores = world(each)
    rows = sketches(texts)
    space = Space.of(rows)
    return space, space.place(rows), scores


def test_each_kind_goes_to_the_model_that_is_good_at_it() -> None:
    """Learned from 600 scored questions: nine in ten others go where they should, and more is right than with any
    single model."""
    space, known, scores = learned(200)
    estimator = fit(known, scores, np.full_like(scores, 0.5))
    texts, kinds, truth = world(60, seed=1)
    asked = space.place(sketches(texts))
    chosen = estimator.chosen(asked, estimator.scores(asked, np.full_like(truth, 0.5)))
    best = {ARITHMETIC: "adder", CODE: "coder", CHAT: "general"}
    assert np.mean([MODELS[model] == best[kind] for model, kind in zip(chosen, kinds, strict=True)]) > 0.9
    assert truth[np.arange(len(truth)), chosen].mean() > truth.mean(0).max() + 0.15


def test_where_questions_tell_nothing_the_best_single_model_is_taken() -> None:
    """Scores that do not depend on the question: choosing is not worth its noise."""
    texts, _, _ = world(100)
    rows = sketches(texts)
    space = Space.of(rows)
    scores = (np.random.default_rng(3).random((len(texts), 3)) < [0.6, 0.7, 0.65]).astype(np.float32)
    estimator = fit(space.place(rows), scores, np.full_like(scores, 0.5))
    asked = space.place(sketches(world(50, seed=2)[0]))
    chosen = estimator.chosen(asked, estimator.scores(asked, np.full((len(asked.point), 3), np.float32(0.5))))
    assert set(chosen.tolist()) == {int(scores.mean(0).argmax())}


def test_nothing_known_is_the_prior() -> None:
    """Without a single score the estimate is what was believed."""
    _, known, scores = learned(10)
    prior = np.tile(np.array([0.3, 0.6, 0.5], np.float32), (len(scores), 1))
    estimator = fit(known, np.full_like(scores, np.nan), prior)
    assert np.allclose(estimator.scores(known, prior), prior)


def test_some_scores_move_a_wrong_belief() -> None:
    """A model believed best that fails 40 times in a row, while another does well, is no longer taken."""
    texts, _, _ = world(30)
    rows = sketches(texts)
    space = Space.of(rows)
    prior = np.tile(np.array([0.7, 0.6, 0.5], np.float32), (len(texts), 1))
    scores = np.full_like(prior, np.nan)
    scores[:40, 0], scores[40:80, 1] = 0.0, 1.0
    known = space.place(rows)
    estimator = fit(known, scores, prior)
    assert set(estimator.chosen(known, estimator.scores(known, prior)).tolist()) == {1}

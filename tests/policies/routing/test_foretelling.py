"""What scored questions foretell of a question."""

import numpy as np
import pytest

from policies.routing.foretelling import REMEMBERED, Foretelling
from tests.policies.routing.questions import ARITHMETIC, CHAT, CODE, MODELS, question, world


def learned(each: int = 100) -> Foretelling:
    """From so many questions of each kind."""
    texts, _, scores = world(each)
    return Foretelling.of(MODELS, texts, scores.tolist())


def test_each_kind_has_its_model() -> None:
    """What is expected of each, and who is taken where cost counts nothing; the means are those of the file."""
    foretelling, best = learned(), {ARITHMETIC: "adder", CODE: "coder", CHAT: "general"}
    for kind, model in best.items():
        told = foretelling.foretold(question(kind, 77_777))
        assert max(told.shares, key=told.shares.__getitem__) == told.best == model
        assert told.shares[model] > told.levels[model]
    _, _, scores = world(100)
    assert list(told.levels.values()) == pytest.approx(scores.mean(0).tolist(), abs=0.05)


def test_scores_that_are_not_known_are_left_out() -> None:
    """Half of the coder's are missing, and all of nobody's but that."""
    texts, _, scores = world(100)
    told = scores.astype(object)
    told[::2, 2] = None
    found = Foretelling.of(MODELS, texts, told.tolist()).foretold(question(CODE, 77_777))
    assert found.shares["coder"] > found.shares["general"] > found.shares["adder"]


def test_a_model_without_any_score_is_not_foretold() -> None:
    """Its card will speak for it."""
    texts, _, scores = world(20)
    told = [[*row, None] for row in scores.tolist()]
    found = Foretelling.of((*MODELS, "new"), texts, told).foretold(question(CODE, 77_777))
    assert set(found.shares) == set(found.levels) == set(MODELS)


def test_with_embeddings_a_question_is_told_by_its_own() -> None:
    """Texts that say nothing, and vectors that say all."""
    chance = np.random.default_rng(4)
    kinds = np.arange(300) % 2
    vectors = np.eye(2)[kinds] + 0.05 * chance.normal(size=(300, 2))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = np.eye(2)[kinds]
    learned = Foretelling.of(("one", "two"), ["The same."] * 300, scores.tolist(), vectors.tolist())
    assert learned.foretold("What?", [1.0, 0.0]).best == "one"
    assert learned.foretold("What else?", [0.0, 1.0]).best == "two"


def test_it_remembers_and_forgets() -> None:
    """The same question is worked out once; the oldest go."""
    found = learned(20)
    first = found.foretold("Where?")
    assert found.foretold("Where?") is first
    for number in range(REMEMBERED):
        found.foretold(f"Question {number}?")
    assert found.foretold("Where?") is not first


def test_one_question_is_too_few() -> None:
    """Said in words."""
    with pytest.raises(ValueError, match="two"):
        Foretelling.of(("m",), ["What?"], [[1.0]])

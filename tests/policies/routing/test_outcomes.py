"""Outcomes folded into a lesson."""

import json

import pytest

from policies.routing.outcomes import MOST_MODELS, Outcome, fold, harder, quality

CODE = frozenset({"code"})


def test_nothing_known_is_the_belief() -> None:
    """No lesson, or none of this model."""
    assert quality(None, "m", CODE, 0.7) == (0.7, 0)
    assert quality(fold(None, [Outcome("other", (), 1.0).told()]), "m", CODE, 0.7) == (0.7, 0)


def test_scores_outweigh_the_belief_by_and_by() -> None:
    """Twenty-five scores are worth as much as the card; many more are all that counts."""
    bad = [Outcome("m", (), 0.0).told()]
    level, scores = quality(fold(None, bad * 25), "m", frozenset(), 0.8)
    assert (round(level, 6), scores) == (0.4, 25)
    assert quality(fold(None, bad * 900), "m", frozenset(), 0.8)[0] < 0.03


def test_a_model_may_be_good_at_one_kind_only() -> None:
    """Right on code, wrong on the rest: high for code, low for others; the lesson is JSON."""
    told = [Outcome("m", ("code",), 1.0).told(), Outcome("m", (), 0.0).told()] * 60
    lesson = json.loads(json.dumps(fold(None, told)))
    assert quality(lesson, "m", CODE, 0.5)[0] > 0.85
    assert quality(lesson, "m", frozenset(), 0.5)[0] == pytest.approx(0.5)


def test_signs_beside_scores() -> None:
    """Twenty-five against it, and no score: half of what was believed; scores still move it."""
    assert quality(None, "m", CODE, 0.8, (0.0, 25.0))[0] == pytest.approx(0.4)
    assert quality(None, "m", CODE, 0.5, (25.0, 25.0))[0] == pytest.approx(0.5)
    good = fold(None, [Outcome("m", (), 1.0).told()] * 50)
    level, scores = quality(good, "m", frozenset(), 0.8, (0.0, 25.0))
    assert level == pytest.approx(0.7)
    assert scores == 50


def test_old_scores_fade_and_forgotten_models_go() -> None:
    """A model that has become good is found good; names do not pile up."""
    lesson = fold(None, [Outcome("m", (), 0.0).told()] * 3_000)
    assert quality(fold(lesson, [Outcome("m", (), 1.0).told()] * 3_000), "m", frozenset(), 0.5)[0] > 0.9
    crowd = fold(lesson, [Outcome(f"n{number}", (), 1.0).told() for number in range(MOST_MODELS)])
    assert len(crowd) == MOST_MODELS
    assert "m" not in crowd


def test_the_lesson_given_stays_what_it_was() -> None:
    """Folding makes a new one."""
    lesson = fold(None, [Outcome("m", (), 1.0).told()])
    before = json.dumps(lesson)
    fold(lesson, [Outcome("m", (), 0.0).told()])
    assert json.dumps(lesson) == before


def test_hard_questions_are_hard_for_models_that_were_not_asked() -> None:
    """Five models all do worse than their cards promise: so, it is believed, would the sixth; if one does, hardly."""
    beliefs = {f"m{number}": 0.7 for number in range(6)}
    poor = {f"m{number}": fold(None, [Outcome(f"m{number}", (), 0.0).told()] * 40)[f"m{number}"] for number in range(5)}
    assert harder(poor, beliefs) < -0.3
    assert -0.12 < harder({"m0": poor["m0"]}, beliefs) < 0.0
    assert harder(None, beliefs) == harder({"gone": poor["m0"]}, beliefs) == 0.0


def test_who_does_as_well_as_the_card_says_moves_nothing() -> None:
    """Seven of ten, as promised."""
    told = [Outcome("m", (), float(number % 10 < 7)).told() for number in range(100)]
    assert harder(fold(None, told), {"m": 0.7, "n": 0.4}) == pytest.approx(0.0)

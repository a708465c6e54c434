"""A logistic regression."""

from random import Random

import pytest

from policies.noise.logistic import Logistic, fitted, squash


def test_it_finds_the_weights_that_made_the_labels() -> None:
    """Their signs and their ratio; what says nothing gets next to nothing."""
    dice = Random(3)
    truth = Logistic(-1.0, {"a": 2.0, "b": -4.0})
    rows = [{"a": dice.random(), "b": dice.random(), "c": dice.random()} for _ in range(4000)]
    found = fitted(rows, [dice.random() < truth(row) for row in rows], ["a", "b", "c"])
    assert found.weights["a"] == pytest.approx(2.0, abs=0.4)
    assert found.weights["b"] == pytest.approx(-4.0, abs=0.4)
    assert abs(found.weights["c"]) < 0.4


def test_labels_that_are_told_apart_perfectly_do_no_harm() -> None:
    """Weights stay finite, also of a feature that never changes."""
    rows = [{"a": float(number), "same": 1.0} for number in range(20)]
    found = fitted(rows, [number >= 10 for number in range(20)], ["a", "same"])
    assert found({"a": 19.0, "same": 1.0}) > 0.9 > 0.1 > found({"a": 0.0, "same": 1.0})


def test_both_kinds_are_needed() -> None:
    """One alone teaches nothing."""
    with pytest.raises(ValueError, match="both kinds"):
        fitted([{"a": 1.0}], [True], ["a"])


def test_odds_of_any_size_are_a_probability() -> None:
    """Without overflow."""
    assert squash(-1e9) < 1e-9
    assert squash(0) == 0.5
    assert squash(1e9) > 1 - 1e-9

"""Votes and their weights."""

import pytest

from policies.ensemble.extraction import Answer
from policies.ensemble.voting import FLOOR, TEMPTING, comparable, log_odds, tally, unanimous, weighed

A, B, SEVEN = Answer("choice", "A"), Answer("choice", "B"), Answer("number", "7")


def test_weights() -> None:
    """Better than a guess between the answers that tempt weighs; a guess weighs next to nothing, and never less."""
    assert log_odds(0.9) > log_odds(0.5) > log_odds(0.3)
    assert log_odds(1 / TEMPTING) == pytest.approx(FLOOR)
    assert log_odds(0.0) == FLOOR
    assert log_odds(0.5) == pytest.approx(1.253, abs=0.001)
    assert log_odds(1.0) < 6


def test_shares() -> None:
    """One that is right nine times in ten outweighs two that are right half the time."""
    shares = weighed([A, B, B], [0.9, 0.5, 0.5])
    assert next(iter(shares)) == A
    assert sum(shares.values()) == pytest.approx(1)
    assert weighed([None], [0.9]) == {}


def test_tally() -> None:
    """The heaviest first; who says nothing has no vote; ties to whoever came first."""
    assert dict(tally([A, B, B, None], [3.0, 1.0, 1.0, 9.0])) == {A: 3.0, B: 2.0}
    assert next(iter(tally([B, A], [1.0, 1.0]))) == B


def test_comparable() -> None:
    """Half of the answers of one kind, and two at least."""
    assert comparable([A, B, None])
    assert not comparable([A, SEVEN])
    assert not comparable([A, None, None])
    assert not comparable([A, B, None, None, None])
    assert not comparable([])


def test_unanimous() -> None:
    """Several, all the same."""
    assert unanimous([A, A])
    assert not unanimous([A])
    assert not unanimous([A, None])
    assert not unanimous([A, B])

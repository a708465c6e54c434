"""Lasting: how long an agent's sessions go on, by prior and by experience."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.lasting import MOST, MOST_COUNTED, STEPS, Ends, ended, ends, reached, remaining


def experience(*lengths: int) -> Ends:
    """An agent whose sessions lasted so many requests."""
    known = Ends()
    for length in lengths:
        known = ended(known, length)
    return known


def test_an_unknown_agent_goes_on_about_as_long_as_it_has_so_far() -> None:
    """Between one request and a hundred."""
    assert remaining(Ends(), 1) == 1
    assert remaining(Ends(), 20) == 20
    assert remaining(Ends(), 5_000) == MOST


def test_an_agent_of_short_sessions_is_expected_to_stop() -> None:
    """After fifty sessions of eight requests nobody expects ten more at the sixth."""
    assert remaining(experience(*[8] * 50), 6) < 5


def test_an_agent_of_long_sessions_is_expected_to_go_on() -> None:
    """After fifty sessions of 200 requests much is expected of the tenth, and less of the 190th."""
    known = experience(*[200] * 50)
    assert remaining(known, 10) == pytest.approx(190, rel=0.2)
    assert remaining(known, 190) < 50


def test_few_sessions_move_the_estimate_a_little() -> None:
    """One session is not a habit."""
    assert 10 < remaining(experience(300), 10) < remaining(experience(300, 300, 300, 300), 10) < 290


def test_beyond_all_experience_the_prior_speaks() -> None:
    """No session ever came so far."""
    assert remaining(experience(*[8] * 50), 60) == 60


@given(st.integers(1, 6_000))
def test_counting_on_the_way_is_counting_at_the_end(turns: int) -> None:
    """Nobody need know that a session is over."""
    known = Ends()
    for turn in range(1, turns + 1):
        known = reached(known, turn)
    assert known == ended(Ends(), turns)


@given(st.lists(st.integers(1, 5_000), max_size=50), st.integers(-5, 10_000))
def test_any_experience_gives_a_sane_number(lengths: list[int], turns: int) -> None:
    """Not negative, not beyond what was seen or the prior; and it survives the store."""
    known = experience(*lengths)
    assert 0 <= remaining(known, turns) <= max(MOST, STEPS[-1])
    assert ends(json.loads(json.dumps(known.json()))) == known


def test_old_sessions_fade() -> None:
    """An agent that has changed is learned anew."""
    known = experience(*[8] * (MOST_COUNTED + 1))
    assert known.reached[0] <= MOST_COUNTED


@pytest.mark.parametrize("told", [None, 3, "x" * len(STEPS), [1.0], [-1.0] * len(STEPS), ["1"] * len(STEPS), {"a": 1}])
def test_damaged_memory_is_a_fresh_start(told: object) -> None:
    """Whatever the store gives back."""
    assert ends(told) == Ends()


def test_steps_are_close() -> None:
    """Each at most twice the one before, as the estimate assumes."""
    assert all(right <= 2 * left for left, right in pairwise(STEPS))

"""When a model is asked for programs."""

import json

from policies.prefetch.authors import DRIFT, FIRST, LONGEST_S, PACE_S, SETTLED, TURN_S, Author


def seen(sessions: int) -> Author:
    """After so many sessions."""
    author = Author()
    for number in range(sessions):
        author = author.ended(f"s{number}")
    return author


def test_one_session_gets_the_turn_after_ten() -> None:
    """The next has to wait; a turn that is not used goes to another."""
    assert not seen(FIRST - 1).heard("a", 100.0).turn
    author = seen(FIRST).heard("a", 100.0).heard("b", 101.0)
    assert author.may_ask("a", 102.0)
    assert not author.may_ask("b", 102.0)
    assert not author.may_ask("a", 100.0 + TURN_S)
    later = author.heard("b", 101.0 + TURN_S)
    assert later.may_ask("b", 102.0 + TURN_S)


def test_a_session_counts_once() -> None:
    """However often it replies."""
    assert Author().ended("a").ended("a").ended("b").sessions == 2


def test_it_is_asked_again_on_drift_and_not_too_often() -> None:
    """A model that is as right as ever is left alone."""
    author = seen(FIRST).heard("a", 100.0).has_asked(100.0).got(3)
    assert not author.turn
    assert not author.due(100.0 + 10 * PACE_S)
    steady = author
    for step in range(3000):
        steady = steady.judged(float(step % 10 < 7))
    assert not steady.due(100.0 + 10 * PACE_S)
    for _ in range(60):
        steady = steady.judged(0.0)
    assert steady.worse > DRIFT
    assert steady.due(100.0 + PACE_S)
    assert not steady.due(99.0 + PACE_S)


def test_nothing_is_judged_before_it_is_known_what_is_usual() -> None:
    """A bad start is no drift."""
    author = Author()
    for _ in range(SETTLED):
        author = author.judged(0.0)
    assert (author.worse, author.usual) == (0.0, 0.0)


def test_where_nothing_came_it_is_asked_again_ever_later() -> None:
    """Up to a day."""
    author = seen(FIRST).has_asked(0.5)
    for _ in range(3):
        author = author.got(0).has_asked(0.5)
    assert not author.due(7 * PACE_S)
    assert author.due(0.5 + 8 * PACE_S)
    for _ in range(9):
        author = author.got(0)
    assert author.wait_s == LONGEST_S
    assert author.got(1).wait_s == PACE_S


def test_it_goes_through_json() -> None:
    """What is something else is nothing."""
    author = seen(4).heard("a", 1.5).judged(0.5)
    assert Author.read(json.loads(json.dumps(list(author)))) == author
    assert Author.read(None) == Author.read([1]) == Author()

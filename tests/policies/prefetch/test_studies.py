"""What agents' sessions leave for a model that writes their programs."""

import json
from typing import Any

from policies.prefetch import studies
from policies.prefetch.authors import FIRST
from policies.prefetch.lesson import Agent, beliefs, fold
from policies.prefetch.pool import Particle
from policies.prefetch.studies import asking, author, come_to_rest, going_on, history, outcome
from tests.policies.prefetch.test_history import CLERK, trace
from tests.policies.prefetch.test_lesson import SHOP, told


def folded(lesson: Any, *said: dict[str, Any], agent: Agent = SHOP) -> Any:
    """A lesson that was told this of an agent; through JSON."""
    told = json.loads(json.dumps([[agent.key, [], [], each] for each in said]))
    return json.loads(json.dumps(fold(lesson, told)))


def test_nothing_is_kept_where_no_model_writes() -> None:
    """A lesson is then what it was."""
    assert told(1).keys() == {"agents"}


def test_sessions_are_kept_and_one_gets_the_turn() -> None:
    """The next that goes on after the tenth."""
    lesson: Any = None
    for number in range(FIRST):
        lesson = folded(lesson, going_on(f"s{number}", number), come_to_rest(trace(number)))
    assert len(history(lesson, SHOP.key)) == 8
    assert not author(lesson, SHOP.key).turn
    lesson = folded(lesson, going_on("a", 100.0), going_on("b", 100.5))
    assert author(lesson, SHOP.key).may_ask("a", 101.0)
    lesson = folded(lesson, asking(101.0))
    assert not author(lesson, SHOP.key).turn
    assert (history({}, "x"), author(None, "x").sessions) == ([], 0)


def test_what_was_written_joins_the_pool() -> None:
    """With its record, and people see where it came from; what is no program stays out."""
    particle = Particle(CLERK, 20.0, 1.0, 24, "writer")
    lesson = folded(told(6), outcome([particle]), {"programs": [[1], [{"rules": []}, "x", 0, 0], 7]})
    (found,) = [each for each in beliefs(lesson, "clerk")[0]["programs"] if each["origin"] == "writer"]
    assert (found["spoke"], found["program"]) == (24, CLERK.json())
    assert found["belief"] > 0.1


def test_the_agents_heard_of_last_are_kept(monkeypatch: Any) -> None:
    """So the store stays small."""
    monkeypatch.setattr(studies, "MOST_AGENTS", 2)
    lesson: Any = None
    for name in ("a", "b", "c"):
        lesson = folded(lesson, come_to_rest(trace(1)), agent=SHOP._replace(name=name))
    assert [bool(history(lesson, SHOP._replace(name=name).key)) for name in ("a", "b", "c")] == [False, True, True]

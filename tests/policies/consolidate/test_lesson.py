"""What agents' sessions teach."""

import json

from policies.consolidate.lesson import FEWEST_JUDGED, MOST_AGENTS, REST, Told, agent_of, fold, tells


def test_how_long_sessions_last_is_learned_from_how_far_they_came() -> None:
    """Twenty sessions of eight requests: few are expected after the sixth."""
    told = [line for _ in range(20) for number in range(1, 9) if (line := tells("a", number))]
    agent = agent_of(json.loads(json.dumps(fold(None, told))), "a")
    assert agent.remaining(6) < 5
    assert agent_of(None, "a").remaining(6) == 6


def test_an_agent_that_loses_money_is_left_alone_for_a_while() -> None:
    """Three sessions that lost more than the others saved; then it is tried anew."""
    lesson = fold(None, [["a", "net", f"s{number}", -1.0] for number in range(FEWEST_JUDGED)])
    assert agent_of(lesson, "a").rest == REST
    assert "cost $3.0000 more" in agent_of(lesson, "a").reason
    assert agent_of(lesson, "b").reason == ""
    for _ in range(REST):
        lesson = fold(lesson, [["a", "reached", 1]])
    assert agent_of(lesson, "a") == agent_of(lesson, "a")._replace(rest=0, nets={})


def test_a_session_counts_once_with_its_latest_net() -> None:
    """However often it tells."""
    nets: list[Told] = [["a", "net", *net] for net in (("s", -9.0), ("s", 1.0), ("t", 2.0), ("u", 0.5))]
    lesson = fold(None, nets)
    assert agent_of(lesson, "a").nets == {"s": 1.0, "t": 2.0, "u": 0.5}
    assert not agent_of(lesson, "a").rest


def test_agents_nobody_hears_of_are_forgotten() -> None:
    """The lesson does not grow for ever."""
    lesson = fold(None, [[f"a{number}", "reached", 1] for number in range(MOST_AGENTS + 5)])
    assert len(lesson["agents"]) == MOST_AGENTS
    assert "a0" not in lesson["agents"]


def test_a_lesson_of_another_making_is_blank() -> None:
    """Nothing in it can break a request."""
    others: tuple[object, ...] = (
        None,
        [],
        {"agents": 3},
        {"agents": {"a": 3}},
        {"agents": {"a": {"lasts": "x", "nets": 1}}},
    )
    for strange in others:
        assert agent_of(strange, "a").nets == {}

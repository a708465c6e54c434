"""Counting what came back: recovery as a multiset of sequences, and figures for each agent.

It must not know how anything was played.
"""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from proxy.cli.heard import Heard
from proxy.cli.sessions import CHAT, Recorded, Step
from proxy.cli.tally import Account, quantile, recovered_wrongly, tally


def recorded(name: str, *texts: str) -> Recorded:
    """A session whose requests grow by these texts."""
    return Recorded(name, tuple(Step(CHAT, {"messages": list(texts[: end + 1])}) for end in range(len(texts))))


A, B = recorded("a", "hello", "one"), recorded("b", "hello", "two")


def heard(session: Recorded, at: int, found: str) -> Heard:
    """The step of a session, as the proxy filed it."""
    return Heard(session.id, session.steps[at], session=found, agent="x", prompt=10, completion=1, overhead_ms=0.5)


def test_sessions_found_as_recorded_are_right() -> None:
    """Each session under an id of its own, in whatever order the answers came."""
    assert recovered_wrongly([A, B], [heard(B, 0, "2"), heard(A, 0, "1"), heard(A, 1, "1"), heard(B, 1, "2")]) == ()


def test_identical_openings_are_exchangeable() -> None:
    """Nobody can say which of two identical openings went on how."""
    assert recovered_wrongly([A, B], [heard(A, 0, "1"), heard(B, 0, "2"), heard(A, 1, "2"), heard(B, 1, "1")]) == ()


def test_a_split_session_is_told() -> None:
    """A session under two ids is wrong."""
    assert recovered_wrongly([A], [heard(A, 0, "1"), heard(A, 1, "2")]) == ("a",)


def test_merged_sessions_are_told() -> None:
    """Two sessions under one id are both wrong."""
    answers = [heard(A, 0, "1"), heard(B, 0, "1"), heard(A, 1, "1"), heard(B, 1, "1")]
    assert recovered_wrongly([A, B], answers) == ("a", "b")


def test_an_answer_without_a_session_recovers_nothing() -> None:
    """A proxy that names no session has recovered none."""
    assert recovered_wrongly([A], [heard(A, 0, ""), heard(A, 1, "")]) == ("a",)


def test_streaming_does_not_make_another_request() -> None:
    """The same words are the same step, streamed or not."""
    assert Step(CHAT, {"m": 1, "stream": True}).digest == Step(CHAT, {"m": 1}).digest
    assert Step(CHAT, {"m": 1}).digest != Step(CHAT, {"m": 2}).digest


def test_agents_are_counted_apart_and_together() -> None:
    """Tokens and sessions add up; a cost is of the agents whose cost is known, and says when that is not all."""
    other = Heard("b", B.steps[0], session="2", agent="y", prompt=30, completion=3, cached=15)
    failed = Heard("b", B.steps[1], error="RateLimitError: slow down")
    accounts = {"x": Account(0.25, True), "y": Account(None, False)}
    run = tally([A, B], [heard(A, 0, "1"), heard(A, 1, "1"), other, failed], accounts)
    assert [(agent.agent, agent.sessions, agent.requests, agent.prompt) for agent in run.agents] == [
        ("x", 1, 2, 20),
        ("y", 1, 1, 30),
    ]
    assert (run.all.sessions, run.all.requests, run.all.cached_share) == (2, 3, 0.3)
    assert (run.all.cost, run.all.cost_known) == (0.25, False)
    assert (run.failed, run.faults, run.wrong) == (1, ("RateLimitError: slow down",), ("b",))


def test_savings_are_net_of_what_was_spent_for_them() -> None:
    """Saved is what was saved, less the extra and what a model was paid; for all agents the sum."""
    dear = {"consolidate.saved_usd": 1.0, "consolidate.extra_usd": 0.25, "consolidate.maker_usd": 1.5}
    cheap = {"consolidate.saved_usd": 2.0, "noise.cut": 7.0}
    other = Heard("b", B.steps[0], session="2", agent="y")
    accounts = {"x": Account(0.5, True, dear), "y": Account(0.5, True, cheap)}
    run = tally([A, B], [heard(A, 0, "1"), other], accounts)
    assert [agent.saved for agent in (*run.agents, run.all)] == [-0.75, 2.0, 1.25]
    assert run.all.figures == {
        "consolidate.saved_usd": 3.0,
        "consolidate.extra_usd": 0.25,
        "consolidate.maker_usd": 1.5,
        "noise.cut": 7.0,
    }


def test_nothing_counted_is_not_nothing_saved() -> None:
    """Where no dollars were counted, nothing is said of savings, whatever else was counted."""
    run = tally([A], [heard(A, 0, "1")], {"x": Account(0.5, True, {"noise.cut": 7.0})})
    assert (run.agents[0].saved, run.all.saved, run.all.figures) == (None, None, {"noise.cut": 7.0})


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_enough_do_not_exceed(values: list[float], share: float) -> None:
    """At least `share` of the values are at or below it, and no smaller value has that property."""
    found = quantile(values, share)
    assert found in values
    assert sum(value <= (found or 0) for value in values) >= share * len(values) - 1e-9
    below = max((value for value in values if value < (found or 0)), default=-inf)
    assert sum(value <= below for value in values) < share * len(values)


def test_nothing_has_no_quantile() -> None:
    """Of no values there is none."""
    assert quantile([], 0.5) is None

"""The trial: who is held out, what is counted, and what the comparison says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.trial import (
    FULL,
    MOST_SESSIONS,
    TAGGED,
    arm,
    compared,
    counts,
    difference,
    ended,
    fold,
    interval,
    tells,
)
from proxy.conversation import ToolCall, Turn
from proxy.exchange import Completion, Usage

DONE = Completion(200, turns=(Turn("assistant", "Done."),), finish="stop", usage=Usage(100, 10), cost=0.5)
CALLED = DONE._replace(turns=(Turn("assistant", calls=(ToolCall("c", "f", "{}"),)),))


@given(st.text(), st.floats(0, 1))
def test_an_arm_is_for_life(session: str, share: float) -> None:
    """By the session's id alone; none is held out of a share of nothing, and all of everything."""
    assert arm(session, share) == arm(session, share)
    assert arm(session, 0.0) == TAGGED
    assert arm(session, 1.0) == FULL


def test_the_share_is_about_what_was_asked_for() -> None:
    """A tenth of many."""
    held = sum(arm(f"session {number}", 0.1) == FULL for number in range(10_000))
    assert 900 < held < 1100


def test_how_a_request_ended() -> None:
    """An answer without a call is an end; a call is none; whatever broke off is a failure."""
    assert ended(DONE) == "finished"
    assert ended(CALLED) == "open"
    for failed in (None, DONE._replace(status=500), DONE._replace(whole=False), DONE._replace(finish="length")):
        assert ended(failed) == "failed"


def test_sessions_are_compared() -> None:
    """By arm; each request counts to its session; callers of one agent are one."""
    told = [tells("me:clerk", TAGGED, "s1", CALLED), tells("me:clerk", TAGGED, "s1", DONE)]
    told += [tells("you:clerk", TAGGED, "s2", DONE), tells("me:clerk", FULL, "s3", DONE._replace(status=500))]
    told += [tells("me:clerk", FULL, "s4", DONE)]
    lesson = json.loads(json.dumps(fold(json.loads(json.dumps(fold(None, told[:2]))), told[2:])))
    found = compared(lesson)["clerk"]
    assert found["tagged"] == {
        "sessions": 2,
        "requests": 3,
        "requests_per_session": [1.5, pytest.approx(0.52), pytest.approx(2.48)],
        "prompt_tokens_per_session": [150.0, pytest.approx(52.0), pytest.approx(248.0)],
        "cost_per_session": [0.75, pytest.approx(0.26), pytest.approx(1.24)],
        "finished_share": [1.0, 1.0, 1.0],
        "failed_share": [0.0, 0.0, 0.0],
    }
    assert found["full"]["failed_share"][0] == 0.5
    assert found["difference"]["requests_per_session"][0] == 0.5
    assert found["difference"]["finished_share"][:1] == [0.5]


def test_too_little_is_no_comparison() -> None:
    """Nothing of nothing; no width of one; no difference while an arm has fewer than two sessions."""
    assert compared(None) == {}
    assert interval([]) is None
    assert interval([3.0]) == [3.0, 3.0, 3.0]
    assert difference([1.0, 2.0], [1.0]) is None
    assert difference([1.0, 3.0], [1.0, 1.0]) == [1.0, pytest.approx(-0.96), pytest.approx(2.96)]


def test_a_lesson_stays_small() -> None:
    """The latest sessions of each arm."""
    told = [tells("me:clerk", TAGGED, f"s{number}", DONE) for number in range(MOST_SESSIONS + 5)]
    sessions = fold(None, told)["me:clerk"][TAGGED]
    assert len(sessions) == MOST_SESSIONS
    assert "s4" not in sessions
    assert "s5" in sessions


def test_the_same_for_the_metrics() -> None:
    """Only what is not nothing."""
    assert counts(TAGGED, DONE, first=True) == {
        "tagged_requests": 1.0,
        "tagged_prompt_tokens": 100.0,
        "tagged_cost_usd": 0.5,
        "tagged_sessions": 1.0,
    }
    assert counts(FULL, None, first=False) == {"full_requests": 1.0, "full_failed_requests": 1.0}

"""The usual ways send what they say they send, and nothing that a provider would refuse.

They must not know the policy.
"""

import pytest

from benchmarks.consolidate.baselines import BASELINES, last, masked, played
from benchmarks.consolidate.sessions import join
from tests.benchmarks.consolidate.recorded import HISTORY, meter


def test_the_last_messages_and_the_system_message() -> None:
    """A cut among results moves back to their calls."""
    assert [place for place, _ in last(2)(HISTORY[:5])] == [0, 2, 3, 4]
    assert [place for place, _ in last(1)(HISTORY[:9])] == [0, 6, 7, 8]
    assert [place for place, _ in last(50)(HISTORY[:9])] == list(range(9))


def test_old_results_are_put_away() -> None:
    """Only results, and only those before the newest messages."""
    assert [place for place, away in masked(2)(HISTORY[:9]) if away] == [3]
    assert [place for place, away in masked(20)(HISTORY[:9]) if away] == []


@pytest.mark.parametrize("name", BASELINES)
def test_every_request_is_valid(name: str) -> None:
    """Each of them over a long session: rewritten now and then, never at fault."""
    told = played(meter(messages=join([HISTORY] * 12)), BASELINES[name])
    asked = list(told.asked.values())
    assert not [each.faults for each in asked if each.faults]
    assert asked[-1].sent != asked[-1].full
    assert any(each.event for each in asked)

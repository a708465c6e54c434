"""Refusals: whose fault they are, and what becomes of the session."""

import pytest

from policies.consolidate.ledger import Ledger, recall
from policies.consolidate.refusal import as_well, refused, rest
from proxy.exchange import REFUSED, Completion, Note
from tests.policies.consolidate.talk import asked, exchange, user

ONE = exchange(asked("chat", [user("Hi")]))


def test_the_road_notes_a_refusal() -> None:
    """Other notes are none."""
    assert refused(ONE.but(notes=(Note("road", "answer", "refused", REFUSED),)))
    assert not refused(ONE.but(notes=(Note("road", "load", "store: slow", "fault"),)))


@pytest.mark.parametrize(("status", "rests"), [(200, True), (400, False), (422, False), (500, False)])
def test_a_session_rests_where_the_change_was_to_blame(status: int, rests: bool) -> None:
    """Its branches are kept, for nothing is lost."""
    answered = ONE.but(completion=Completion(status))
    decision = rest(answered, Ledger(tool="recall").memory())
    assert as_well(answered) is not rests
    assert bool(decision) is rests
    if decision:
        assert recall(decision.memory)._replace(at=0) == Ledger(rests=True, tool="recall")

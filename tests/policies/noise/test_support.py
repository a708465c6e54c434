"""Sentences that no worker stands behind."""

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.noise.statements import Statements
from policies.noise.support import supported
from policies.noise.text import sentences
from tests.policies.noise.team import PARTS, WORKERS

STRANGE = "The founder sailed around the world with an orchestra of retired dentists."


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(5)), st.integers(0, 10))
def test_the_strange_sentence_stands_out(order: list[int], place: int) -> None:
    """In whatever order the workers are followed, wherever it stands."""
    told = [each.text for who in order for each in sentences(PARTS[who])]
    told.insert(place, STRANGE)
    found = supported(Statements(WORKERS), sentences("\n".join(told)))
    assert max(found, key=lambda each: each.foreign).sentence.text == STRANGE


def test_the_worker_behind_a_sentence_is_told() -> None:
    """Of each sentence."""
    found = supported(Statements(WORKERS), sentences("\n".join(PARTS)))
    assert [each.worker for each in found] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_nothing_can_be_said_without_workers() -> None:
    """Nor of an empty aggregate."""
    assert supported(Statements([]), sentences(STRANGE)) == []
    assert supported(Statements(WORKERS), []) == []
    assert len(supported(Statements(WORKERS), sentences(STRANGE))) == 1

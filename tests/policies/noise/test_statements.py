"""What workers said, to be searched."""

from math import isclose, sqrt

import pytest

from policies.noise.statements import Statements
from policies.noise.text import content
from tests.policies.noise.team import WORKERS


def test_what_nobody_says_weighs_most() -> None:
    """And what all say least."""
    found = Statements(["A boat sank. The boat burned.", "A boat left for Oslo."])
    assert found.weight("zebra") > found.weight("oslo") > found.weight("boat")


def test_shares_tell_where_a_sentence_stands() -> None:
    """Anywhere in a worker's text, and in one place of it."""
    found = Statements(["The cook fell. It rained. The cook sang.", "Nobody fell."])
    whole, close = found.shares(content("The cook fell and sang"))
    assert whole[0] == pytest.approx(1.0)
    assert 0 < close[0] < 1
    assert whole[1] == close[1] > 0
    assert found.shares(()) == ([0.0, 0.0], [0.0, 0.0])
    assert found.missing(content("the cook danced"), 0) == found.weight(content("danced")[0])


def test_the_first_that_says_anything() -> None:
    """Of each worker."""
    found = Statements(["It is. A boat sank. It burned.", "Nobody fell."])
    assert [found.first(worker).text for worker in (0, 1)] == ["A boat sank.", "Nobody fell."]


def test_vectors_have_length_one() -> None:
    """A word that comes twice weighs more; no words are no vector."""
    found = Statements(WORKERS)
    vector = found.vector(content("revenue revenue patent"))
    assert isclose(sqrt(sum(each**2 for each in vector.values())), 1.0)
    assert vector["revenu"] > vector["patent"]
    assert found.vector(()) == {}


def test_no_workers_are_no_trouble() -> None:
    """Nor workers who say nothing."""
    assert Statements([]).shares(("boat",)) == ([], [])
    assert Statements(["", "  "]).shares(("boat",)) == ([0.0, 0.0], [0.0, 0.0])

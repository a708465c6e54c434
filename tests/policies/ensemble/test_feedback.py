"""Scores for a team's answer."""

from policies.ensemble.feedback import remembered, scored
from policies.ensemble.lesson import fold, past_of
from policies.ensemble.member import Record

FACTS = {"said": {"one": "abc", "two": "def", "three": "abc", "four": ""}}


def test_who_said_it_is_as_right_as_it_was() -> None:
    """And who differed was wrong, where the answer was right; where it was wrong, that shows nothing of them."""
    memory = remembered(FACTS, "abc")
    assert memory == {"same": {"one": True, "two": False, "three": True}}
    right, wrong = scored(memory, "1"), scored(memory, "0.25")
    assert right
    assert wrong
    assert right["agreed"] == {"one": 1.0, "two": 0.0, "three": 1.0}
    assert wrong["agreed"] == {"one": 0.25, "three": 0.25}
    past = past_of(fold(None, [right, wrong]))
    assert past.members == {"one": Record(2, 1.25), "two": Record(1, 0.0), "three": Record(2, 1.25)}


def test_nothing_to_tell() -> None:
    """No answer that can be compared, no session, no number from 0 to 1."""
    assert remembered(FACTS, "") == {}
    memory = remembered(FACTS, "abc")
    for memory_of, score in ((None, "1"), ({}, "1"), (memory, "2"), (memory, "nan"), (memory, "good"), (memory, "-1")):
        assert scored(memory_of, score) is None

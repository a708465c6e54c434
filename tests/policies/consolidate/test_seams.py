"""Where a conversation may be cut."""

from typing import Any

import pytest

from policies.consolidate.seams import groups, head, seams, unseen, untouchable
from proxy.conversation import Turn
from tests.policies.consolidate.talk import asked, call, said, user


def turns_of(form: str, *items: dict[str, Any], system: str = "Be brief.") -> tuple[Turn, ...]:
    conversation = asked(form, items, system=system).conversation
    assert conversation is not None
    return conversation.turns


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_never_between_a_call_and_its_result(form: str) -> None:
    """Before a reply and before a user's words, but not before a result."""
    items = [user("a"), *call(form, "1", "look", {}, "seen"), said("b"), user("c")]
    turns = turns_of(form, *items)
    first = head(turns)
    assert seams(turns, first) == [first + 1, first + 3, first + 4]


def test_parallel_calls_stay_together() -> None:
    """Two calls in a row and their results in any order are one group."""
    one, two = call("responses", "1", "a", {}, "x"), call("responses", "2", "b", {}, "y")
    turns = turns_of("responses", user("go"), one[0], two[0], two[1], one[1], said("done"))
    assert seams(turns) == [1, 5]
    assert list(groups(turns, 0, 5)) == [(0, 1), (1, 5)]


def test_an_open_call_closes_everything_behind_it() -> None:
    """Its result may still come."""
    turns = turns_of("chat", user("a"), call("chat", "1", "look", {}, "")[0])
    assert seams(turns, 1) == [2]
    assert seams((*turns, Turn("user", "and?")), 1) == [2]


def test_reasoning_belongs_to_the_call_it_led_to() -> None:
    """A reasoning item, the message and the call after it are one reply."""
    reasoning: dict[str, Any] = {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "x"}
    turns = turns_of("responses", user("a"), reasoning, said("look"), *call("responses", "1", "look", {}, "seen"))
    assert seams(turns) == [1]
    assert untouchable(turns[1])
    assert not untouchable(turns[2])


def test_instructions_in_front_are_counted() -> None:
    """System and developer messages, as many as there are."""
    assert head(turns_of("chat", {"role": "developer", "content": "x"}, user("a"))) == 2
    assert head(turns_of("messages", user("a"))) == 0


def test_what_no_provider_has_seen() -> None:
    """All behind the newest reply, of which reasoning is a part; all of it where nobody has replied."""
    turns = (Turn("user", "a"), Turn("assistant", "b"), Turn("reasoning"), Turn("tool", "c"), Turn("user", "d"))
    assert [unseen(turns[:end]) for end in range(6)] == [0, 0, 2, 3, 3, 3]

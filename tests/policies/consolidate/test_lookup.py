"""The tool `recall`: when it is offered, under which name, and what it says."""

from typing import Any

import pytest

from policies.consolidate.lookup import (
    IN_VIEW,
    MOST_TOKENS,
    NOTHING,
    answer,
    asked,
    hits_in,
    may_offer,
    name_for,
    tool,
)
from policies.consolidate.view import talk
from tests.policies.consolidate import talk as said
from tests.policies.consolidate.talk import user


def count(text: str) -> int:
    """A token for each four characters."""
    return -(-len(text) // 4)


def result(arguments: str, texts: list[str], hidden: list[int]) -> str:
    """What the tool says of these users' messages."""
    turns = talk(said.asked("messages", [user(text) for text in texts])).turns
    return answer(arguments, turns=turns, hidden=hidden, count=count)


def test_it_shows_passages_with_their_numbers() -> None:
    """Of hidden messages only: the others are in view."""
    texts = ["The code is 4711.", "The gate is green.", "The code is secret."]
    assert result('{"query": "code"}', texts, [0, 1]) == "#0 user: The code is 4711."
    assert result('{"query": "lighthouse"}', texts, [0, 1]) == NOTHING
    assert result('{"query": "code"}', texts, []) == IN_VIEW


def test_a_message_can_be_asked_for_by_its_number() -> None:
    """As the summary names it, whole as far as there is room."""
    texts = ["The code is 4711.\nIt is written on the gate.", "Another code."]
    assert (
        result('{"query": "#0"}', texts, [0, 1]).splitlines()[0]
        == "#0 user: The code is 4711. It is written on the gate."
    )
    assert result('{"query": "#7"}', texts, [0, 1]) == NOTHING
    assert result('{"query": "#1"}', texts, [0]) == "Message #1 is in view."


def test_a_result_is_short() -> None:
    """Whatever is found."""
    texts = [f"Flat {number} " + "has a code. " * 400 for number in range(30)]
    told = result('{"query": "code of flats"}', texts, list(range(30)))
    assert 0 < count(told) <= MOST_TOKENS + 200
    assert 1 < hits_in(told) <= 5


@pytest.mark.parametrize(
    "arguments", ['{"query": "code"}', '{"q": "code", "n": 3}', '"code"', "code", '{"query": "code']
)
def test_arguments_are_taken_as_they_come(arguments: str) -> None:
    """What is no JSON is taken for words."""
    assert "code" in asked(arguments)


REFUSING: list[dict[str, Any]] = [
    {"functions": [{"name": "f"}]},
    {"n": 2},
    {"background": True},
    {"response_format": {"type": "json_schema"}},
    {"text": {"format": {"type": "json_object"}}},
    {"output_config": {"format": {"type": "json_schema"}}},
]


@pytest.mark.parametrize("fields", REFUSING)
def test_it_stays_out_of_requests_where_it_cannot_be_answered(fields: dict[str, Any]) -> None:
    """Functions of the old kind, several answers, answers of a given form, nobody waiting."""
    assert not may_offer(said.asked("chat", [user("Hi")], **fields))
    assert may_offer(said.asked("chat", [user("Hi")], n=1, response_format={"type": "text"}))


def test_it_has_another_name_beside_a_clients_own() -> None:
    """Or none, where both are taken."""

    def offered(*names: str) -> str:
        tools = [{"type": "function", "function": {"name": name}} for name in names]
        return name_for(talk(said.asked("chat", [user("Hi")], tools=tools)))

    assert [offered(), offered("recall"), offered("recall", "recall_earlier")] == ["recall", "recall_earlier", ""]


def test_the_tool_answers_for_its_request() -> None:
    """With the turns it was made for."""
    turns = talk(said.asked("chat", [user("The code is 4711."), user("And?")])).turns
    assert tool("recall", turns, [1], count).answer('{"query":"code"}') == "#1 user: The code is 4711."

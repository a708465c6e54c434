"""The contract in a request: behind the instructions, wherever they stand, every other byte as it was."""

from typing import Any

import orjson
import pytest

from policies.consolidate.contract import CONTRACT, asking, holds
from policies.consolidate.layout import condensed
from proxy.exchange import Request
from tests.policies.consolidate.talk import ITEMS, PATHS, READ, asked, items_of, said, user

FORMS = ["chat", "responses", "messages"]


def told(request: Request) -> Request:
    """The request with the contract."""
    turns = request.conversation.turns if request.conversation else ()
    cuts = asking(request, turns)
    assert cuts is not None
    return READ(request.but(body=condensed(request.body, turns, None, {}, cuts)))


def raw(form: str, body: bytes) -> Request:
    return READ(Request("POST", PATHS[form], (), body))


@pytest.mark.parametrize("form", FORMS)
def test_it_stands_once_and_the_rest_stays(form: str) -> None:
    """Also when the conversation has grown."""
    request = asked(form, [user("a"), said("b"), user("c")])
    assert not holds(request)
    one = told(request)
    assert holds(one)
    assert one.body.count(CONTRACT.encode()) == 1
    assert items_of(one)[-3:] == items_of(request)[-3:]
    longer = told(asked(form, [user("a"), said("b"), user("c"), said("d"), user("e")]))
    start = one.body.index(b'{"role":"user","content":"c"}')
    assert longer.body[:start] == one.body[:start]


ADDED = {"type": "text", "text": CONTRACT}
PLAIN = {"type": "text", "text": "Be brief."}
MARKED = {**PLAIN, "cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("form", "system", "expected"),
    [
        ("chat", "Be brief.", f"Be brief.\n\n{CONTRACT}"),
        ("chat", "", CONTRACT),
        ("chat", [PLAIN], [PLAIN, ADDED]),
        ("messages", "Be brief.", f"Be brief.\n\n{CONTRACT}"),
        ("messages", [MARKED], [MARKED, ADDED]),
    ],
)
def test_instructions_of_every_shape(form: str, system: Any, expected: Any) -> None:
    """A string, parts, nothing said; marks for the cache stay."""
    request = told(asked(form, [user("a")], system=system))
    body = orjson.loads(request.body)
    assert (body["system"] if form == "messages" else body["messages"][0]["content"]) == expected


@pytest.mark.parametrize("form", FORMS)
def test_where_there_are_no_instructions_some_are_made(form: str) -> None:
    """In front, or in their field."""
    request = told(raw(form, orjson.dumps({"model": "m", ITEMS[form]: [user("a")]})))
    body = orjson.loads(request.body)
    if form == "messages":
        assert body["system"] == CONTRACT
    else:
        role = "developer" if form == "responses" else "system"
        assert body[ITEMS[form]] == [{"role": role, "content": CONTRACT}, user("a")]


def test_the_field_is_found_behind_the_messages_and_not_in_a_tool() -> None:
    """Tools may speak of a `system` too."""
    tools = [
        {"name": "f", "description": '"system": "Be brief."', "input_schema": {"properties": {"system": {"type": "x"}}}}
    ]
    for fields in (
        {"system": 'Bé "brief".', "messages": [user("a")], "tools": tools},
        {"messages": [user("a")], "tools": tools, "system": "x"},
    ):
        request = told(raw("messages", orjson.dumps({"model": "m", **fields})))
        body = orjson.loads(request.body)
        assert body["system"] == f"{fields['system']}\n\n{CONTRACT}"
        assert body["tools"] == tools
        assert body["messages"] == [user("a")]


def test_where_its_place_is_not_sure_it_is_left_out() -> None:
    """The same words under the same name, twice: nothing is changed rather than the wrong one."""
    tools = [{"name": "f", "input_schema": {"system": "x"}}]
    request = raw("messages", orjson.dumps({"system": "x", "tools": tools, "messages": [user("a")]}))
    assert request.conversation is not None
    assert asking(request, request.conversation.turns) is None

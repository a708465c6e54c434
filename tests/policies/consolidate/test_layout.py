"""Writing a condensed request: what stays, stays byte for byte."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.layout import condensed, item_of, shrunk
from policies.consolidate.ledger import Checkpoint
from proxy.exchange import Request
from tests.policies.consolidate.talk import READ, asked, call, items_of, said, user

FORMS = ["chat", "responses", "messages"]
WIDE = (
    b'{"model": "m", "messages" : [ {"role":"system","content":"s"} , {"role":"user","content":"a"},\n'
    b' {"role":"assistant","content":"b"}, {"role":"user","content":"c"} ], "x": 1.0}'
)


def point(start: int, *kept: int) -> Checkpoint:
    return Checkpoint(start, "", kept, "so far", {}, 0, 0)


@pytest.mark.parametrize("form", FORMS)
def test_the_checkpoint_takes_the_place_of_what_it_replaces(form: str) -> None:
    """Instructions, what is kept, the checkpoint, the tail."""
    items = [user("task"), *call(form, "1", "look", {"a": 1}, "seen"), said("b"), user("c"), said("d"), user("e")]
    request = asked(form, items)
    assert request.conversation is not None
    first = len(request.conversation.turns) - len(items)
    body = condensed(request.body, request.conversation.turns, point(first + 4, first), {})
    got = items_of(request.but(body=body))
    assert got == [*items_of(request)[: first + 1], user("so far"), *items[4:]]
    assert READ(request.but(body=body)).conversation is not None


def test_every_other_byte_stays() -> None:
    """Odd spacing and all."""
    request = READ(Request("POST", "/v1/chat/completions", (), WIDE))
    assert request.conversation is not None
    body = condensed(WIDE, request.conversation.turns, point(3, 1), {})
    gone = WIDE.index(b'{"role":"assistant"')
    stays = WIDE.index(b'{"role":"user","content":"c"}')
    assert body == WIDE[:gone] + item_of("so far") + b"," + WIDE[stays:]


def test_nothing_replaced_is_nothing_changed() -> None:
    """The very bytes."""
    request = READ(Request("POST", "/v1/chat/completions", (), WIDE))
    assert request.conversation is not None
    assert condensed(WIDE, request.conversation.turns, None, {}) == WIDE


@given(st.text(st.characters(codec=None)))
def test_any_text_makes_an_item(text: str) -> None:
    """Control characters, emoji, halves of surrogate pairs."""
    raw = item_of(text)
    raw.decode()
    assert json.loads(raw)["content"] == text


@pytest.mark.parametrize("form", FORMS)
def test_a_result_in_fewer_words_keeps_its_item(form: str) -> None:
    """Ids and unknown fields stay; the text holds the same values."""
    rows = [{"id": f"row-{place}", "price": place, "status": "open"} for place in range(20)]
    item = call(form, "c1", "look", {}, orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())[1]
    less = shrunk(orjson.dumps({**item, "x_unknown": [1]}), form)
    assert less is not None
    got = orjson.loads(less.item)
    assert got["x_unknown"] == [1]
    assert "c1" in less.item.decode()
    assert all(f"row-{place}" in less.text for place in range(20))
    assert len(less.item) < len(orjson.dumps(item))


def test_what_cannot_be_read_is_left_alone() -> None:
    """Odd items, mixed blocks, pictures, short texts."""
    for raw in (b"[]", b"nonsense", b'{"role":"tool","content":"ok"}', b'{"role":"tool","content":[{"type":"image"}]}'):
        assert shrunk(raw, "chat") is None
    mixed = {
        "role": "user",
        "content": [{"type": "tool_result", "content": "[1, 2]" * 99}, {"type": "text", "text": "x"}],
    }
    assert shrunk(orjson.dumps(mixed), "messages") is None

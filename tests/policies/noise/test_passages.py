"""Where outputs stand in a request."""

import json

import pytest

from policies.noise.passages import Item, Place, fresh_items, places
from proxy.exchange import Request
from tests.policies.noise.asking import request, result, user


def test_texts_of_an_item() -> None:
    """Of a message, its parts, a tool's result, and what that holds; ids and names are no texts."""
    parts = [result("x", [{"type": "text", "text": "a"}], "messages"), {"type": "text", "text": "b"}]
    item = Item(json.dumps({**user(parts), "name": "ann"}).encode())
    assert item.texts == ["a", "b"]
    item.put(0, "c")
    assert json.loads(item.json())["content"][0] == result("x", [{"type": "text", "text": "c"}], "messages")
    assert item.blocks == json.loads(item.json())["content"]
    assert Item(b'"all"').texts == ["all"]
    assert Item(b'"all"').blocks == Item(b"[1]").blocks == []


def test_only_what_is_new_may_be_changed() -> None:
    """No instructions, nothing from before the model spoke, nothing that is signed or marked for the cache."""
    marked = user([{"type": "text", "text": "m", "cache_control": {"type": "ephemeral"}}])
    told = [{"role": "system", "content": "s"}, user("old"), {"role": "assistant", "content": "a"}, user("new"), marked]
    assert [(number, item.texts) for number, item in fresh_items(request(told)).items()] == [(3, ["new"])]
    assert [*fresh_items(request(told[:2]))] == [1]
    assert fresh_items(Request("POST", "/v1/embeddings")) == {}


def test_every_place_of_a_passage() -> None:
    """In the order of the request; what stands within a longer passage is part of that."""
    told = fresh_items(request([user("one two, one"), result("1", "one")]))
    assert places(told, ["one", "one two", "three", ""]) == [
        [Place(0, 0, 9, 12), Place(1, 0, 0, 3)],
        [Place(0, 0, 0, 7)],
        [],
        [],
    ]


def test_a_body_that_cannot_be_read() -> None:
    """An item that is no JSON."""
    with pytest.raises(ValueError, match="Expecting"):
        Item(b"{")

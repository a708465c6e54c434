"""Literals: what of a text may be needed word for word."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.literals import KINDS, found, kind


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2024-05-20", "date"),
        ("mia_li_3668", "id"),
        ("mia@example.com", "email"),
        ("250", "number"),
        ("src/app/main.py", "path"),
        ("SEA", "code"),
        ("pending", "word"),
        ("Mia Li", "name"),
        ("what is it?", "phrase"),
    ],
)
def test_kinds_are_told_by_shape(text: str, name: str) -> None:
    """Not by what the words mean."""
    assert kind(text) == name


def test_prose_gives_what_stands_out_in_it() -> None:
    """Ids, dates, names inside a sentence, quotations; not the words around them."""
    said = {
        item.text
        for item in found('My user ID is mia_li_3668, and I met "the tall one" with Amelia Ahmed on 2024-05-20.')
    }
    assert {"mia_li_3668", "the tall one", "Amelia Ahmed", "2024-05-20"} <= said
    assert not {"and", "with", "on", "user"} & said


def test_json_gives_its_leaves_with_their_fields() -> None:
    """Numbers in their own spelling."""
    items = found('{"id": "A1", "price": 1.50, "rows": [{"sku": "x-9"}, {"sku": "x-10"}]}')
    assert ("1.50", "price") in [(item.text, item.field) for item in items]
    assert {item.text for item in items} >= {"A1", "x-9", "x-10"}
    assert len({item.record for item in items if item.text.startswith("x-")}) == 2


@given(st.text(max_size=300))
def test_a_literal_stands_in_its_text(text: str) -> None:
    """Word for word, whatever the text, so that a copy of it is found again."""
    for item in found(text):
        assert type(item.text) is str
        assert item.text in text or item.text in " ".join(text.split()) or text[:1] in "[{"
        assert kind(item.text) in KINDS


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4)
    )
)
def test_any_json_can_be_read(value: object) -> None:
    """Deep, empty, odd."""
    for item in found(json.dumps([value])):
        assert item.text

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
    items = found('My user ID is mia_li_3668, and I met "the tall one" with Amelia Ahmed on 2024-05-20.')
    said = {literal for literal, _, _ in items}
    assert {"mia_li_3668", "the tall one", "Amelia Ahmed", "2024-05-20"} <= said
    assert not {"and", "with", "on", "user"} & said


def test_json_gives_its_leaves_with_their_fields() -> None:
    """Numbers in their own spelling."""
    items = found('{"id": "A1", "price": 1.50, "rows": [{"sku": "x-9"}, {"sku": "x-10"}]}')
    assert ("1.50", "price") in [(literal, field) for literal, field, _ in items]
    assert {literal for literal, _, _ in items} >= {"A1", "x-9", "x-10"}
    assert len({record for literal, _, record in items if literal.startswith("x-")}) == 2


@given(st.text(max_size=300))
def test_a_literal_stands_in_its_text(text: str) -> None:
    """Word for word, whatever the text, so that a copy of it is found again."""
    for literal, _, _ in found(text):
        assert type(literal) is str
        assert literal in text or literal in " ".join(text.split()) or text[:1] in "[{"
        assert kind(literal) in KINDS


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4)
    )
)
def test_any_json_can_be_read(value: object) -> None:
    """Deep, empty, odd."""
    for literal, _, _ in found(json.dumps([value])):
        assert literal

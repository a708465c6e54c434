"""JSON that may be none."""

import json
import time

from hypothesis import given
from hypothesis import strategies as st

from policies.inner.documents import MOST, documents, object_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.text(st.characters(blacklist_characters='{}[]"'), max_size=30)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), WORDS, WORDS)
def test_it_is_found_wherever_it_stands(value: object, before: str, behind: str) -> None:
    """Words before it and behind it."""
    assert next(documents(before + json.dumps(value) + behind)) == value


def test_in_order_the_outer_one_first() -> None:
    """A fence, something broken, and two that are whole."""
    text = 'Here:\n```json\n{"a": [1, 2]}\n```\nor {"b": } or [3]'
    assert list(documents(text)) == [{"a": [1, 2]}, [1, 2], [3]]
    assert list(documents("nothing { to [ see")) == []


def test_brackets_without_end_are_given_up() -> None:
    """At once: a model that loops costs nobody time."""
    began = time.process_time()
    assert list(documents("[" * 300_000)) == []
    assert list(documents("{ " * (MOST + 1) + '{"a": 1}')) == []
    assert time.process_time() - began < 2


@given(VALUES)
def test_an_object_is_itself(value: object) -> None:
    """As text or as bytes; another value is none."""
    text = json.dumps(value)
    assert object_of(text) == object_of(text.encode()) == (value if isinstance(value, dict) else None)


def test_what_cannot_be_read_is_no_object() -> None:
    """Cut off, of another encoding, nested without end."""
    for text in ('{"a": 1', "", b"\xff{}", '{"a":' * 100_000):
        assert object_of(text) is None

"""Leaves of results."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.prefetch.fields import MOST_LEAVES, leaves, spelled

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def test_lists_and_records() -> None:
    """A leaf knows its path and the object it stands in."""
    found = leaves('{"id": "R1", "flights": [{"no": "H1", "date": "d1"}, {"no": "H2", "date": "d2"}]}')
    assert [(leaf.path, leaf.value) for leaf in found] == [
        ("id", '"R1"'),
        ("flights[].no", '"H1"'),
        ("flights[].date", '"d1"'),
        ("flights[].no", '"H2"'),
        ("flights[].date", '"d2"'),
    ]
    assert found[1].record == found[2].record != found[3].record == found[4].record


def test_keys_that_are_values() -> None:
    """An object by identifiers offers the identifiers."""
    found = leaves('{"cards": {"card_8194385": {"brand": "visa"}}}')
    assert ("cards{}", '"card_8194385"') in [(leaf.path, leaf.value) for leaf in found]
    assert ("cards{}.brand", '"visa"') in [(leaf.path, leaf.value) for leaf in found]


def test_a_plain_text_is_one_leaf() -> None:
    """If it is short enough to be an argument."""
    assert [(leaf.path, leaf.value) for leaf in leaves("sofia_li_9219")] == [("", '"sofia_li_9219"')]
    assert leaves("word " * 100) == []


@settings(deadline=None)
@given(VALUES)
def test_any_result_can_be_read(value: object) -> None:
    """Any JSON, within bounds; what is read is spelled as JSON."""
    found = leaves(json.dumps(value))
    assert len(found) <= MOST_LEAVES + 1
    assert all(spelled(json.loads(leaf.value)) == leaf.value for leaf in found)


def test_a_nest_too_deep_is_no_fault() -> None:
    """It offers nothing."""
    assert leaves("[" * 100_000) == []

"""Fields and JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policies.noise.fields import fields, plain


def test_json_becomes_lines() -> None:
    """Nested names are joined; what is not JSON stays as it is."""
    assert plain('```json\n{"a_b": {"c": [1, "x"]}, "d": true, "e": null}\n```') == (
        "a b c: 1\na b c: x\nd: true",
        True,
    )
    assert plain("{not json") == ("{not json", False)
    assert plain("Just prose.") == ("Just prose.", False)
    assert plain("[" * 5000) == ("[" * 5000, False)


def test_fields_are_read_with_their_place() -> None:
    """Markdown marks do not matter; a name that comes twice is left out."""
    text = "- **Status**: approved\nTotal: 12 EUR\nNote: a\nNote: b\nThe time was 10:30."
    found = fields(text)
    assert {name: value for name, (value, _, _) in found.items()} == {"status": "approved", "total": "12 EUR"}
    value, begin, end = found["total"]
    assert text[begin:end] == value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4))
def test_any_json_can_be_read(told: list[object]) -> None:
    """Every string in it is kept."""
    text, read = plain(json.dumps(told))
    assert read
    assert all(each in text for each in told if isinstance(each, str))

"""Usage of several calls, added up."""

from proxy.wire.asides.usage import added


def test_numbers_are_added_and_objects_inside() -> None:
    """What only one of them tells stays; a flag or a word is the second's."""
    one = {"input_tokens": 3, "details": {"cached": 1, "kind": "a"}, "only": 2, "tier": "standard", "fast": True}
    other = {"input_tokens": 4, "details": {"cached": 5, "kind": "b"}, "later": 7, "tier": "batch", "fast": False}
    assert added(one, other) == {
        "input_tokens": 7,
        "details": {"cached": 6, "kind": "b"},
        "only": 2,
        "later": 7,
        "tier": "batch",
        "fast": False,
    }


def test_nothing_told_keeps_what_is_known() -> None:
    """A null is no count."""
    assert added({"a": 1, "b": {"c": 2}}, {"a": None, "b": None}) == {"a": 1, "b": {"c": 2}}
    assert added({}, {"a": 1}) == added({"a": 1}, {}) == {"a": 1}

"""JSON texts of every kind: as hypothesis draws them and as tools write them.

It must not know how a text is made smaller.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import strategies as st

AWKWARD = (
    "", " ", "-", "true", "null", "12", "1.0", "007", "+1", "a,b", "a: b", "[x", "x]", "{", "}", '"', 'say "hi"',
    "C:\\dir", "two\nlines", "\n", "tab\there", "bell\x07", "\x85", "\u2028", " led", "trailed ", "(key)", "a.b",
    "a=b", "a|b", "-x", "```", "log ```\nx\n````\ny", "Zürich", "東京", "=", ":text", "1e5", "-0", "http://host/x?a=1,2",
    "line\n" * 30, 'q"' * 20,
)  # fmt: skip
"""Strings and keys that a careless spelling would take for something else."""


class Spelled(NamedTuple):
    """A number in a spelling that a parse to a float would lose."""

    text: str


strings = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
numbers = st.sampled_from(("0", "-1", "1.0", "1.50", "1e3", "-2E+10", "12345678901234567890123", "0.1", "100")).map(
    Spelled
)
leaves = st.one_of(strings, numbers, st.booleans(), st.none())
keys = st.one_of(st.sampled_from(("id", "name", "at", "price", "seats", *AWKWARD)), strings)


@st.composite
def alike(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    """Objects of nearly the same keys, as an array, an array of arrays, or an object of objects."""
    shape = draw(st.dictionaries(keys, st.booleans(), min_size=1, max_size=5))
    same = draw(leaves)
    rows: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 6))):
        row = {key: same if fixed else draw(inner) for key, fixed in shape.items()}
        if draw(st.integers(0, 3)) == 0:
            row.pop(draw(st.sampled_from(list(row))))
        rows.append(row)
    form = draw(st.sampled_from(("array", "arrays", "object")))
    if form == "array":
        return rows
    if form == "arrays":
        return [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    names = draw(st.lists(keys, min_size=len(rows), max_size=len(rows), unique=True))
    if draw(st.booleans()):
        return {name: {**row, "id": name} for name, row in zip(names, rows, strict=True)}
    return dict(zip(names, rows, strict=True))


values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4), alike(inner), alike(leaves)
    ),
    max_leaves=20,
)
"""Any JSON value, tables more often than chance would make them."""


def spell(value: Any, *, indent: bool = False, ascii_only: bool = True) -> str:
    """A value as a tool would write it, `Spelled` numbers as they are."""
    if isinstance(value, Spelled):
        return value.text
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key, ensure_ascii=ascii_only)}: {spell(inner)}" for key, inner in value.items()]
        return "{" + (",\n  " if indent else ", ").join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(spell(inner, ascii_only=ascii_only) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


texts = st.builds(
    spell, st.one_of(st.dictionaries(keys, values, max_size=5), st.lists(values, max_size=5), alike(values)),
    indent=st.booleans(), ascii_only=st.booleans(),
)  # fmt: skip
"""Any JSON text whose outermost value is an object or an array."""


def exactly(text: str) -> Any:
    """The value with what a plain parse would forgive: order of keys, keys that stand twice, spellings of numbers."""
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=Spelled, parse_float=Spelled)


def words(value: Any) -> Iterator[str]:
    """The strings and numbers of a value that `exactly` gave."""
    if isinstance(value, Spelled):
        yield value.text
    elif isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for _, inner in value[1]:
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)

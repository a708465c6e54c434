"""Alike objects as a table: which are alike, what the header says, what a row holds."""

from typing import Any

import pytest

from policies.consolidate.table import MOST_COLUMNS, columns, drawn, has_records


def table(*rows: dict[str, Any]) -> tuple[str, list[str]] | None:
    """Header and rows, or None where there is no table."""
    found = columns(rows)
    return None if found is None else drawn(found)


def test_a_column_of_one_value_stands_in_the_header() -> None:
    """It keeps its place among the keys."""
    assert table({"a": "x", "to": "JFK", "b": "u"}, {"a": "y", "to": "JFK", "b": "v"}) == (
        "{a,to=JFK,b}",
        ["x,u", "y,v"],
    )


def test_rows_that_are_all_equal_keep_one_column() -> None:
    """Each row is still there to be counted."""
    assert table({"a": "x", "b": "u"}, {"a": "x", "b": "u"}) == ("{a=x,b}", ["u", "u"])


def test_a_single_row_says_its_values_in_the_row() -> None:
    """One object is no reason to read headers."""
    assert table({"a": "x", "b": {"c": "u"}}) == ("{a,b.c}", ["x,u"])


def test_a_missing_key_is_an_empty_cell_and_an_empty_text_is_not() -> None:
    """Null, nothing and the empty text are three things."""
    rows = ({"a": "x", "b": "u", "c": "1"}, {"a": "y", "c": ""}, {"a": "z", "b": None, "c": "w"})
    assert table(*rows) == ("{a,b,c}", ['x,u,"1"', 'y,,""', "z,null,w"])


def test_a_key_that_some_lack_finds_its_place() -> None:
    """Columns stand in an order that every object keeps."""
    rows = ({"source": "card", "brand": "visa", "id": "c1"}, {"source": "gift", "amount": "x", "id": "g1"})
    assert table(*rows, rows[0]) == ("{source,brand,amount,id}", ["card,visa,,c1", "gift,,x,g1", "card,visa,,c1"])


def test_keys_in_another_order_make_no_table() -> None:
    """The order of keys is kept, so it must be one."""
    assert table({"a": "x", "b": "y"}, {"b": "x", "a": "y"}) is None


def test_objects_that_differ_make_no_table() -> None:
    """A row of many commas is hard to read."""
    assert table({"a": "x", "b": "y"}, {"c": "x", "d": "y"}) is None


def test_inner_objects_that_differ_stay_in_their_cell() -> None:
    """The outer keys are still said once."""
    rows = ({"n": "x", "options": {"color": "red"}}, {"n": "y", "options": {"size": "10", "tags": ["a", "b"]}})
    assert table(*rows) == ("{n,options}", ["x,{color:red}", 'y,{size:"10",tags:[a,b]}'])


def test_an_inner_object_may_be_null() -> None:
    """A column for the null, columns for the objects."""
    rows = ({"at": {"x": "a", "y": "b"}}, {"at": None}, {"at": {"x": "c", "y": "d"}})
    assert table(*rows) == ("{at,at.x,at.y}", [",a,b", "null,,", ",c,d"])


def test_a_column_of_digits_in_quotes_says_so_once() -> None:
    """Three or more pairs of quotes cost more than a word in the header."""
    rows = [{"id": text, "n": "a"} for text in ("1001", "1002", "true", "a,b", "plain")]
    assert table(*rows) == ("{id:text,n=a}", ["1001", "1002", "true", '"a,b"', "plain"])


def test_long_texts_of_several_lines_make_no_table() -> None:
    """In a list they keep their lines."""
    assert table({"name": "a", "text": "line\n" * 40}) is None


def test_very_wide_objects_make_no_table() -> None:
    """Nobody counts to fifty."""
    wide = {f"key{at}": "x" for at in range(MOST_COLUMNS + 1)}
    assert table(wide, wide) is None
    assert table(wide, {**wide, "more": "y"}) is None
    assert table(wide, {"key0": "x"}, {f"other{at}": "x" for at in range(5_000)}) is None


@pytest.mark.parametrize(
    ("cell", "expected"), [([{"a": "x"}, {"a": "y"}], True), ([{"a": "x"}], False), (["a", "b"], False), ("a", False)]
)
def test_arrays_of_objects_in_cells_are_seen(cell: Any, expected: bool) -> None:
    """A list may then be shorter than a table."""
    found = columns([{"cell": cell}])
    assert found is not None
    assert has_records(found) is expected

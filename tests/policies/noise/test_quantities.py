"""Values in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.noise.quantities import quantities
from policies.noise.values import equal


def one(text: str) -> tuple[str, tuple[float | None, ...]]:
    """Kind and value of the only one."""
    (found,) = quantities(text)
    return found.kind, found.value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1,000", "number", 1000),
        ("1k", "number", 1000),
        ("one thousand", "number", 1000),
        ("twenty-five", "number", 25),
        ("twenty - five people", "number", 25),
        ("three hundred thousand", "number", 300_000),
        ("the 15th", "number", 15),
        ("$4.2 million", "money", 4_200_000),
        ("€5m", "money", 5_000_000),
        ("5M users", "number", 5_000_000),
        ("7 m/s", "number", 7),
        ("7m high", "number", 7),
        ("20%", "percent", 20),
        ("20 per cent", "percent", 20),
        ("twelve percent", "percent", 12),
        ("-3.5", "number", 3.5),
    ],
)
def test_an_amount_is_one_however_it_is_written(text: str, kind: str, value: float) -> None:
    """Digits, words, scales."""
    assert one(text) == (kind, (value,))


def test_a_day_is_one_however_it_is_written() -> None:
    """With a year and without."""
    for text in ("8 May 2023", "May 8, 2023", "May 8th 2023", "2023-05-08", "8th of May, 2023"):
        assert one(text) == ("date", (2023, 5, 8)), text
    assert one("on 8 May") == ("date", (None, 5, 8))
    assert one("in May 2023") == ("date", (2023, 5, None))
    assert not [*quantities("he may go in march")]


def test_a_time_is_one_however_it_is_written() -> None:
    """Also where nobody says which half of the day."""
    assert one("1:56 pm") == one("1:56 p.m.") == ("time", (836, 1))
    assert one("12:05 am") == ("time", (5, 1))
    (noon,), (clock,) = quantities("at 5 pm"), quantities("at 17:00")
    assert equal(noon, clock)
    assert one("94:43 am") != one("9:43 am")


def test_marks_are_names() -> None:
    """A quarter, a version, a model."""
    assert [(each.kind, each.text) for each in quantities("GPT-4 in Q3 with v2.1")][:2] == [
        ("mark", "GPT-4"),
        ("mark", "Q3"),
    ]


def test_marks_of_lists_are_no_values() -> None:
    """Numbers in the lines are."""
    text = "1. First of 20 things\n  (2) Second of 30\n3) At 17. The end"
    assert [each.text for each in quantities(text)] == ["20", "30", "17"]


def test_what_a_value_is_about_stands_around_it() -> None:
    """Within its sentence."""
    (found,) = quantities("Nothing here. The hull lost about 40 rivets in the storm. Nothing there.")
    assert found.unit == "rivet"
    assert found.context == {"hull", "lost", "rivet", "storm"}
    assert found.rough


@given(st.integers(2, 10**9))
def test_every_number_is_found(number: int) -> None:
    """With commas and without."""
    assert one(f"about {number} of them") == one(f"about {number:,} of them") == ("number", (float(number),))


@given(st.text(alphabet="0123456789.,:-/ $%kmabMay apr\nthtwo", max_size=80))
def test_values_stand_where_they_say(text: str) -> None:
    """In order and apart from each other."""
    last = 0
    for each in quantities(text):
        assert text[each.begin : each.end] == each.text
        assert each.begin >= last
        last = each.end

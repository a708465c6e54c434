"""What texts offer as values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.prefetch.words import phrases, plain, shape, spotted, words


@pytest.mark.parametrize(
    ("word", "looks"),
    [("#W8855135", "#Ad9"), ("78260", "d5"), ("JFK", "A3"), ("Sofia", "Aa"), ("sofia_li_9219", "_ad"), ("order", "")],
)
def test_shapes(word: str, looks: str) -> None:
    """What a word looks like."""
    assert shape(word) == looks


def test_an_address_is_one_word() -> None:
    """With all that belongs to it, and without the stop after it."""
    assert [each.text for each in spotted("Mail sofia.li7352@example.com.", "")][-1] == "sofia.li7352@example.com"


def test_names_stand_with_what_is_before_them() -> None:
    """So that a first name is told from a last one."""
    found = [(each.text, each.shape, each.before) for each in spotted("My name is Sofia Li, zip code is 78260.", "")]
    assert found == [("Sofia", "Aa", "is"), ("Li", "Aa", "Aa"), ("78260", "d5", "is")]


def test_dates_are_read_as_people_write_them() -> None:
    """In ISO form, with the year that is spoken of."""
    dates = [
        each.text for each in spotted("On May 7th, or June 12, 2025, or 2024-03-01", "2024") if each.shape == "date"
    ]
    assert dates == ["2024-03-01", "2024-05-07", "2025-06-12"]


def test_a_date_without_a_year_needs_one() -> None:
    """Nothing is made up."""
    assert not [each for each in spotted("On May 7th", "") if each.shape == "date"]


def test_names_of_two_words() -> None:
    """A city, with what was before it."""
    assert ("new york", "from") in list(phrases("A flight from New York, please"))


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Nothing that a user writes is a fault."""
    for word in words(text):
        shape(word)
        assert plain(word) == plain(plain(word))
    list(spotted(text, "2024"))
    list(phrases(text))


def test_values_know_their_line_and_the_word_before() -> None:
    """Dates too, wherever in the text they are read."""
    found = {each.text: each for each in spotted("From JFK to SEA on May 20.\nBack from LAX on 2024-05-25.", "2024")}
    assert (found["2024-05-20"].before, found["2024-05-25"].before) == ("on", "on")
    assert found["JFK"].line == found["SEA"].line == found["2024-05-20"].line
    assert found["LAX"].line == found["2024-05-25"].line != found["SEA"].line

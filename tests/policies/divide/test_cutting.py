"""Texts cut at their seams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.divide.cutting import few, parts

SEAMY = st.text(st.sampled_from(list("ab .,\n\u3002")), max_size=400)


@given(st.one_of(st.text(max_size=400), SEAMY), st.integers(1, 90))
def test_parts_are_the_text_again(text: str, most: int) -> None:
    """Nothing is lost, nothing is longer than it may be, and there are few more than need be."""
    found = parts(text, most)
    assert "".join(found) == text
    assert all(0 < len(each) <= most for each in found)
    assert len(found) <= 1 + 2 * len(text) / most


def test_the_best_seam_counts() -> None:
    """Between paragraphs before lines, lines before sentences, sentences before words; never inside a word."""
    text = "One two. Three four five six.\n\nSeven eight nine ten eleven."
    assert parts(text, 40) == ["One two. Three four five six.\n\n", "Seven eight nine ten eleven."]
    records = "".join(f'{{"id": {number}, "name": "somebody"}}\n' for number in range(200))
    assert all(each.endswith("\n") and each.startswith("{") for each in parts(records, 900))
    words = "word " * 300
    assert all(set(each.split()) == {"word"} for each in parts(words, 111))


@given(st.lists(st.text("xyz.", min_size=1, max_size=90), max_size=20), st.integers(91, 200))
def test_no_word_is_cut(words: list[str], most: int) -> None:
    """That fits into a part with the space behind it, however long it is."""
    found = parts(" ".join(words), most)
    assert [word for part in found for word in part.split()] == words


def test_a_word_that_fits_into_no_part() -> None:
    """Is cut all the same."""
    assert [len(part) for part in parts("z" * 250, 100)] == [100, 100, 50]


@given(SEAMY, st.integers(1, 90), st.integers(1, 9))
def test_never_more_than_so_many(text: str, most: int, count: int) -> None:
    """Rather longer ones; nothing is lost."""
    found = few(text, most, count)
    assert len(found) <= count
    assert "".join(found) == text


def test_no_part_is_empty() -> None:
    """Nor can it be."""
    assert parts("", 5) == []
    with pytest.raises(ValueError, match="at least one"):
        parts("text", 0)
    with pytest.raises(ValueError, match="at least one"):
        few("text", 5, 0)

"""Texts as sentences and words."""

from hypothesis import given
from hypothesis import strategies as st

from policies.noise.text import LONGEST, content, places, sentence_at, sentences, stem, words


def test_sentences_end_where_a_reader_ends_them() -> None:
    """Not after abbreviations, initials and decimals; at lines; in other scripts too."""
    text = (
        'Dr. Smith met J. Doe at 4.5 p.m. on Monday. "Really?" he said.\n- First item\n2) Second item, e.g. this.\n'
        "你好。再见!"
    )
    assert [each.text for each in sentences(text)] == [
        "Dr. Smith met J. Doe at 4.5 p.m. on Monday.",
        '"Really?"',
        "he said.",
        "First item",
        "Second item, e.g. this.",
        "你好。",
        "再见!",
    ]


def test_the_sentence_around_a_place() -> None:
    """None where only blanks and marks stand."""
    text = "- It rained.  She left."
    assert [sentence_at(text, place) for place in (0, 2, 11, 12, 14, 40)] == [
        "",
        "It rained.",
        "It rained.",
        "",
        "She left.",
        "",
    ]


def test_words_of_a_family_have_one_stem() -> None:
    """And others do not."""
    assert {stem(word) for word in ("education", "educator", "educates")} == {"educat"}
    assert stem("classes") == stem("class")
    assert stem("studies") == stem("study")
    assert stem("running") == stem("run")
    assert stem("employees") == stem("employs") == stem("employ")
    assert stem("bus") != stem("bust")
    assert stem("2023") == "2023"


def test_content_is_what_is_said_and_not_that_it_is_said() -> None:
    """Small words and words of telling are none."""
    assert content("She also mentioned that the patents\u2019 hearings were expensive.") == content(
        "patent hearing expensive"
    )


@given(st.text(max_size=400))
def test_sentences_stand_where_they_say(text: str) -> None:
    """In order, each at its place, and no word gets lost."""
    found = sentences(text)
    last = 0
    for each in found:
        assert text[each.begin : each.end] == each.text
        assert each.begin >= last
        last = each.end
    assert all(len(each) <= LONGEST or each[0].isdigit() for sentence in found for each in sentence.stems)
    kept = [word for each in found for word in words(each.text)]
    assert [word for word in kept if word.isalpha()] == [word for word in words(text) if word.isalpha()]


@given(st.text())
def test_every_word_has_its_place(text: str) -> None:
    """Also where letters grow in lower case; what stands there is the word."""
    found = places(text)
    assert len(found) == len(words(text))
    for (begin, end), word in zip(found, words(text), strict=True):
        assert words(text[begin:end])[0] == word or len(text.lower()) != len(text)


def test_a_letter_that_grows_moves_nothing() -> None:
    """A Turkish capital with a dot is two characters in lower case."""
    text = "İzmir and Ankara"
    assert [text[begin:end] for begin, end in places(text)] == ["İzmir", "and", "Ankara"]

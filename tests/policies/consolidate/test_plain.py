"""Plain text: what goes, what stays, what comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.plain import cleaned, unfolded

LINES = st.lists(st.sampled_from(("waiting for the server", "done", "a,b,c,d,e,f,g", "", "    indented line of code")))


def test_colours_go() -> None:
    """A terminal would show them, a model only pays for them."""
    assert cleaned("\x1b[1;32mok\x1b[0m 3 passed\x1b[K\n  \x1b[31mfail\x1b[m") == "ok 3 passed\n  fail"


def test_padding_of_running_text_goes() -> None:
    """Blanks at line ends and many blank lines say nothing in prose."""
    assert cleaned("One sentence.   \n\n\n\n\nAnother one.  \n") == "One sentence.\n\nAnother one.\n"


@pytest.mark.parametrize(
    "text",
    [
        "def f():  \n    return 1\n\n\n\n\nx = 2\n",
        "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n \n-a  \n+b\n",
        "# Title  \n\n\n\nText with a break  \nhere\n",
        "a,b,c\n1,2,3   \n\n\n\n4,5,6\n",
        "NAME    STATUS   \n\n\n\nweb\tup   ",
        "1: first  \n2: second\n\n\n\n3: third",
        "| a | b |  \n\n\n\n| c | d |",
        "Either\n  indented   \n\n\n\nor not",
        "const a = `x`;   \n\n\n\n",
    ],
    ids=("code", "diff", "markdown", "csv", "columns", "numbered", "table", "indented", "script"),
)
def test_what_may_be_quoted_exactly_stays(text: str) -> None:
    """An edit of a file names its old text to the last blank."""
    assert cleaned(text) == text


def test_repeated_lines_are_counted() -> None:
    """Four or more; three stay."""
    text = "start\n" + "waiting for the server\n" * 7 + "up\n" + "ready and waiting\n" * 3
    made = cleaned(text)
    assert made == (
        "start\nwaiting for the server\n[last line repeated 6 more times]\nup\n" + "ready and waiting\n" * 3
    )
    assert unfolded(made) == text


@pytest.mark.parametrize("line", ["0,0,0,0,0,0", "    pass here and there", "short", "1.0 2.0 3.0 4.0", "x, y, a,b"])
def test_rows_of_data_and_code_are_not_counted(line: str) -> None:
    """Their number is read off by looking."""
    assert cleaned(f"{line}\n" * 9) == f"{line}\n" * 9


def test_a_text_that_holds_the_mark_is_not_counted() -> None:
    """Else nobody could tell which lines were there."""
    text = "waiting for it\n[last line repeated 2 more times]\n" + "waiting for the server\n" * 7
    assert cleaned(text) == text


@given(LINES)
def test_counted_lines_come_back(lines: list[str]) -> None:
    """All of them, in order."""
    text = "\n".join(lines) + "\n = not running text\n"
    assert unfolded(cleaned(text)) == text


@given(st.text())
def test_words_never_change(text: str) -> None:
    """Whatever the text: only white space goes, or lines that are there once more."""
    kept = unfolded(cleaned(text))
    assert "".join(kept.split()) == "".join(text.split()) or "\x1b[" in text


@pytest.mark.parametrize(
    "text", [" " * 150_000 + "x", "\n" * 150_000, "\x1b[" * 70_000, "\x1b[" + "1" * 150_000, "a" * 150_000]
)
def test_no_text_takes_long(text: str) -> None:
    """Nothing here grows faster than the text; these would take minutes if it did."""
    assert len(cleaned(text)) <= len(text)

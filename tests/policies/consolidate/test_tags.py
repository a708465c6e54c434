"""States in a text that comes in pieces: cut anywhere, the same is shown and nothing waits that could not be a tag."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.tags import CLOSE, OPEN, Tags, begun, stripped

PIECES = st.lists(
    st.sampled_from([OPEN, CLOSE, OPEN[:5], CLOSE[:9], "<", "</", " ", "\n", "a", "state", "é", OPEN[1:]])
)
TEXTS = PIECES.map("".join)


def cut(text: str, places: list[int]) -> list[str]:
    """The text in pieces."""
    borders = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(borders)]


@given(TEXTS, st.lists(st.integers(0, 200)))
def test_however_it_is_cut_the_same_is_shown(text: str, places: list[int]) -> None:
    """And the same states are found."""
    whole, pieces = Tags(), Tags()
    told = whole.feed(text) + whole.end()
    assert "".join([*map(pieces.feed, cut(text, places)), pieces.end()]) == told == stripped(text)
    assert pieces.states == whole.states
    if OPEN not in text:
        assert told == text


@given(TEXTS)
def test_nothing_is_held_that_could_not_become_a_tag(text: str) -> None:
    """What is held is the beginning of a tag, or stands behind an open one."""
    tags = Tags()
    for letter in text:
        tags.feed(letter)
        assert OPEN.startswith(tags.held) or tags.held.startswith(OPEN)


@pytest.mark.parametrize(
    ("text", "shown", "states"),
    [
        (f"{OPEN}a{CLOSE}\n\nHello.", "Hello.", ["a"]),
        (f"Well.\n{OPEN}\na\n{CLOSE}\nHello.", "Well.\n\nHello.", ["a"]),
        (f"{OPEN}a{CLOSE}{OPEN}b{CLOSE}", "", ["a", "b"]),
        (f"{OPEN}a", f"{OPEN}a", []),
        (f"Use {CLOSE} here", f"Use {CLOSE} here", []),
        (f"{OPEN}{OPEN}a{CLOSE}", "", [f"{OPEN}a"]),
        ("a < b", "a < b", []),
    ],
)
def test_what_is_shown(text: str, shown: str, states: list[str]) -> None:
    """Blanks behind a block go with it, where nothing was said before; a block that never closes is shown."""
    tags = Tags()
    assert tags.feed(text) + tags.end() == shown
    assert tags.states == states


def test_begun() -> None:
    """Only the last sign of its kind can begin a tag."""
    assert begun("a <working") == 8
    assert begun("a <working ") == begun("a > b") == begun("") == 0
    assert begun("<<") == 1

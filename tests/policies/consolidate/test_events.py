"""Events out of pieces: joined they are the stream, and data can be changed without the rest."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.events import Events, data_of, encoded, with_data

LINES = st.sampled_from([b"data: {}", b"data:x", b"event: a", b": note", b"", b"id: 1", "data: é".encode()])
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(st.lists(LINES), ENDS, st.lists(st.integers(0, 200)))
def test_however_it_is_cut_the_events_are_the_same(lines: list[bytes], end: bytes, places: list[int]) -> None:
    """Byte for byte, what is left over included."""
    text = b"".join(line + end for line in lines)
    whole, pieces = Events(), Events()
    expected = whole.feed(text)
    borders = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    found = [event for start, stop in pairwise(borders) for event in pieces.feed(text[start:stop])]
    assert b"".join(found) + pieces.held == text
    assert [*found, pieces.held] == [*expected, whole.held]


@pytest.mark.parametrize(
    ("event", "data", "changed"),
    [
        (b"data: a\n\n", b"a", b"data: b\n\n"),
        (b"data:a\r\n\r\n", b"a", b"data: b\r\n\r\n"),
        (b"event: x\nid: 3\ndata: a\ndata: c\n\n", b"a\nc", b"event: x\nid: 3\ndata: b\n\n"),
        (b": note data: no\n\n", b"", b": note data: no\ndata: b\n\n"),
    ],
)
def test_data_is_taken_out_and_put_in(event: bytes, data: bytes, changed: bytes) -> None:
    """Names, ids, comments and line ends stay."""
    assert data_of(event) == data
    assert with_data(event, b"b") == changed


def test_an_event_of_our_own() -> None:
    """With its name where it has one."""
    assert encoded({"a": "é"}, "x") == 'event: x\ndata: {"a":"é"}\n\n'.encode()
    assert encoded([]) == b"data: []\n\n"

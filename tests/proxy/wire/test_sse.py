"""Server-sent events: what the splitter and the encoder promise.

It must not know JSON.
"""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from proxy.wire.sse import Event, Splitter, encode, payloads

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
LINES = st.sampled_from(
    [
        b"data: x",
        b"data:y",
        b"data",
        b": ping",
        b"event: e",
        b"id: 7",
        b"\xef\xbb\xbfdata: b",
        b"",
        "data: ä🐎".encode(),
    ]
)
STREAMS = st.lists(st.tuples(LINES, ENDS)).map(lambda lines: b"".join(line + end for line, end in lines))


def split(pieces: list[bytes]) -> tuple[list[bytes], bytes]:
    splitter = Splitter()
    events = [event.raw for piece in pieces for event in splitter.feed(piece)]
    return events, splitter.end()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(bounds)]


@calm
@given(STREAMS | st.binary(max_size=40), st.lists(st.integers(0, 10_000), max_size=12))
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", [9, 10, 11])
@example(b"data: a\r\r\ndata: b\r\r", [8, 9])
def test_cuts(stream: bytes, places: list[int]) -> None:
    """However a stream is cut, the same events come out, and joined they are the stream."""
    events, rest = split(cut(stream, places))
    assert b"".join(events) + rest == stream
    assert (events, rest) == split([stream])


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends(end: bytes) -> None:
    """An event is over at its blank line, whichever of the three line ends is spoken."""
    splitter = Splitter()
    splitter.feed(b"event: e" + end + b"data: 1" + end + b"data:2" + end)
    events = [*splitter.feed(end), *splitter.feed(b": next")]
    assert [(event.name, event.data) for event in events] == [("e", b"1\n2")]
    assert splitter.held == b": next"


def test_line_feed_at_once() -> None:
    """Nothing waits for the next event: the blank line gives the event away."""
    splitter = Splitter()
    assert [event.data for event in splitter.feed(b"data: 1\n\n")] == [b"1"]
    assert splitter.held == b""
    assert [event.data for event in splitter.feed(b"data: 2\r\n\r\n")] == [b"2"]


def test_fields() -> None:
    """Comments, unknown fields and a byte order mark are no data; one space after the colon is not part of it."""
    event = Event(b"\xef\xbb\xbfid: 4\n: data: no\nretry: 10\nevent:delta\ndata:  two spaces\ndata\n\n")
    assert (event.id, event.name, event.data) == ("4", "delta", b" two spaces\n")
    assert Event(b": ping\n\n").data == b""


@calm
@given(st.text(), st.text(alphabet="abc_.", max_size=5))
def test_encode(text: str, name: str) -> None:
    """What is encoded comes back, line by line, in one event."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    (event,) = Splitter().feed(encode(text.encode(), event=name, id="3"))
    assert (event.data, event.name, event.id) == (lines.encode(), name, "3")


def test_encode_refuses() -> None:
    """A line end in an event's name would begin another field."""
    with pytest.raises(ValueError, match="event"):
        encode(b"x", event="a\ndata: b")


@calm
@given(STREAMS)
def test_payloads(stream: bytes) -> None:
    """A whole stream's payloads are its events' data, with an unclosed last event."""
    events, rest = split([stream])
    said = [Event(raw).data for raw in (*events, rest)]
    assert list(payloads(stream)) == [data for data in said if data]


def test_payloads_unclosed() -> None:
    """The last event counts though its blank line never came."""
    assert list(payloads(b"data: 1\n\ndata: [DONE]")) == [b"1", b"[DONE]"]

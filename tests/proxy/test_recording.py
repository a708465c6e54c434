"""Recordings: an exchange becomes a line and comes back as it was, without its credentials.

It must not know who keeps the lines.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Completion, Exchange, Headers, Note, Request, Session, Usage, header
from proxy.record import Like, Mode
from proxy.recording import VERSION, read, write
from proxy.redact import Redactor

T = TypeVar("T")


def made(kind: Callable[..., T], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Values of a kind with these fields; the others as they are by default (`builds` would fill them too)."""
    return st.builds(lambda **given: kind(**given), **fields)


WORDS = st.text(max_size=20)
SECONDS = st.floats(0, 1e6)
COUNTS = st.integers(0, 2**40)
BODIES = st.binary(max_size=200) | st.text(max_size=200).map(str.encode)
NAMES = st.sampled_from([b"content-type", b"x-request-id", b"openai-organization", b"x-ratelimit-remaining-tokens"])
HEADERS = st.lists(st.tuples(NAMES, st.binary(max_size=20)), max_size=5).map(tuple)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, st.booleans())
COMPLETIONS = made(
    Completion,
    status=st.integers(0, 999),
    headers=HEADERS,
    body=BODIES,
    whole=st.booleans(),
    id=WORDS,
    model=WORDS,
    finish=WORDS,
    usage=st.none() | USAGES,
    cost=st.none() | SECONDS,
    error=WORDS,
    upstream=WORDS,
    first_byte_s=SECONDS,
    total_s=SECONDS,
    overhead_s=SECONDS,
    beats=st.lists(st.tuples(SECONDS, COUNTS), max_size=5).map(tuple),
)
NOTES = st.builds(
    Note, WORDS, WORDS, WORDS, WORDS, SECONDS, st.dictionaries(WORDS, COUNTS, max_size=2), texts=st.just(())
)
REQUESTS = made(
    Request,
    method=WORDS,
    path=WORDS,
    headers=HEADERS,
    body=BODIES,
    query=st.sampled_from(["", "a=1&b", "limit=20&order=asc", "include[]=x&include[]=y"]),
    form=WORDS,
    model=WORDS,
    stream=st.booleans(),
    tags=st.dictionaries(WORDS, WORDS, max_size=3),
)
EXCHANGES = made(
    Exchange,
    id=WORDS,
    request=REQUESTS,
    session=st.builds(Session, WORDS, WORDS, WORDS, WORDS, WORDS, st.floats(0, 1)),
    now=st.floats(0, 1e12),
    seed=st.integers(0, 2**32 - 1),
    purpose=WORDS,
    depth=st.integers(0, 4),
    notes=st.lists(NOTES, max_size=3).map(tuple),
    completion=st.none() | COMPLETIONS,
    figures=st.dictionaries(WORDS, SECONDS, max_size=3),
)

SECRET = b"sk-proj-of-nobody-0123456789"


def asked(body: bytes = b"{}", *, headers: Headers = (), query: str = "", reply: bytes = b"{}") -> Exchange:
    """A small exchange."""
    request = Request("POST", "/v1/chat/completions", headers, body, query, form="chat", model="gpt-4o")
    return Exchange("e1", request, Session("s1", "planner"), completion=Completion(200, headers, reply))


@given(EXCHANGES, WORDS)
def test_a_full_recording_comes_back_byte_for_byte(exchange: Exchange, parent: str) -> None:
    """Whatever the bodies and headers hold, the line is one line, and reading it gives the exchange again."""
    line = write(exchange, mode="full", parent=parent)
    record = read(line)
    assert b"\n" not in line
    assert (record.version, record.mode, record.parent) == (VERSION, "full", parent)
    assert record.exchange == exchange


@given(EXCHANGES)
def test_a_meta_recording_marks_the_same_bodies_as_a_full_one(exchange: Exchange) -> None:
    """Sizes, hashes, usage, timing and ids are those of the full line; bodies are not there."""
    meta, full = read(write(exchange, mode="meta")), read(write(exchange, mode="full"))
    assert (meta.request_mark, meta.reply_mark) == (full.request_mark, full.reply_mark)
    assert (meta.id, meta.at, meta.session, meta.notes) == (full.id, full.at, full.session, full.notes)
    assert meta.figures == full.figures == exchange.figures
    assert meta.request.body == b""
    if meta.completion is not None and full.completion is not None:
        assert meta.completion.usage == full.completion.usage
        assert meta.completion.beats == full.completion.beats


def test_a_meta_recording_holds_no_text() -> None:
    """Neither prompt nor answer, header, query or error text of a provider is in the line."""
    exchange = asked(b'{"x":"PRIVATE"}', headers=((b"x-note", b"PRIVATE"),), query="q=PRIVATE", reply=b"PRIVATE")
    failed = Completion(400, exchange.request.headers, b"PRIVATE", error="cannot say PRIVATE")
    line = write(exchange.but(completion=failed), mode="meta")
    assert b"PRIVATE" not in line
    completion = read(line).completion
    assert completion is not None
    assert completion.error == "[withheld]"


@pytest.mark.parametrize("mode", ["meta", "full"])
def test_credentials_are_never_recorded(mode: Mode) -> None:
    """Neither of headers, on the way in and on the way back, nor of the query; see `test_credentials.py` for which."""
    headers = ((b"authorization", SECRET), (b"set-cookie", SECRET), (b"x-request-id", b"r1"))
    line = write(asked(headers=headers, query=f"a=1&key={SECRET.decode()}"), mode=mode)
    assert SECRET not in line
    if mode == "full":
        assert (read(line).request.query, read(line).request.headers) == ("a=1&key=", ((b"x-request-id", b"r1"),))


def test_text_is_recorded_as_text_and_bytes_as_base64() -> None:
    """A JSON body can be read in the recording with the eyes; audio cannot, but comes back."""
    line = orjson.loads(write(asked(b'{"a": 1.50}', reply=b"\xff\xfb\x90"), mode="full"))
    assert line["request"]["body"] == '{"a": 1.50}'
    assert line["completion"]["body_base64"] == "//uQ"


@given(EXCHANGES, st.binary(max_size=20), st.binary(max_size=20))
def test_a_part_of_a_body_comes_back_with_the_place_of_the_others(exchange: Exchange, one: bytes, two: bytes) -> None:
    """With `like`, the line holds what stands between the repeated bytes, and nothing else changes."""
    whole = exchange.but(request=exchange.request.but(body=one + exchange.request.body + two))
    like = Like("earlier", len(one), len(two))
    record = read(write(whole, mode="full", like=like))
    assert (record.exchange, record.like, record.whole) == (exchange, like, False)


def test_a_redacted_recording_holds_nothing_that_matches() -> None:
    """Bodies, headers, query, errors and notes are all searched."""
    exchange = asked(b'{"x":"mail joe@x.com"}', headers=((b"x-user", b"joe@x.com"),), query="u=joe@x.com")
    completion = Completion(400, body=b"joe@x.com", error="no joe@x.com")
    exchange = exchange.but(completion=completion).noted(Note("p", "learn", "KeyError: joe@x.com", "fault"))
    line = write(exchange, mode="full", redact=Redactor(["email"]))
    assert b"joe@x.com" not in line
    assert line.count(b"[redacted:email]") == 6
    assert header(read(line).request.headers, b"x-user") == "[redacted:email]"


def test_a_compressed_body_is_withheld_from_a_redacted_recording() -> None:
    """What cannot be searched is not recorded."""
    exchange = asked(b"\x1f\x8b...", headers=((b"content-encoding", b"gzip"),))
    record = read(write(exchange, mode="full", redact=Redactor(["email"])))
    assert record.request.body == b"[redacted:encoding]"


@pytest.mark.parametrize("mode", ["meta", "full"])
def test_figures_stand_in_the_line_only_where_something_was_counted(mode: Mode) -> None:
    """A line without them is read as nothing counted, as lines were before there were figures."""
    plain = write(asked(), mode=mode)
    counted = orjson.loads(write(asked().but(figures={"consolidate.saved_usd": 0.25}), mode=mode))
    assert counted.pop("figures") == {"consolidate.saved_usd": 0.25}
    assert counted == orjson.loads(plain)
    assert read(plain).figures == {}


def test_half_a_surrogate_does_not_cost_the_line() -> None:
    """Text that is no UTF-8 is escaped and comes back."""
    exchange = asked().noted(Note("p", "learn", "KeyError: '\ud800'", "fault"))
    assert read(write(exchange, mode="full")).notes == exchange.notes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{}", "not a recorded exchange"),
        (b"[1]", "not a recorded exchange"),
        (b'{"v":1}', "not a recorded exchange"),
        (b'{"v":1,"request":1,"completion":2}', "not a recorded exchange"),
        (b'{"v":1,"request":{"like":{}},"completion":null}', "not a recorded exchange"),
        (write(asked(), mode="full")[:-1] + b',"figures":7}', "not a recorded exchange"),
        (b'{"v":99}', "newer version"),
        (b"no JSON", "Expecting value"),
    ],
)
def test_any_other_line_is_refused_in_words(line: bytes, words: str) -> None:
    """`read` raises nothing but `ValueError`, and says why."""
    with pytest.raises(ValueError, match=words):
        read(line)

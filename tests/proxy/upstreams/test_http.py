"""Claims about an upstream behind HTTP, told against a scripted server over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.exchange import Headers, Reply, Request
from proxy.testing import Framing, Line, Piece, Script
from proxy.upstreams import UpstreamError
from proxy.upstreams.http import HttpUpstream, Timeouts, read_headers, write_headers
from tests.proxy.upstreams.requests import body_of, chat, get, leave

pytestmark = pytest.mark.anyio


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with Script() as script:
        yield script


@pytest.fixture
async def upstream(script: Script) -> AsyncIterator[HttpUpstream]:
    upstream = HttpUpstream("here", script.url, timeouts=Timeouts(first_byte_s=0.4, between_s=0.2))
    yield upstream
    await upstream.close()


async def into(got: list[bytes], reply: Reply) -> None:
    async for chunk in reply.chunks:
        got.append(chunk)


async def test_nothing_is_added_and_nothing_lost(script: Script, upstream: HttpUpstream) -> None:
    """Names, values, order and duplicates arrive as they were; only the hop's own headers are made anew."""
    headers: Headers = (
        (b"host", b"proxy.local"),
        (b"b", b"2"),
        (b"a", b"1"),
        (b"b", b"3"),
        (b"utf8", "caf\u00e9".encode()),
        (b"latin1", b"caf\xe9"),
        (b"connection", b"keep-alive, X-Hop"),
        (b"x-hop", b"mine"),
        (b"te", b"trailers"),
        (b"content-length", b"999"),
        (b"accept-encoding", b"gzip, br"),
        (b"expect", b"100-continue"),
        (b"x-outrider-session", b"s"),
    )
    await body_of(await upstream.send(Request("POST", "/v1/x", headers, b'{"a": 1}', "q[]=%5B")))
    heard = script.heard[0]
    assert heard.target == "/v1/x?q[]=%5B"
    assert heard.body == b'{"a": 1}'
    assert heard.headers == [
        ("host", script.url.removeprefix("http://")),
        ("b", "2"),
        ("a", "1"),
        ("b", "3"),
        ("utf8", "caf\u00e9".encode().decode("latin-1")),
        ("latin1", "caf\xe9"),
        ("accept-encoding", "identity"),
        ("content-length", "8"),
    ]


async def test_a_reply_comes_back_as_it_was(script: Script, upstream: HttpUpstream) -> None:
    """Status, headers under their own names (none of the hop's) and bytes are the upstream's; gzip stays gzip."""
    told = [("X-Request-Id", "r"), ("Content-Encoding", "gzip"), ("Keep-Alive", "timeout=5"), ("X-Odd", "caf\xe9")]
    script.say(Line(429, [*told, ("retry-after", "3"), ("Set-Cookie", "a"), ("Set-Cookie", "b")], b"\x1f\x8bzip"))
    reply = await upstream.send(chat())
    assert reply.status == 429
    assert reply.upstream == "here"
    assert reply.headers == (
        (b"x-request-id", b"r"),
        (b"content-encoding", b"gzip"),
        (b"x-odd", b"caf\xe9"),
        (b"retry-after", b"3"),
        (b"set-cookie", b"a"),
        (b"set-cookie", b"b"),
        (b"content-length", b"5"),
    )
    assert await body_of(reply) == b"\x1f\x8bzip"


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_the_first_byte_goes_out_when_it_comes_in(
    script: Script, upstream: HttpUpstream, framing: Framing
) -> None:
    """A piece is handed on while the next is not even said, however the body is framed."""
    script.say(Line(body=[b"one", Piece(b"two", 0.15)], framing=framing))
    reply = await upstream.send(chat(stream=True))
    assert await anext(reply.chunks) == b"one"
    assert await body_of(reply) == b"two"


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "OPTIONS"])
async def test_methods_without_a_body(script: Script, upstream: HttpUpstream, method: str) -> None:
    """They are sent without a body and without its length; a HEAD keeps the length it was told."""
    script.say(Line(body=b"12345"))
    reply = await upstream.send(Request(method, "/v1/files/f"))
    assert await body_of(reply) == (b"" if method == "HEAD" else b"12345")
    assert (b"content-length", b"5") in reply.headers
    assert script.heard[0].header("content-length") == ""
    assert await body_of(await upstream.send(get("/v1/models"))) == b""


async def test_an_empty_post_says_so(script: Script, upstream: HttpUpstream) -> None:
    """A POST without a body carries `content-length: 0`, which some servers insist on."""
    await body_of(await upstream.send(Request("POST", "/v1/responses/r/cancel")))
    assert script.heard[0].header("content-length") == "0"


@pytest.mark.parametrize("status", [204, 304])
async def test_statuses_without_a_body(script: Script, upstream: HttpUpstream, status: int) -> None:
    """They end with their head, and the connection serves on."""
    script.say(Line(status), Line(body=b"next"))
    assert await body_of(await upstream.send(chat())) == b""
    assert await body_of(await upstream.send(chat())) == b"next"
    assert script.connections == 1


async def test_redirects_are_the_clients_business(script: Script, upstream: HttpUpstream) -> None:
    """A redirect is handed on, not followed; cookies are not kept."""
    script.say(Line(307, [("location", "/elsewhere"), ("set-cookie", "a=1")]))
    assert (await upstream.send(chat())).status == 307
    await body_of(await upstream.send(chat()))
    assert [heard.target for heard in script.heard] == ["/v1/chat/completions"] * 2
    assert script.heard[1].header("cookie") == ""


async def test_large_bodies_pass_both_ways(script: Script, upstream: HttpUpstream) -> None:
    """Megabytes go out and come back whole, also when the reader is slow."""
    large = bytes(range(256)) * 20_000
    script.say(Line(body=large))
    reply = await upstream.send(Request("POST", "/v1/files", body=large))
    await asyncio.sleep(0.05)
    assert await body_of(reply) == large
    assert script.heard[0].body == large


@pytest.mark.parametrize(
    ("form", "expected"), [("chat", ("authorization", "Bearer ours")), ("messages", ("x-api-key", "ours"))]
)
async def test_a_key_replaces_the_clients(script: Script, form: str, expected: tuple[str, str]) -> None:
    """With a key of ours no credential of the client leaves, whatever header it stands in."""
    upstream = HttpUpstream("here", script.url, key="ours")
    headers: Headers = ((b"authorization", b"Bearer c"), (b"x-api-key", b"c"), (b"api-key", b"c"))
    await body_of(await upstream.send(Request("POST", "/v1/x", headers, b"{}", form=form)))
    await upstream.close()
    assert script.heard[0].headers[1] == expected
    assert sum(value in ("c", "Bearer c") for _, value in script.heard[0].headers) == 0


async def test_a_line_break_cannot_smuggle(script: Script, upstream: HttpUpstream) -> None:
    """A header value with a line break is refused before anything is sent."""
    with pytest.raises(UpstreamError, match="line break") as caught:
        await upstream.send(Request("POST", "/v1/x", ((b"a", b"1\r\nb: 2"),), b"{}"))
    assert not caught.value.sent
    assert script.connections == 0


async def test_cancelling_before_the_head_closes(script: Script, upstream: HttpUpstream) -> None:
    """A client who leaves while the upstream still thinks costs the upstream nothing more."""
    script.say(Line(silent=True, ending="stay"))
    sending = asyncio.create_task(upstream.send(chat()))
    await asyncio.sleep(0.05)
    sending.cancel()
    await script.hangup()
    with pytest.raises(asyncio.CancelledError):
        await sending


@pytest.mark.parametrize("read", [0, 1])
async def test_closing_the_body_closes_the_connection(script: Script, upstream: HttpUpstream, read: int) -> None:
    """`aclose` hangs up, whether or not anything was read."""
    script.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"))
    reply = await upstream.send(chat())
    for _ in range(read):
        await anext(reply.chunks)
    await leave(reply.chunks)
    await script.hangup()
    assert await body_of(reply) == b""


async def test_cancelling_inside_the_body_closes_the_connection(script: Script, upstream: HttpUpstream) -> None:
    """A reader who is cancelled while waiting for a piece hangs up."""
    script.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"))
    reply = await upstream.send(chat())
    reading = asyncio.create_task(body_of(reply))
    await asyncio.sleep(0.05)
    reading.cancel()
    await script.hangup()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_forgotten_body_closes_the_connection(script: Script, upstream: HttpUpstream) -> None:
    """A reply that nobody holds any more hangs up by itself."""
    script.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"))
    await upstream.send(chat())
    await script.hangup()


@pytest.mark.parametrize(
    ("line", "code", "status"),
    [
        (Line(silent=True, ending="fin"), "closed", 502),
        (Line(silent=True, ending="rst"), "closed", 502),
        (Line(silent=True, ending="stay"), "timeout", 504),
    ],
)
async def test_no_answer(script: Script, upstream: HttpUpstream, line: Line, code: str, status: int) -> None:
    """An upstream that dies or says nothing is an error that may have reached it."""
    script.say(line)
    with pytest.raises(UpstreamError, match="upstream here") as caught:
        await upstream.send(chat())
    assert (caught.value.code, caught.value.status, caught.value.sent) == (code, status, True)
    assert caught.value.upstream == "here"


async def test_nobody_listens() -> None:
    """A refused connection is an error that surely did not reach the upstream."""
    upstream = HttpUpstream("gone", "http://127.0.0.1:1")
    with pytest.raises(UpstreamError, match="upstream gone cannot be reached") as caught:
        await upstream.send(chat())
    assert (caught.value.code, caught.value.status, caught.value.sent) == ("connect", 502, False)
    await upstream.close()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (Line(body=b"a", framing="chunked", ending="fin"), "closed"),
        (Line(body=b"a", framing="chunked", ending="rst"), "closed"),
        (Line(body=b"a", headers=[("content-length", "9")], ending="fin"), "closed"),
        (Line(body=b"a", framing="close", ending="rst"), "closed"),
        (Line(body=[b"a", Piece(b"b", 30)], framing="chunked"), "timeout"),
    ],
)
async def test_death_in_mid_stream_is_visible(script: Script, upstream: HttpUpstream, line: Line, code: str) -> None:
    """What came is handed on, then the error is raised; a broken stream never looks like an ended one."""
    script.say(line)
    reply = await upstream.send(chat(stream=True))
    got: list[bytes] = []
    with pytest.raises(UpstreamError) as caught:
        await into(got, reply)
    assert caught.value.code == code
    assert b"".join(got) in (b"a", b"")  # a reset may overtake the byte before it
    assert await body_of(reply) == b""


async def test_a_slow_stream_is_no_silence(script: Script, upstream: HttpUpstream) -> None:
    """Pieces that keep coming may take longer than the limit between two of them."""
    script.say(Line(body=[Piece(b"x", 0.05)] * 10, framing="chunked"))
    assert await body_of(await upstream.send(chat())) == b"x" * 10


async def test_a_slow_reader_is_not_the_upstreams_fault(script: Script, upstream: HttpUpstream) -> None:
    """A client who reads more slowly than the limit does not end the stream."""
    large = b"x" * 4_000_000
    script.say(Line(body=large))
    reply = await upstream.send(chat())
    got = len(await anext(reply.chunks))
    await asyncio.sleep(0.5)
    assert got + len(await body_of(reply)) == len(large)


async def test_what_is_not_http_is_an_error(script: Script, upstream: HttpUpstream) -> None:
    """Garbage instead of an answer is a broken upstream, not a crash."""
    script.say(Line(headers=[("Content-Length", "2"), ("Content-Length", "3")], body=b"abc"))
    with pytest.raises(UpstreamError, match=r"does not speak HTTP/1\.1"):
        await upstream.send(chat())


header_lists = st.lists(
    st.tuples(
        st.sampled_from([b"a", b"connection", b"te", b"host", b"x-outrider-a", b"expect", b"authorization", b"x"]),
        st.sampled_from([b"", b"x", b"close, A", b"1"]),
    ),
    max_size=12,
).map(tuple)


@settings(deadline=None)
@given(header_lists, st.sampled_from([b"", b"key"]))
async def test_headers_are_a_subsequence(headers: Headers, key: bytes) -> None:
    """What is forwarded is what came, in its order, with things left out; at most three are made anew."""
    request = Request("POST", "/v1/x", headers, b"{}")
    sent = write_headers(request, key)
    made = 3 if key else 2
    kept, rest = sent[: len(sent) - made], iter(headers)
    assert all(pair in rest for pair in kept)
    assert not any(name.startswith(b"x-outrider") or name in (b"host", b"te", b"connection") for name, _ in sent)


async def test_headers_a_reply_names_for_the_hop_stay_there() -> None:
    """`connection` in a reply takes the headers it names with it."""
    assert read_headers(((b"connection", b"close, x-hop"), (b"x-hop", b"1"), (b"x", b"2"))) == ((b"x", b"2"),)


async def test_an_upstreams_own_words_for_us_are_not_ours() -> None:
    """An upstream that is an Outrider itself says its own session; the client hears of this one's only."""
    headers = ((b"x-outrider-session", b"theirs"), (b"x-outrider-error", b"e"), (b"x", b"1"))
    assert read_headers(headers) == ((b"x", b"1"),)

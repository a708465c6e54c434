"""Claims about the scripted upstream, told over raw sockets: it says exactly its lines and notices who leaves."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.testing import Heard, Line, Piece, Script, take_request

pytestmark = pytest.mark.anyio
ASK = b"POST /v1/x?a=1 HTTP/1.1\r\nHost: h\r\nX-Odd: one\r\nx-odd:two\r\nContent-Length: 2\r\n\r\nhi"


async def talk(script: Script, *, sent: bytes = ASK, until: bytes | None = None) -> bytes:
    """Sends the bytes and reads to the end, or until those bytes have come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(script.url.rpartition(":")[2]))
    writer.write(sent)
    try:
        return await (reader.readuntil(until) if until is not None else reader.read())
    finally:
        writer.close()


async def test_it_hears_exactly_what_was_sent() -> None:
    """Method, target, headers in their order and spelling, body and connection are kept."""
    async with Script() as script:
        await talk(script, until=b"\r\n\r\n")
        heard = script.heard[0]
    assert (heard.method, heard.target, heard.body, heard.connection) == ("POST", "/v1/x?a=1", b"hi", 1)
    assert heard.headers == [("Host", "h"), ("X-Odd", "one"), ("x-odd", "two"), ("Content-Length", "2")]
    assert heard.header("x-ODD") == "one"


async def test_a_plain_line() -> None:
    """Status, headers and body are told with a content length."""
    async with Script() as script:
        script.say(Line(429, [("Retry-After", "3")], b"no"))
        told = await talk(script, until=b"no")
    assert told == b"HTTP/1.1 429 Said\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno"


async def test_pieces_in_chunks() -> None:
    """Each piece is a chunk of its own."""
    async with Script() as script:
        script.say(Line(body=[b"a", Piece(b"bcd", 0.01)], framing="chunked"))
        told = await talk(script, until=b"0\r\n\r\n")
    assert told.endswith(b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n3\r\nbcd\r\n0\r\n\r\n")


async def test_a_body_that_ends_with_the_connection() -> None:
    """`close` tells no length and closes."""
    async with Script() as script:
        script.say(Line(body=b"abc", framing="close"))
        assert await talk(script) == b"HTTP/1.1 200 Said\r\n\r\nabc"


async def test_dying_in_the_middle() -> None:
    """`fin` closes before the promised end; `rst` resets the connection."""
    async with Script() as script:
        script.say(Line(body=b"abc", framing="chunked", ending="fin"))
        assert (await talk(script)).endswith(b"abc\r\n")
        script.say(Line(silent=True, ending="rst"))
        with pytest.raises(ConnectionResetError):
            await talk(script)


async def test_a_hangup_is_noticed() -> None:
    """A client who leaves before the answer has ended is noticed; one who leaves after it is not."""
    async with Script() as script:
        await talk(script, until=b"\r\n\r\n")
        with pytest.raises(TimeoutError):
            await script.hangup(0.05)
        script.say(Line(silent=True, ending="stay"))
        reader, writer = await asyncio.open_connection("127.0.0.1", int(script.url.rpartition(":")[2]))
        writer.write(ASK)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)
        writer.close()
        assert await script.hangup() >= script.heard[-1].at


async def test_a_handler_answers_when_there_are_no_lines() -> None:
    """Lines come first, then the handler is asked with what was heard."""

    async def handle(heard: Heard) -> Line:
        return Script.json({"heard": heard.body.decode()})

    async with Script(handle) as script:
        script.say(Line(body=b"first"))
        assert (await talk(script, until=b"first")).endswith(b"first")
        assert (await talk(script, until=b"}")).endswith(b'{"heard": "hi"}')


async def test_an_event_stream() -> None:
    """Events are framed with their names where the form has them; strings stand for themselves."""
    async with Script() as script:
        script.say(Script.sse({"type": "ping"}, "[DONE]", named=True))
        told = await talk(script, until=b"0\r\n\r\n")
    assert b"Content-Type: text/event-stream\r\n" in told
    assert b'event: ping\ndata: {"type": "ping"}\n\n' in told
    assert b"data: [DONE]\n\n" in told


async def test_one_connection_carries_several_requests() -> None:
    """A kept connection is answered again, also when requests arrive together."""
    async with Script() as script:
        script.say(Line(body=b"one"), Line(body=b"two"))
        told = await talk(script, sent=ASK + ASK, until=b"two")
    assert told.count(b"HTTP/1.1 200") == 2
    assert script.connections == 1


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(1, 50), max_size=8), st.binary(max_size=20))
async def test_chunked_requests_are_taken_whole(body: bytes, cuts: list[int], rest: bytes) -> None:
    """However a body is cut into chunks, it is put together again, and what follows is left."""
    pieces, place = [], 0
    for cut in [*cuts, len(body) + 1]:
        pieces.append(body[place : place + cut])
        place += cut
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece) + b"0\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked"
    assert take_request(head + b"\r\n\r\n" + chunks + rest) == (head, body, rest)
    assert take_request(head + b"\r\n\r\n" + chunks[:-1]) is None

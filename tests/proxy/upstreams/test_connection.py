"""Claims about one connection: answers however they are cut, interim answers, bytes out of turn."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.exchange import Headers
from proxy.testing import Line, Piece, Script
from proxy.upstreams import UpstreamError
from proxy.upstreams.connection import LONGEST_HEAD, Connection

pytestmark = pytest.mark.anyio
REQUEST = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"


async def raw(script: Script) -> Connection:
    """A connection of its own to the script."""
    port = int(script.url.rpartition(":")[2])
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def exchange(connection: Connection) -> tuple[int, Headers, bytes]:
    status, headers = await connection.ask(REQUEST, b"", first_byte_s=5, between_s=5)
    body = b""
    while chunk := await connection.read():
        body += chunk
    return status, headers, body


def spoken(answer: bytes, cuts: list[int]) -> Line:
    """The raw bytes of an answer, written cut at those places, through a line that adds none of its own."""
    places = sorted({0, len(answer), *(cut % (len(answer) + 1) for cut in cuts)})
    pieces = [Piece(answer[start:end], 0.001) for start, end in pairwise(places)]
    return Line(body=pieces, bare=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=5), st.lists(st.integers(0, 10_000), max_size=6))
async def test_an_answer_may_come_in_any_pieces(pieces: list[bytes], cuts: list[int]) -> None:
    """Wherever the network cuts a chunked answer, status, headers and body are the same, and the connection stays."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    answer = b"HTTP/1.1 207 X\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    async with Script() as script:
        script.say(spoken(answer, cuts))
        connection = await raw(script)
        status, headers, body = await exchange(connection)
        assert (status, headers[0], body) == (207, (b"a", b"1"), b"".join(pieces))
        assert connection.reusable
        connection.abort()


async def test_interim_answers_are_passed_over() -> None:
    """100 and 103 come before the answer and are not it."""
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    async with Script() as script:
        script.say(spoken(early + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", [25]))
        connection = await raw(script)
        assert await exchange(connection) == (200, ((b"content-length", b"2"),), b"ok")
        connection.abort()


@pytest.mark.parametrize(
    "more", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", b"junk"]
)
@pytest.mark.parametrize("cuts", [[], [40]])
async def test_bytes_out_of_turn_end_the_connection(more: bytes, cuts: list[int]) -> None:
    """What follows an answer unasked cannot be the next one."""
    async with Script() as script:
        script.say(spoken(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + more, cuts))
        connection = await raw(script)
        assert (await exchange(connection))[2] == b"ok"
        await asyncio.sleep(0.05)
        assert not connection.reusable
        connection.abort()


async def test_a_head_without_end_is_given_up() -> None:
    """A head longer than the bound is no HTTP of ours."""
    async with Script() as script:
        script.say(spoken(b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * LONGEST_HEAD + b"\r\n", []))
        connection = await raw(script)
        with pytest.raises(UpstreamError, match="too long"):
            await exchange(connection)


async def test_trailers_belong_to_the_hop() -> None:
    """Fields after the last chunk are not headers of the answer."""
    async with Script() as script:
        script.say(
            spoken(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: 1\r\n\r\n", [50, 60])
        )
        connection = await raw(script)
        status, headers, body = await exchange(connection)
        assert (status, headers, body) == (200, ((b"transfer-encoding", b"chunked"),), b"a")
        connection.abort()


async def test_an_early_answer_ends_the_connection() -> None:
    """An upstream that answers before it has read the request cannot be asked again on the same connection."""
    async with Script() as script:
        script.say(Line(413, body=b"too large", wait_s=0))
        connection = await raw(script)
        large = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n" + b"x" * 20_000_000
        status, _ = await connection.ask(large, b"", first_byte_s=5, between_s=5)
        assert status == 413
        assert not connection.reusable or connection.closed_by_peer()
        connection.abort()

"""The way past the task: what it takes is heard and handed on, the end and a slow client are left to the reader."""

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest

from proxy.bypass import Flow
from proxy.exchange import Reply
from proxy.guard import Guard
from proxy.relay import Chain, Tap, flow
from proxy.testing import Line, Piece, Script
from proxy.upstreams import Take
from tests.proxy.test_relay import CHAT, DONE, EVENTS, HELLO, STOP, Settled
from tests.proxy.upstreams.test_connection import REQUEST, raw

pytestmark = pytest.mark.anyio


class Source:
    """Chunks that are told to come one by one, to whoever takes them first."""

    def __init__(self) -> None:
        self.take: Take = lambda _piece: False
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue()

    def bypass(self, take: Take) -> None:
        self.take = take

    def come(self, piece: bytes) -> None:
        if not self.take(piece):
            self.waiting.put_nowait(piece)

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        while piece := await self.waiting.get():
            yield piece


async def test_what_is_taken_does_not_come_to_the_reader_and_is_heard_all_the_same() -> None:
    """The reader has the first piece, the one that was refused and the end; the copy has all, in order."""
    source, settled = Source(), Settled()
    reply = Reply(200, EVENTS, source.__aiter__())
    tap = Tap(reply, CHAT, time.perf_counter, limit=1 << 20)
    chunks = Flow(flow(reply, tap, tap, Chain(Guard(time.perf_counter)), settled), source, tap)
    written: list[bytes] = []

    def write(piece: bytes) -> bool:
        """A client that cannot take any more after two pieces."""
        if len(written) == 3:
            return False
        written.append(piece)
        return True

    source.come(HELLO)
    written.append(await anext(chunks))
    chunks.bypass(write)
    reader = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    for piece in (HELLO[:9], HELLO[9:], STOP):
        source.come(piece)
    assert written == [HELLO, HELLO[:9], HELLO[9:]]
    written.append(await reader)
    assert (written[-1], settled.why) == (STOP, [])
    source.come(DONE)
    assert await anext(chunks) == DONE
    source.come(b"")
    assert [chunk async for chunk in chunks] == []
    assert settled.why == [""]
    assert tap.body() == HELLO + HELLO + STOP + DONE
    assert len(tap.beats) == 5


async def test_a_source_without_a_way_past_is_read_as_ever() -> None:
    """A recorded reply, a plan's answer."""

    async def pieces() -> AsyncGenerator[bytes]:
        yield HELLO
        yield DONE

    reply = Reply(200, EVENTS, pieces())
    tap = Tap(reply, CHAT, time.perf_counter, limit=1 << 20)
    chunks = Flow(flow(reply, tap, tap, Chain(Guard(time.perf_counter)), Settled()), reply.chunks, tap)
    chunks.bypass(lambda _piece: True)
    assert [chunk async for chunk in chunks] == [HELLO, DONE]


@pytest.mark.parametrize("most", [0, 1, 3, 100])
async def test_a_connection_offers_what_comes_while_its_reader_waits(most: int) -> None:
    """Each byte goes one way, once and in order, and the next answer on the connection is offered to nobody."""
    pieces = [b"piece %d;" % number for number in range(6)]
    passed: list[bytes] = []
    everything = b""

    def take(piece: bytes) -> bool:
        nonlocal everything
        if len(passed) >= most:
            return False
        passed.append(piece)
        everything += piece
        return True

    async with Script() as script:
        script.say(Line(body=[Piece(piece, 0.01) for piece in pieces]), Line(body=[Piece(b"next", 0.01)]))
        connection = await raw(script)
        await connection.ask(REQUEST, b"", first_byte_s=5, between_s=5)
        everything += await connection.read()
        connection.bypass(take)
        while read := await connection.read():
            everything += read
        assert everything == b"".join(pieces)
        assert len(passed) <= most
        assert passed or not most
        status, _ = await connection.ask(REQUEST, b"", first_byte_s=5, between_s=5)
        taken = len(passed)
        assert (status, await connection.read(), len(passed)) == (200, b"next", taken)
        connection.abort()

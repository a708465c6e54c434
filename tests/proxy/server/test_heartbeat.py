"""Comments in a silent stream."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from proxy.server.heartbeat import COMMENT, beating

pytestmark = pytest.mark.anyio

EVENT = b"data: 1\n\n"


async def slowly(*steps: bytes | float) -> AsyncIterator[bytes]:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            yield step


async def test_silence_between_events_gets_comments() -> None:
    """And the events come through whole and in order."""
    got = [chunk async for chunk in beating(slowly(EVENT, 0.12, EVENT), 0.05)]
    assert got[0] == got[-1] == EVENT
    assert set(got[1:-1]) == {COMMENT}
    assert len(got) >= 3


async def test_no_comment_inside_an_event() -> None:
    """A comment there would become part of the event."""
    got = [chunk async for chunk in beating(slowly(EVENT[:4], 0.12, EVENT[4:]), 0.05)]
    assert got == [EVENT[:4], EVENT[4:]]


async def test_leaving_lets_the_stream_go() -> None:
    """Closing it in a silence cancels the wait for the next chunk."""
    let_go = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield EVENT
            await asyncio.sleep(60)
        finally:
            let_go.set()

    chunks = beating(endless(), 0.01)
    assert await anext(chunks) == EVENT
    assert await anext(chunks) == COMMENT
    await chunks.aclose()
    assert let_go.is_set()

"""Taking a body in: whole, in bounds, or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from proxy.server.intake import Gone, TooLarge, Watch, take_in
from proxy.server.protocol import HANGUP

pytestmark = pytest.mark.anyio


def receiving(*messages: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    return receive


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_pieces_are_joined() -> None:
    """However many."""
    assert await take_in(receiving(part(b"ab"), part(b"c"), part(b"", more=False)), "", 10) == b"abc"
    assert await take_in(receiving({"type": "http.request"}), "0", 10) == b""


async def test_too_large_is_known_at_once_where_declared() -> None:
    """With a content length nothing is read; without one, no more than the limit."""
    with pytest.raises(TooLarge):
        await take_in(receiving(), "11", 10)
    with pytest.raises(TooLarge):
        await take_in(receiving(part(b"x" * 6), part(b"x" * 6)), "", 10)


async def test_a_client_that_leaves() -> None:
    """Before or inside its body."""
    for messages in ([{"type": "http.disconnect"}], [part(b"a"), {"type": "http.disconnect"}]):
        with pytest.raises(Gone):
            await take_in(receiving(*messages), "", 10)


async def test_a_hang_up_is_seen_by_asgi_alone() -> None:
    """Where the server tells nothing, `receive` does: the task that answers is cancelled."""
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    task = asyncio.ensure_future(asyncio.sleep(60))
    watch = Watch({}, receive, task)
    left.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert watch.gone


async def test_a_client_that_leaves_afterwards_cancels_nothing() -> None:
    """Once the answer has ended there is nothing to cancel."""
    heard: list[Callable[[], None] | None] = []
    task = asyncio.ensure_future(asyncio.sleep(0.01))
    watch = Watch({"extensions": {HANGUP: {"listen": heard.append}}}, receiving(), task)
    watch.end()
    assert heard[0] is not None
    assert heard[1] is None
    heard[0]()
    await task
    assert not watch.gone

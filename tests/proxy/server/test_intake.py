"""Taking a body in: whole, in bounds, or not at all."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from proxy.server.intake import Gone, TooLarge, take_in

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

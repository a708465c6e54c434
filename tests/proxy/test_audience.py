"""The audience: every sink hears of every exchange, soon, and whatever another sink does."""

import asyncio

import pytest

from proxy.audience import MOST_UNTOLD, Audience
from proxy.exchange import Exchange, Request, Session

pytestmark = pytest.mark.anyio


def exchange(name: str) -> Exchange:
    return Exchange(name, Request("POST", "/v1/chat/completions"), Session("s"))


async def test_it_hears_by_itself_and_in_order() -> None:
    """Nobody has to ask."""
    told: list[str] = []
    heard = asyncio.Event()

    def sink(each: Exchange) -> None:
        told.append(each.id)
        if each.id == "b":
            heard.set()

    audience = Audience([sink])
    audience.hear(exchange("a"))
    audience.hear(exchange("b"))
    async with asyncio.timeout(10):
        await heard.wait()
    assert told == ["a", "b"]


async def test_at_the_end_nothing_is_left_untold() -> None:
    """`tell` tells at once, and each exchange once."""
    told: list[str] = []
    audience = Audience([lambda each: told.append(each.id)])
    audience.hear(exchange("a"))
    audience.tell()
    audience.tell()
    assert told == ["a"]


async def test_what_waits_is_bounded() -> None:
    """A flood is told in between."""
    told: list[str] = []
    audience = Audience([lambda each: told.append(each.id)])
    for number in range(MOST_UNTOLD):
        audience.hear(exchange(str(number)))
    assert len(told) == MOST_UNTOLD


async def test_a_sink_that_raises_keeps_nothing_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """It misses one exchange; the log says which."""
    told: list[str] = []

    def fall(each: Exchange) -> None:
        if each.id == "bad":
            raise OSError("disk full")
        told.append(f"fall {each.id}")

    audience = Audience([fall, lambda each: told.append(f"other {each.id}")])
    for name in ("bad", "good"):
        audience.hear(exchange(name))
    audience.tell()
    assert told == ["fall good", "other bad", "other good"]
    assert "bad" in caplog.text

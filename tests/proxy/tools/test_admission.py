"""Which calls ahead are refused, and which only have to wait."""

import asyncio
from typing import Any

import pytest

from proxy.tools import Owner, Result
from proxy.tools.admission import Room, Standing, refusal
from proxy.tools.ahead import Busy, Entry, Key, Refused
from proxy.tools.catalogue import Place
from proxy.tools.pace import Limits, ServerPace, ToolPace
from proxy.tools.usefulness import Usefulness

pytestmark = pytest.mark.anyio
KEY = Key(Owner("me", "s1"), Place("shop", "read"), "a", "1")


def standing(**given: Any) -> Standing:
    """Nothing stands in the way but what is given."""
    free = Standing(ServerPace(), ToolPace(10.0, 0.0), (), 0, 0, 0, "thinking", together=True)
    return free._replace(**given)


def why(**given: Any) -> tuple[type[Refused] | None, str]:
    refused = refusal(5.0, Limits(), standing(**given))
    return (type(refused), str(refused)) if refused else (None, "")


async def test_nothing_in_the_way() -> None:
    """It may be made."""
    assert why() == (None, "")


async def test_what_will_not_pass_is_refused() -> None:
    """Writes, doubts, results that differed, budgets."""
    assert why(server=ServerPace(writes=1))[0] is Refused
    assert "whether a write" in why(server=ServerPace(doubt_until=6.0))[1]
    assert "differed" in why(tool=ToolPace(10.0, 0.0, differed=True))[1]
    assert "failed" in why(tool=ToolPace(10.0, 0.0, paused_until=6.0))[1]
    hardly = ToolPace(10.0, 0.0, useful={"thinking": Usefulness(off_until=6.0)})
    assert "few of its early results" in why(tool=hardly)[1]
    assert why(tool=hardly, window="stream") == (None, "")
    assert "often enough" in why(tool=ToolPace(0.5, 0.0))[1]
    assert "share" in why(of_session=256)[1]
    assert "exchange" in why(of_exchange=8)[1]
    assert "full" in why(bytes=16 << 20)[1]


async def test_who_has_enough_under_way_waits() -> None:
    """The session's three, the server's four; one at a server that may answer one after the other."""
    forever: asyncio.Task[Result] = asyncio.ensure_future(asyncio.sleep(60, Result()))
    entry = Entry(KEY, 10.0, 0, 0.0, forever)
    assert why(mine=[entry] * 2) == (None, "")
    assert why(mine=[entry] * 3) == (Busy, "the session has enough under way")
    assert why(server=ServerPace(ahead=4))[0] is Busy
    assert why(server=ServerPace(ahead=1), together=False)[0] is Busy
    assert why(server=ServerPace(calls=1), together=False) == (Busy, "the server is busy with real calls")
    forever.cancel()


async def test_refused_for_good_counts_before_busy() -> None:
    """Waiting would not help."""
    assert why(server=ServerPace(ahead=4, writes=1))[0] is Refused


async def test_who_waits_goes_on_when_one_has_ended() -> None:
    """All of them, in the order in which they came; one who left is not missed."""
    room, went = Room(), list[int]()

    async def one(number: int) -> None:
        await room.wait()
        went.append(number)

    waiting = [asyncio.ensure_future(one(number)) for number in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    room.eased()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert went == [0, 2]

"""What agents got for their calls: real servers, a real client, the board that tells of results."""

import asyncio
from typing import Any

import pytest

from proxy.tools import Owner
from proxy.tools.catalogue import Place
from proxy.tools.outcomes import KEPT_S, MOST, MOST_BYTES, Call, Outcomes

pytestmark = pytest.mark.anyio
MINE = Call(Owner("me", "s1"), Place("shop", "read"), "f1")
GOOD: dict[str, Any] = {"content": [{"type": "text", "text": "1"}]}


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def outcomes(clock: Clock | None = None) -> Outcomes:
    """A board."""
    return Outcomes(clock or Clock(), lambda result: len(str(result)))


async def test_whoever_waits_is_told() -> None:
    """Before it is there, and after."""
    board = outcomes()
    waiting = asyncio.ensure_future(board.of(MINE))
    await asyncio.sleep(0)
    board.note(MINE, GOOD)
    assert await waiting == GOOD
    board.note(MINE, GOOD)
    assert await board.of(MINE) == GOOD


async def test_nobody_else_is_told() -> None:
    """Not another caller, session, tool, or call with other arguments; each result is told once."""
    board = outcomes()
    board.note(MINE, GOOD)
    others = (
        MINE._replace(owner=Owner("you", "s1")),
        MINE._replace(owner=Owner("me", "s2")),
        MINE._replace(place=Place("shop", "look")),
        MINE._replace(arguments="f2"),
    )
    for other in others:
        assert await late(board, other)
    assert await board.of(MINE) == GOOD
    assert await late(board, MINE)


async def late(board: Outcomes, call: Call) -> bool:
    """Whether nothing is told of it."""
    try:
        async with asyncio.timeout(0.01):
            await board.of(call)
    except TimeoutError:
        return True
    return False


async def test_what_is_no_good_result_is_not_told() -> None:
    """Errors, questions back, very long ones, those of nobody's session."""
    board = outcomes()
    long = {"content": [{"type": "text", "text": "x" * MOST_BYTES}]}
    for result in ({**GOOD, "isError": True}, {**GOOD, "resultType": "input_required"}, long):
        board.note(MINE, result)
    board.note(MINE._replace(owner=Owner("me", "")), GOOD)
    assert await late(board, MINE)
    assert not board._known


async def test_at_the_end_nobody_waits() -> None:
    """Whoever did is told that nothing comes."""
    board = outcomes()
    waiting = asyncio.ensure_future(board.of(MINE))
    await asyncio.sleep(0)
    board.close()
    assert await waiting == {}


async def test_it_forgets() -> None:
    """After a while, and of too many the oldest; who stops waiting leaves nothing behind."""
    clock = Clock()
    board = outcomes(clock)
    board.note(MINE, GOOD)
    clock.now += KEPT_S + 1
    assert await late(board, MINE)
    for number in range(MOST + 5):
        board.note(MINE._replace(arguments=str(number)), GOOD)
    assert len(board._known) == MOST
    assert not board._waiting

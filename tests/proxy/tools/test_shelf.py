"""The shelf against a state that changes: whatever the order of guesses, reads and writes, no answer is a stale one.

It must not know the gateway; the rules one by one stand in `test_safety`.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.tools import UNAVAILABLE, Called, Owner, Prefetched, Result, ToolFault
from proxy.tools.ahead import Key, Refused, Served
from proxy.tools.catalogue import Place
from proxy.tools.pace import Limits
from proxy.tools.shelf import Shelf

pytestmark = pytest.mark.anyio
READ = Place("shop", "read")
PLENTY = Limits(rate=1e6, burst=1e6, of_session=1 << 20, per_exchange=1 << 20, probation=0, doubt_s=0)


@dataclass
class State:
    """A number that grows; reads take some steps of the loop and may fail."""

    number: int = 0
    steps: int = 0
    failing: bool = False
    asked: int = 0

    async def read(self) -> Result:
        self.asked += 1
        for _ in range(self.steps // 2):
            await asyncio.sleep(0)
        number = self.number
        for _ in range(self.steps - self.steps // 2):
            await asyncio.sleep(0)
        if self.failing:
            return {"content": [], "isError": True}
        return {"content": [{"type": "text", "text": str(number)}]}


@dataclass
class Stall:
    """A shelf with a state behind it."""

    limits: Limits = PLENTY
    state: State = field(default_factory=State)
    told: list[Called | Prefetched] = field(default_factory=list)

    def __post_init__(self) -> None:
        tick = asyncio.get_running_loop().time
        self.shelf = Shelf(tick, self.told.append, lambda result: len(str(result)), self.limits)

    def guess(self, session: str = "s", arguments: str = "a", ttl_s: float = 10) -> bool:
        try:
            self.shelf.launch(key(session, arguments), self.state.read, ttl_s=ttl_s, together=True)
        except Refused:
            return False
        return True

    async def read(self, session: str = "s", arguments: str = "a") -> Served:
        return await self.shelf.answer(key(session, arguments), self.state.read)

    async def write(self, steps: int = 2) -> None:
        with self.shelf.writing("shop"):
            for _ in range(steps):
                await asyncio.sleep(0)
            self.state.number += 1
            for _ in range(steps):
                await asyncio.sleep(0)


def key(session: str = "s", arguments: str = "a") -> Key:
    return Key(Owner("me", session), READ, arguments, "1")


def number(served: Served) -> int:
    return int(served.result["content"][0]["text"])


async def settle(steps: int = 20) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)


STEPS = st.lists(
    st.tuples(st.sampled_from(["guess", "guess", "read", "write", "wait", "slower", "fail"]), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


@given(STEPS)
@settings(deadline=None, max_examples=120)
def test_no_answer_is_of_a_state_that_was_over_when_it_was_asked(steps: list[tuple[str, int]]) -> None:
    """Guesses, reads and writes of several sessions, in flight together."""

    async def play() -> None:
        stall = Stall()
        tasks: list[asyncio.Task[Any]] = []

        async def check(session: str) -> None:
            before = stall.state.number
            served = await stall.read(session)
            if served.result.get("isError"):
                assert served.by == "call"
            else:
                assert before <= number(served) <= stall.state.number

        for step, amount in steps:
            if step == "guess":
                stall.guess(f"s{amount % 2}")
            elif step == "read":
                tasks.append(asyncio.create_task(check(f"s{amount % 2}")))
            elif step == "write":
                tasks.append(asyncio.create_task(stall.write(amount)))
            elif step == "slower":
                stall.state.steps = 3 * amount
            elif step == "fail":
                stall.state.failing = amount == 0
            await settle(amount)
        await asyncio.gather(*tasks)
        stall.shelf.close()
        await settle()
        server = stall.shelf._server("shop")
        assert (server.ahead, server.calls, server.writes, server.order, stall.shelf._bytes) == (0, 0, 0, [], 0)

    asyncio.run(play())


async def test_what_was_saved_is_told() -> None:
    """All of the call's time for a result that waits; for one that is joined, what had passed when it was."""
    stall = Stall()

    async def slow() -> Result:
        await asyncio.sleep(0.2)
        return {"content": []}

    stall.shelf.launch(key(), slow, ttl_s=10)
    await asyncio.sleep(0.1)
    joined = await stall.shelf.answer(key(), slow)
    assert joined.by == "joined"
    assert 0.08 < joined.saved_s < 0.15
    stall.shelf.launch(key(), slow, ttl_s=10)
    await asyncio.sleep(0.25)
    waiting = await stall.shelf.answer(key(), slow)
    assert waiting.by == "shelf"
    assert 0.18 < waiting.saved_s < 0.25


async def test_the_same_guess_twice_is_one_call() -> None:
    """While it is under way, and while it waits; after that it is made again."""
    stall = Stall()
    for _ in range(3):
        assert stall.guess()
        await settle()
    assert stall.state.asked == 1
    await stall.read()
    stall.guess()
    await settle()
    assert stall.state.asked == 2


async def test_what_expired_is_fetched_again() -> None:
    """The old one is told of as expired."""
    stall = Stall()
    stall.guess(ttl_s=0.05)
    await asyncio.sleep(0.08)
    assert [each.use for each in stall.told if isinstance(each, Prefetched)] == ["expired"]
    assert len(stall.shelf) == 0
    assert (await stall.read()).by == "call"


async def test_a_guess_that_never_began_leaves_nothing_behind() -> None:
    """Dropped in the same breath in which it was made."""
    stall = Stall()
    stall.guess()
    stall.shelf.drop("shop")
    await settle()
    assert (stall.state.asked, stall.shelf._server("shop").ahead) == (0, 0)


async def test_a_call_without_a_session_gets_nothing_from_the_shelf() -> None:
    """Nobody's results are for everybody."""
    stall = Stall()
    stall.guess("")
    await settle()
    assert (await stall.read("")).by == "call"


@pytest.mark.parametrize(
    ("fault", "doubted"),
    [
        (ToolFault(UNAVAILABLE, "gone"), True),
        (ToolFault(-32602, "wrong arguments"), False),
        (asyncio.CancelledError(), True),
        (None, False),
    ],
)
async def test_after_a_write_with_an_unknown_end_nothing_is_fetched(fault: BaseException | None, doubted: bool) -> None:
    """Until there is no more doubt; what the server itself refused is known."""
    stall = Stall(Limits(doubt_s=0.1))
    with suppress(ToolFault, asyncio.CancelledError), stall.shelf.writing("shop"):
        if fault is not None:
            raise fault
    assert stall.guess() is not doubted
    await asyncio.sleep(0.15)
    assert stall.guess()


async def test_a_broken_call_ahead_is_never_an_error_of_the_real_one() -> None:
    """It raises, or its server goes: the call is made."""
    stall = Stall()

    async def broken() -> Result:
        await asyncio.sleep(0.02)
        raise ToolFault(UNAVAILABLE, "gone")

    stall.shelf.launch(key(), broken, ttl_s=10)
    assert number(await stall.read()) == 0
    assert stall.shelf._tool(READ).paused_until > 0

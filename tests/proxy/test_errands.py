"""Errands of `learn`: beside the client, charged to the session, and put into the memory as it stands by then."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.engine import Engine
from proxy.exchange import Exchange, Request, Usage
from proxy.figures import ERRANDS, known
from proxy.policy import Call, Claim, Decision, Plan, Policy, Then, ask
from proxy.recording import read, write
from proxy.server.census import row
from proxy.services import Services
from proxy.store import Limits, Store
from proxy.store.embedded import EmbeddedStore
from proxy.store.redis import RedisStore
from proxy.wire import Outcome
from tests.proxy.house import FORMS, READ, House, Place, guest, request
from tests.proxy.store.conftest import needs_redis
from tests.proxy.store.server import RedisServer

pytestmark = pytest.mark.anyio
HERE = guest("here", identify=lambda _r: Decision("", session=Claim("s1"), quiet=True))


class Slow(Place):
    """An upstream whose thinker answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.thought = asyncio.Event()

    async def send(self, request: Request, *, pinned: str = "") -> Any:
        if request.model == "thinker":
            await self.thought.wait()
        return await super().send(request, pinned=pinned)


def counter(errand: Callable[[], Plan], first_only: bool = True) -> Policy:
    """Counts the session's requests; its first one starts the errand."""

    def learn(exchange: Exchange) -> Decision:
        memory = exchange.memory.get("guest") or {"n": 0}
        starts = memory["n"] == 0 or not first_only
        return Decision("count", memory={**memory, "n": memory["n"] + 1}, errand=errand() if starts else None)

    return guest(learn=learn)


def thinking(then: Then) -> Callable[[], Plan]:
    """An errand that asks the thinker and comes to `then`."""

    def errand() -> Plan:
        yield from ask(Call(request("thinker"), "consolidate"))
        return then

    return errand


@pytest.fixture(params=["embedded", pytest.param("redis", marks=needs_redis)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of each kind."""
    if request.param == "embedded":
        yield EmbeddedStore(Limits())
        return
    with RedisServer(tmp_path, "--unixsocket", str(tmp_path / "redis.sock")) as server:
        shared = RedisStore.connect(server.url, Limits())
        yield shared
        await shared.close()


async def say(house: House, model: str = "gpt-4o") -> None:
    """One request of the session, without waiting for errands."""
    answered = await house.engine.run(request(model), time.perf_counter())
    assert [chunk async for chunk in answered.reply.chunks]


async def told(store: Store, requests: int) -> Any:
    """The policy's memory once so many requests stand in it."""
    async with asyncio.timeout(5):
        while True:
            memory = await store.memory("me", "s1") or {}
            if memory.get("guest", {}).get("n") == requests:
                return memory
            await asyncio.sleep(0.005)


async def test_a_turn_in_between_is_not_lost(store: Store) -> None:
    """A slow errand, and two requests answered before it ends: their memory stands, and the errand's beside it."""
    place = Slow()
    policy = counter(thinking(lambda memory: Decision("", memory={**memory, "thought": True})))
    house = House([HERE, policy], store, place=place)
    for number in range(3):
        await say(house)
        await told(store, number + 1)
    place.thought.set()
    await house.engine.aclose()
    assert (await store.memory("me", "s1") or {})["guest"] == {"n": 3, "thought": True}


async def test_many_that_write_at_once_lose_nothing(store: Store) -> None:
    """Errands that end together with each other and with requests: each is asked again until it was taken."""
    place = Slow()

    def then(memory: Any) -> Decision:
        return Decision("", memory={**memory, "thoughts": memory.get("thoughts", 0) + 1}, figures={"thoughts": 1})

    house = House([HERE, counter(thinking(then), first_only=False)], store, place=place)
    for number in range(6):
        await say(house)
        await told(store, number + 1)
    place.thought.set()
    await house.engine.aclose()
    memory = await store.memory("me", "s1") or {}
    assert memory["guest"] == {"n": 6, "thoughts": 6}
    assert known(memory)["guest.thoughts"] == 6.0
    assert sum(exchange.figures.get("guest.thoughts", 0.0) for exchange in house.told) == 6.0


async def test_the_next_request_reads_what_it_came_to() -> None:
    """The errand's calls are exchanges of their own, with their purpose; its figures reach the sinks once."""
    place = Place()
    seen: list[Any] = []

    def errand() -> Plan:
        answer = yield from ask(Call(request("thinker"), "consolidate"))
        thought = answer.turns[0].text
        return lambda memory: Decision("", memory={**memory, "thought": thought}, figures={"thoughts": 1})

    def learn(exchange: Exchange) -> Decision:
        seen.append(exchange.memory.get("guest"))
        fresh = not seen[-1]
        return Decision("", memory={"n": 1}, figures={"events": 1}, errand=errand() if fresh else None, quiet=True)

    house = House([HERE, guest(learn=learn)], place=place)
    for _ in range(2):
        await house.ask()
    assert seen == [None, {"n": 1, "thought": "I am thinker"}]
    lines = [read(line) for line in await house.store.recording("me", "s1")]
    assert sorted(line.purpose for line in lines) == ["", "", "consolidate"]
    assert known(await house.store.memory("me", "s1") or {}) == {"guest.events": 2.0, "guest.thoughts": 1.0}
    counted = [dict(exchange.figures) for exchange in house.told if exchange.figures]
    assert sorted(map(str, counted)) == ["{'guest.events': 1.0}", "{'guest.events': 1.0}", "{'guest.thoughts': 1.0}"]


async def test_what_it_spends_is_on_the_session() -> None:
    """Once: in the session's cost, beside the exchanges' own."""
    store = EmbeddedStore(Limits())
    house = House()

    def charge(_exchange: Exchange, outcome: Outcome, _upstream: str) -> tuple[Usage | None, float | None]:
        return outcome.usage, 0.5

    def record(exchange: Exchange, parent: str) -> bytes:
        return write(exchange, mode="full", parent=parent)

    services = Services(store, house.place, FORMS.named, READ, time.time, time.perf_counter, record, charge)
    policy = counter(thinking(lambda memory: Decision("", memory={**memory, "thought": True})))
    house.engine = Engine((HERE, policy), services)
    for _ in range(2):
        await house.ask()
    memory = await store.memory("me", "s1") or {}
    assert known(memory) == {ERRANDS: 0.5}
    assert row("me", "s1", 0.0, memory)["cost"] == 0.5


async def test_one_that_fails_or_comes_to_nothing_changes_nothing() -> None:
    """It is held against its policy; nobody is disturbed."""

    def falls() -> Plan:
        yield from ask(Call(request("x"), "consolidate"))
        raise ValueError("thought wrong")

    def mumbles() -> Plan:
        yield from ask(Call(request("x"), "consolidate"))
        return {"n": 0}

    def wrong(_memory: Any) -> Decision:
        raise ValueError("thought wrong at last")

    for errand, faults in ((falls, 1), (mumbles, 1), (thinking(wrong), 1), (thinking(lambda _memory: None), 0)):
        house = House([HERE, counter(errand)])
        await house.ask()
        assert house.engine.guard.record("guest").faults == faults
        assert (await house.store.memory("me", "s1") or {})["guest"] == {"n": 1}


async def test_none_is_run_where_nothing_could_be_written() -> None:
    """A policy that cannot remember that it asked would ask at every turn."""

    class Full(EmbeddedStore):
        async def save(self, scope: str, changes: Any) -> None:
            raise OSError("full")

    house = House([HERE, counter(thinking(lambda memory: Decision("", memory=memory)))], Full(Limits()))
    await house.ask()
    assert [heard.model for heard in house.place.heard] == ["gpt-4o"]


def beside(then: Any, learn: Any = None) -> Policy:
    """Asks the thinker beside the answer."""

    def errand() -> Plan:
        yield from ask(Call(request("thinker"), "consolidate"))
        return then

    def meanwhile(_exchange: Exchange) -> Decision:
        return Decision("", errand=errand(), quiet=True)

    return guest(meanwhile=meanwhile, **({"learn": learn} if learn else {}))


@pytest.mark.parametrize("first", ["thought", "reply"])
async def test_what_one_beside_the_answer_comes_to_is_asked_when_the_reply_was_learned(
    store: Store, first: str
) -> None:
    """Whichever ends first: it sees the memory of its own exchange, and what it tells is told once."""
    place, taught = Slow(), list[Any]()

    def then(memory: Any) -> Decision:
        return Decision("", memory={**memory, "thought": memory["n"]}, figures={"thoughts": 1}, tell="thought")

    policy = beside(then, lambda _exchange: Decision("", memory={"n": 7}, quiet=True))
    house = House([HERE, policy], store, place=place)
    house.teach(lambda name, told: taught.append((name, told)))
    answered = await house.engine.run(request(), time.perf_counter())
    if first == "thought":
        place.thought.set()
        await asyncio.sleep(0.05)
        assert taught == []
    assert [chunk async for chunk in answered.reply.chunks]
    await until_known(store)
    place.thought.set()
    await house.engine.aclose()
    memory = await store.memory("me", "s1") or {}
    assert memory["guest"] == {"n": 7, "thought": 7}
    assert known(memory)["guest.thoughts"] == 1.0
    assert taught == [("guest", "thought")]


async def until_known(store: Store) -> None:
    """Once something is remembered."""
    for _ in range(1000):
        if (await store.memory("me", "s1") or {}).get("guest"):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nothing was remembered")


async def test_one_beside_an_answer_that_never_came_ends_all_the_same() -> None:
    """The upstream is gone, or the client: what it has to say is asked for, and nothing hangs."""
    seen: list[Any] = []

    def then(memory: Any) -> None:
        seen.append(memory)

    house = House([HERE, beside(then)])
    answered = await house.engine.run(request(), time.perf_counter())
    assert answered.exchange is not None
    await house.engine.aclose()  # its chunks are never read
    assert seen == [None]

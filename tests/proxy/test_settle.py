"""After the last byte: one write, learners asked again when another wrote between, errands beside, once only."""

import time
from typing import Any

import pytest

from policies.session import Session
from proxy.exchange import Exchange
from proxy.policy import Call, Claim, Decision, Plan, ask
from proxy.recording import read
from tests.proxy.house import House, guest, request

pytestmark = pytest.mark.anyio


async def test_memory_is_read_and_written_once() -> None:
    """What a policy remembers is there for the session's next request."""
    seen: list[Any] = []

    def learn(exchange: Exchange) -> Decision:
        seen.append(exchange.memory.get("guest"))
        return Decision("count", memory={"n": (seen[-1] or {"n": 0})["n"] + 1}, quiet=True)

    house = House([guest(identify=lambda _r: Decision("", session=Claim("s1"), quiet=True), learn=learn)])
    for _ in range(3):
        await house.ask()
    assert seen == [None, {"n": 1}, {"n": 2}]


async def test_two_at_once_lose_nothing() -> None:
    """Two exchanges of one session at the same time: the later writer learns again from what is there."""

    def learn(exchange: Exchange) -> Decision:
        known = exchange.memory.get("guest") or {"n": 0}
        return Decision("count", memory={"n": known["n"] + 1}, quiet=True)

    house = House([guest(identify=lambda _r: Decision("", session=Claim("s1"), quiet=True), learn=learn)])
    started = [await house.engine.run(request(), time.perf_counter()) for _ in range(5)]
    for answered in started:
        assert [chunk async for chunk in answered.reply.chunks]
    assert await house.store.memory("me", "s1") == {"guest": {"n": 5}}


async def test_errands_run_beside_and_are_remembered() -> None:
    """An errand of `learn` may ask a model; its value becomes the memory; the client does not wait for it."""

    def errand() -> Plan:
        answer = yield from ask(Call(request("thinker"), "consolidate"))
        return {"thought": answer.turns[0].text}

    house = House([Session(), guest(learn=lambda _e: Decision("think", errand=errand()))])
    answered, _ = await house.ask()
    assert answered.exchange is not None
    session = answered.exchange.session.id
    memory = await house.store.memory("me", session)
    assert memory is not None
    assert memory["guest"] == {"thought": "I am thinker"}
    assert memory["session"]["requests"] == 1
    purposes = {read(line).purpose for line in await house.store.recording("me", session)}
    assert purposes == {"", "consolidate"}


async def test_a_client_that_leaves_closes_the_upstream_and_is_settled_once() -> None:
    """Closing the chunks early: upstream closed, the exchange recorded as not whole, and only once."""
    house = House([Session()])
    answered = await house.engine.run(request(), time.perf_counter())
    chunks: Any = answered.reply.chunks
    assert await anext(chunks)
    await chunks.aclose()
    assert house.place.closed == 1
    await house.engine.aclose()
    [exchange] = house.told
    assert exchange.completion is not None
    assert exchange.completion.error == "client left"


async def test_a_sink_that_fails_costs_nobody() -> None:
    """Sinks are told one after another; one that raises does not keep the others from hearing."""
    house = House()

    def fall(_exchange: Exchange) -> None:
        raise OSError("disk full")

    house.sinks.insert(0, fall)
    await house.ask()
    assert len(house.told) == 1


async def test_the_learner_sees_what_the_client_asked() -> None:
    """A prepared request reaches the upstream; `asked` stays what the client will build on."""
    seen: list[tuple[str, str]] = []

    def learn(exchange: Exchange) -> None:
        assert exchange.asked is not None
        seen.append((exchange.asked.model, exchange.request.model))

    shorter = guest("prepares", prepare=lambda _e: Decision("other", request=request("b")))
    house = House([shorter, guest("learns", learn=learn)])
    await house.ask(request("a"))
    assert seen == [("a", "b")]


async def test_an_errand_that_fails_is_noted_against_its_policy() -> None:
    """Nothing is remembered, nobody is disturbed."""

    def errand() -> Plan:
        yield from ask(Call(request("x"), "consolidate"))
        raise ValueError("thought wrong")

    house = House([guest(learn=lambda _e: Decision("think", errand=errand()))])
    await house.ask()
    assert house.engine.guard.record("guest").faults == 1

"""After the last byte: one write, learners asked again when another wrote between, errands beside, once only."""

import time
from math import inf, nan
from typing import Any

import pytest

from policies.session import Session
from proxy.engine import Engine
from proxy.exchange import Exchange
from proxy.figures import known
from proxy.policy import Claim, Decision, Policy
from proxy.recording import read
from proxy.services import Services
from proxy.store import Limits
from proxy.store.embedded import EmbeddedStore
from tests.proxy.house import FORMS, READ, House, guest, request

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


async def test_originals_are_kept_with_the_session() -> None:
    """What learners want kept is written, though one of them says nothing else; the first of a reference counts."""

    def keeper(name: str, **kept: bytes) -> Policy:
        return guest(name, learn=lambda _e: Decision("dropped", keep=kept, quiet=True))

    here = guest(identify=lambda _r: Decision("", session=Claim("s1"), quiet=True))
    house = House([here, keeper("one", a=b"A"), keeper("two", b=b"B", a=b"not A")])
    await house.ask()
    assert await house.store.items("me", "s1") == {"a": b"A", "b": b"B"}


async def test_originals_alone_are_a_reason_to_write() -> None:
    """Without recording, memory or links a save is still made for them, and without them none is."""
    store = EmbeddedStore(Limits())
    kept: dict[str, bytes] = {}
    here = guest(
        identify=lambda _r: Decision("", session=Claim("s1"), quiet=True),
        learn=lambda _e: Decision("dropped", keep=dict(kept), quiet=True),
    )
    house = House()
    services = Services(store, house.place, FORMS.named, READ, time.time, time.perf_counter)
    house.engine = Engine((here,), services)
    await house.ask()
    assert await store.sessions() == []
    kept["a"] = b"A"
    await house.ask()
    assert await store.items("me", "s1") == kept


async def test_figures_are_counted_on_the_exchange_the_recording_and_the_session() -> None:
    """Sinks and the recording see what each exchange counted; the session's memory holds the sum."""

    def counter(name: str, **figures: float) -> Policy:
        return guest(name, learn=lambda _e: Decision("counted", figures=figures, quiet=True))

    here = guest(identify=lambda _r: Decision("", session=Claim("s1"), quiet=True))
    house = House([here, counter("one", saved_usd=0.25), counter("two", events=1, saved_usd=1.0), counter("three")])
    for _ in range(2):
        await house.ask()
    await house.engine.aclose()
    each = {"one.saved_usd": 0.25, "two.events": 1.0, "two.saved_usd": 1.0}
    assert [exchange.figures for exchange in house.told] == [each, each]
    assert [read(line).figures for line in await house.store.recording("me", "s1")] == [each, each]
    memory = await house.store.memory("me", "s1")
    assert memory is not None
    assert known(memory) == {"one.saved_usd": 0.5, "two.events": 2.0, "two.saved_usd": 2.0}


async def test_what_cannot_be_added_up_is_not_counted() -> None:
    """It costs neither the exchange nor what else was counted."""
    wrong: Any = {"none": None, "text": "1", "less": -1, "nan": nan, "endless": inf, "right": 2}
    useless: Any = [1, 2]
    house = House(
        [
            guest("some", learn=lambda _e: Decision("counted", memory={"n": 1}, figures=wrong, quiet=True)),
            guest("none", learn=lambda _e: Decision("counted", figures=useless, quiet=True)),
        ]
    )
    answered, body = await house.ask()
    await house.engine.aclose()
    assert body
    assert answered.exchange is not None
    assert [exchange.figures for exchange in house.told] == [{"some.right": 2.0}]
    memory = await house.store.memory("me", answered.exchange.session.id)
    assert memory == {"some": {"n": 1}, "road": {"figures": {"some.right": 2.0}}}


async def test_learners_asked_again_count_once() -> None:
    """Two writers at once: figures are those of the first asking everywhere, and the session's sum misses none."""
    asked: list[str] = []

    def learn(exchange: Exchange) -> Decision:
        asked.append(exchange.id)
        return Decision("count", memory={"n": 1}, figures={"asked": asked.count(exchange.id)}, quiet=True)

    house = House([guest(identify=lambda _r: Decision("", session=Claim("s1"), quiet=True), learn=learn)])
    started = [await house.engine.run(request(), time.perf_counter()) for _ in range(5)]
    for answered in started:
        assert [chunk async for chunk in answered.reply.chunks]
    await house.engine.aclose()
    assert len(asked) > 5
    once = [{"guest.asked": 1.0}] * 5
    assert [exchange.figures for exchange in house.told] == once
    assert [read(line).figures for line in await house.store.recording("me", "s1")] == once
    assert known(await house.store.memory("me", "s1") or {}) == {"guest.asked": 5.0}


async def test_figures_alone_are_a_reason_to_write() -> None:
    """Without recording, memory or links the sum is still kept."""
    store = EmbeddedStore(Limits())
    here = guest(
        identify=lambda _r: Decision("", session=Claim("s1"), quiet=True),
        learn=lambda _e: Decision("counted", figures={"events": 1}, quiet=True),
    )
    house = House()
    house.engine = Engine((here,), Services(store, house.place, FORMS.named, READ, time.time, time.perf_counter))
    for _ in range(3):
        await house.ask()
    assert await store.memory("me", "s1") == {"road": {"figures": {"guest.events": 3.0}}}


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

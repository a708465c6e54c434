"""Replies held for a request that has not come: a real engine, a store, and an upstream in this process."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from proxy import early
from proxy.exchange import Exchange, Reply, Request
from proxy.policy import Claim, Decision, Early, Failure, Plan, Policy, ask
from proxy.telemetry import error_type
from proxy.upstreams import UpstreamError
from tests.proxy.house import House, Place, guest, request, said

pytestmark = pytest.mark.anyio
HERE = guest("here", identify=lambda _r: Decision("", session=Claim("s1"), quiet=True))


class Slow(Place):
    """An upstream whose replies come in pieces, when it is told to; it knows which were closed."""

    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self.head, self.body = asyncio.Event(), asyncio.Event()
        self.closed = 0
        self.statuses = list(statuses)
        self.broken = False
        self.pieces = (b'{"id": "c1", ', said("slow")[1:])

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        self.heard.append(request)
        if request.model != "next":
            return Reply(200, ((b"content-type", b"application/json"),), self._quick(), "here")
        if self.broken:
            raise UpstreamError("gone", code="upstream_error", status=502, upstream="here")
        status = self.statuses.pop(0) if self.statuses else 200
        await self.head.wait()
        return Reply(status, ((b"content-type", b"application/json"),), self._chunks(), "here")

    async def _quick(self) -> AsyncIterator[bytes]:
        yield said("quick")

    async def _chunks(self) -> AsyncIterator[bytes]:
        try:
            yield self.pieces[0]
            await self.body.wait()
            yield self.pieces[1]
        finally:
            self.closed += 1


class Foreseer:
    """A policy that has one request sent early, and hears what came of it."""

    def __init__(self) -> None:
        self.came: list[Any] = []

    def policy(self) -> Policy:
        def learn(exchange: Exchange) -> Decision | None:
            return None if exchange.request.model == "next" else Decision("", errand=self.errand(), quiet=True)

        return guest(learn=learn)

    def errand(self) -> Plan:
        self.came.append((yield from ask(Early(request("next")))))
        return None


async def begun(place: Slow, *more: Policy) -> tuple[House, Foreseer]:
    """A house in which the next request has been sent early."""
    foreseer = Foreseer()
    house = House([HERE, *more, foreseer.policy()], place=place)
    answered = await house.engine.run(request("first"), time.perf_counter())
    assert [chunk async for chunk in answered.reply.chunks]
    await until_heard(place, 2)
    return house, foreseer


async def until_heard(place: Slow, times: int) -> None:
    """Once the upstream was asked so often."""
    for _ in range(500):
        if len(place.heard) >= times:
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it was not asked")


async def asked(house: House, model: str = "next", text: str = "hello") -> tuple[bytes, list[str]]:
    """The client's own request: the reply, and what was said of it."""
    answered = await house.engine.run(request(model, text), time.perf_counter())
    body = b"".join([chunk async for chunk in answered.reply.chunks])
    assert answered.exchange is not None
    return body, [note.reason for note in answered.exchange.notes if note.moment == "early"]


@pytest.mark.parametrize("when", ["before the head", "in the body", "after the end"])
async def test_the_same_request_is_answered_by_it(when: str) -> None:
    """Whenever it comes; the upstream is asked once, and the exchange is recorded once, as the client's."""
    place = Slow()
    house, foreseer = await begun(place)
    if when != "before the head":
        place.head.set()
        await asyncio.sleep(0.02)
    if when == "after the end":
        place.body.set()
        await asyncio.sleep(0.02)
    asking = asyncio.ensure_future(asked(house))
    await asyncio.sleep(0.02)
    place.head.set()
    place.body.set()
    body, notes = await asking
    assert body == b"".join(place.pieces)
    assert notes == ["the reply was under way before its request came"]
    await house.engine.aclose()
    assert [heard.model for heard in place.heard] == ["first", "next"]
    assert isinstance(foreseer.came[0], float)
    assert len(await house.store.recording("me", "s1")) == 2
    assert place.closed == 1


async def test_it_answers_one_request() -> None:
    """The second of two equal ones is sent."""
    place = Slow()
    house, _ = await begun(place)
    place.head.set()
    place.body.set()
    await asked(house)
    _, notes = await asked(house)
    assert notes == []
    assert len(place.heard) == 3
    await house.engine.aclose()


async def test_another_request_drops_it() -> None:
    """It is sent as it is; the early one is closed, and settled with what had come."""
    place = Slow()
    house, foreseer = await begun(place)
    place.head.set()
    await asyncio.sleep(0.02)
    asking = asyncio.ensure_future(asked(house, text="something else"))
    await until_heard(place, 3)
    assert place.closed == 1
    place.body.set()
    _, notes = await asking
    assert notes == ["another request was expected; the reply to it is dropped"]
    await house.engine.aclose()
    (came,) = foreseer.came
    assert isinstance(came, Failure)
    assert came.completion is not None
    assert (came.completion.body, came.completion.whole) == (place.pieces[0], False)
    assert error_type(came.completion) == "unused"
    lines = await house.store.recording("me", "s1")
    assert sum(b'"purpose":"early"' in line for line in lines) == 1


async def test_a_request_that_policies_change_is_not_answered_by_it() -> None:
    """What was sent early was the client's own."""
    place = Slow()
    place.head.set()
    place.body.set()

    def prepare(exchange: Exchange) -> Decision | None:
        body = exchange.request.body.replace(b"hello", b"hallo")
        return Decision("", request=exchange.request.but(body=body)) if exchange.request.model == "next" else None

    house, _ = await begun(place, guest("changer", prepare=prepare))
    await asked(house)
    assert [heard.body.count(b"hallo") for heard in place.heard] == [0, 0, 1]
    await house.engine.aclose()


@pytest.mark.parametrize("fault", ["status", "error"])
async def test_one_that_fails_answers_nobody(fault: str) -> None:
    """The client's own request is sent."""
    place = Slow(500)
    place.broken = fault == "error"
    house, foreseer = await begun(place)
    place.broken = False
    asking = asyncio.ensure_future(asked(house))
    await asyncio.sleep(0.02)
    place.head.set()
    place.body.set()
    body, notes = await asking
    assert (body, notes, len(place.heard)) == (b"".join(place.pieces), [], 3)
    await house.engine.aclose()
    assert isinstance(foreseer.came[0], Failure)


async def test_it_is_held_for_a_while_and_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is dropped, and closed at the upstream."""
    for name, value in (("HELD_S", 0.05), ("MOST_BYTES", 5)):
        with monkeypatch.context() as patch:
            patch.setattr(early, name, value)
            place = Slow()
            place.head.set()
            house, foreseer = await begun(place)
            await asyncio.sleep(0.15)
            assert place.closed == 1
            assert isinstance(foreseer.came[0], Failure)
            await house.engine.aclose()


async def test_a_client_that_leaves_while_it_waits_closes_it() -> None:
    """Nothing is left open."""
    place = Slow()
    house, foreseer = await begun(place)
    asking = asyncio.ensure_future(house.engine.run(request("next"), time.perf_counter()))
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await house.engine.aclose()
    assert isinstance(foreseer.came[0], Failure)
    assert len(place.heard) == 2


async def test_a_client_that_leaves_in_the_middle_closes_it() -> None:
    """As any reply is."""
    place = Slow()
    place.head.set()
    house, _ = await begun(place)
    answered = await house.engine.run(request("next"), time.perf_counter())
    assert await anext(answered.reply.chunks) == place.pieces[0]
    await answered.reply.chunks.aclose()  # type: ignore[attr-defined]
    assert place.closed == 1
    await house.engine.aclose()


async def test_the_end_of_the_house_drops_it() -> None:
    """At once."""
    place = Slow()
    house, foreseer = await begun(place)
    began = time.perf_counter()
    await house.engine.aclose()
    assert time.perf_counter() - began < 5
    assert isinstance(foreseer.came[0], Failure)

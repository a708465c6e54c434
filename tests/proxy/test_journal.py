"""Journals on the road: what one session's reply writes, the next request of any session finds."""

import asyncio
from typing import Any

import pytest

from proxy.exchange import Exchange
from proxy.policy import Claim, Decision, Failure, Journal, Plan, Policy, ask
from proxy.store import Limits
from proxy.store.embedded import EmbeddedStore
from tests.proxy.house import House, guest, request

pytestmark = pytest.mark.anyio


class Diary(Policy):
    """Writes down each exchange, and keeps what it found then."""

    name = "diary"

    def __init__(self) -> None:
        self.found: list[Any] = []

    def learn(self, exchange: Exchange) -> Decision:
        def errand() -> Plan:
            self.found.append((yield from ask(Journal())))
            return lambda _memory: None

        memory = {"n": (exchange.memory.get(self.name) or {}).get("n", 0) + 1}
        return Decision("noted", memory=memory, journal=({"said": exchange.id},), errand=errand())


async def test_what_is_written_is_there_at_once_for_every_session() -> None:
    """The errand of the reply that wrote it finds it, and so does that of another session's."""
    diary = Diary()
    house = House([diary])
    for text in ("one", "two"):
        await house.ask(request(text=text))
        await house.engine.aclose()
    ids = [told.id for told in house.told if told.completion]
    assert diary.found == [[{"said": ids[0]}], [{"said": each} for each in ids]]


async def test_it_is_written_once_where_two_write_at_once() -> None:
    """A memory that was not taken is asked for again, what happened is not."""
    diary = Diary()
    here = guest("here", identify=lambda _r: Decision("", session=Claim("s1"), quiet=True))
    house = House([here, diary])
    await asyncio.gather(*(house.ask(request(text=str(number))) for number in range(6)))
    await house.engine.aclose()
    assert len(await house.store.journal("me", "diary")) == 6


async def test_a_store_that_fails_is_a_failure() -> None:
    """As a value, in the plan."""

    class Broken(EmbeddedStore):
        async def journal(self, scope: str, policy: str) -> Any:
            raise OSError("gone")

    diary = Diary()
    house = House([diary], store=Broken(Limits()))
    await house.ask()
    await house.engine.aclose()
    assert [isinstance(each, Failure) for each in diary.found] == [True]

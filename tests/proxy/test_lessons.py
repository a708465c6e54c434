"""Lessons: what policies learn across sessions, folded and shared."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from proxy import lessons
from proxy.lessons import Lessons
from proxy.policy import Policy
from proxy.store import Limits
from proxy.store.embedded import EmbeddedStore

pytestmark = pytest.mark.anyio


class Counter(Policy):
    """Adds up what it is told."""

    name = "counter"

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        if "bad" in told:
            raise ValueError("bad")
        return (lesson or 0) + sum(told)


class Silent(Policy):
    """Learns nothing."""

    name = "silent"


async def test_what_is_told_is_folded_into_what_was_known() -> None:
    """And every replica on the same store sees it."""
    store = EmbeddedStore(Limits())
    here, there = Lessons(store, (Counter(), Silent())), Lessons(store, (Counter(),))
    for told in (1, 2, 3):
        here.hear("counter", told)
    here.hear("silent", 1)
    here.hear("nobody", 1)
    await here.close()
    assert here.known() == {"counter": 6}
    there.hear("counter", 4)
    await there.close()
    assert there.known() == {"counter": 10}
    await here.renew()
    assert here.known() == {"counter": 10}


async def test_it_is_folded_soon_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to close for it."""
    monkeypatch.setattr(lessons, "EVERY_S", 0.01)
    taught = Lessons(EmbeddedStore(Limits()), (Counter(),))
    taught.hear("counter", 1)
    async with asyncio.timeout(5):
        while not taught.known():  # noqa: ASYNC110 (a lesson is known when it is known)
            await asyncio.sleep(0.01)
    await taught.close()
    assert taught.known() == {"counter": 1}


async def test_a_policy_that_cannot_fold_loses_only_what_it_was_told() -> None:
    """What was known stays."""
    taught = Lessons(EmbeddedStore(Limits()), (Counter(),))
    taught.hear("counter", 5)
    await taught.flush()
    taught.hear("counter", "bad")
    await taught.flush()
    assert taught.known() == {"counter": 5}
    await taught.close()


async def test_two_that_write_at_once_lose_nothing() -> None:
    """The second reads again and folds into what the first has left."""
    store = EmbeddedStore(Limits())
    both = [Lessons(store, (Counter(),)) for _ in range(2)]
    for one in both:
        one.hear("counter", 1)
    await asyncio.gather(*(one.flush() for one in both))
    assert await store.load_shared("counter") == (b"2", 2)

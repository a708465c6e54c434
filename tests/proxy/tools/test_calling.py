"""One call: what is told of it, however it ends."""

import asyncio
from typing import Any

import pytest

from proxy.tools import INVALID_PARAMS, UNAVAILABLE, Called, Hear, Owner, Result, ToolFault, Visitor
from proxy.tools.calling import Calls, sentence
from proxy.tools.catalogue import Catalogue, Place
from proxy.tools.emitted import Emitted
from proxy.tools.rules import Rules
from proxy.tools.shelf import Shelf

pytestmark = pytest.mark.anyio
PLACE = Place("shop", "read")
VISITOR = Visitor("me", session="s1")


def desk(hear: Hear) -> Calls:
    """What answers calls, with nothing on its shelf."""
    shelf = Shelf(lambda: 0.0, hear, lambda _: 0)
    return Calls(Rules(), Emitted(lambda: Catalogue({}), lambda: 0.0), shelf, hear, lambda: 0.0, lambda _: "")


async def told(ends: Any) -> Called:
    """What is heard of a call that ends so."""
    heard: list[Any] = []

    async def run() -> Result:
        if isinstance(ends, BaseException):
            raise ends
        return dict(ends)

    calls = desk(heard.append)
    asked = calls.answer(VISITOR, PLACE, {}, {"name": "read"}, run)
    if isinstance(ends, BaseException):
        with pytest.raises(type(ends)):
            await asked
    else:
        assert await asked == ends
    (called,) = heard
    assert isinstance(called, Called)
    return called


@pytest.mark.parametrize(
    ("ends", "outcome"),
    [
        ({"content": []}, "ok"),
        ({"content": [], "isError": True}, "error"),
        (ToolFault(INVALID_PARAMS, "no"), "fault"),
        (ToolFault(UNAVAILABLE, "down"), "unavailable"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
async def test_every_call_is_told_once(ends: Any, outcome: str) -> None:
    """With the way it ended; what it raised is raised on."""
    called = await told(ends)
    assert (called.server, called.tool, called.owner.session, called.outcome) == ("shop", "read", "s1", outcome)


async def test_who_counts_may_fail() -> None:
    """The call is answered all the same."""

    def broken(_told: Any) -> None:
        raise ValueError

    async def run() -> Result:
        return {"content": []}

    assert await desk(broken).answer(VISITOR, PLACE, {}, {}, run) == {"content": []}


def test_a_line_holds_no_content() -> None:
    """Names, times and the outcome."""
    assert sentence(Called("shop", "read", Owner("me", "s1"), 0.25, "ok")) == "tool shop/read ok · 250 ms · session s1"
    served = Called("shop", "read", Owner("me", ""), 0.001, "ok", "shelf", 1.5)
    assert sentence(served) == "tool shop/read ok · 1 ms · by shelf, saved 1500 ms"

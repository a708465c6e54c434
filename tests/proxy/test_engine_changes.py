"""What a policy changes in a request: refused, it is undone; remembered, it is handed on."""

from typing import Any

import pytest

from proxy.exchange import REFUSED, Exchange
from proxy.policy import Decision
from tests.proxy.house import House, guest, request, said

pytestmark = pytest.mark.anyio


def shorter(exchange: Exchange) -> Decision:
    """Another body, and something remembered of it."""
    return Decision("shorter", request=exchange.request.but(body=b'{"model":"b"}'), memory={"cut": 1})


@pytest.mark.parametrize("status", [400, 422])
async def test_a_changed_request_that_is_refused_goes_again_as_it_came(status: int) -> None:
    """Once, with a note; what the policy remembered of its change is forgotten."""
    learned: list[Exchange] = []
    house = House([guest("shortener", prepare=shorter, learn=learned.append)])
    house.place.statuses = [status]
    one = request()
    answered, body = await house.ask(one)
    assert [heard.body for heard in house.place.heard] == [b'{"model":"b"}', one.body]
    assert (answered.reply.status, body) == (200, said("I am gpt-4o"))
    assert house.place.closed == 2 or house.place.closed == 1  # a body that was never begun has nothing to close
    [exchange] = learned
    assert [note.kind for note in exchange.notes] == ["decision", REFUSED]
    assert exchange.request.body == one.body
    assert exchange.memory == {}


async def test_a_changed_request_knows_what_it_was_made_of() -> None:
    """So that a recorded upstream finds the answer to what the client asked; what goes as it came says nothing."""
    for guests, changed in (([guest("shortener", prepare=shorter)], True), ([], False)):
        house = House(guests)
        one = request()
        await house.ask(one)
        assert one.conversation is not None
        [heard] = house.place.heard
        assert heard.origin == (one.conversation.turns[-1].strict if changed else b"")


async def test_what_is_refused_twice_reaches_the_client() -> None:
    """The provider's own word about the client's own request."""
    house = House([guest("shortener", prepare=shorter)])
    house.place.statuses = [400, 400]
    answered, _ = await house.ask()
    assert answered.reply.status == 400
    assert len(house.place.heard) == 2


async def test_an_unchanged_request_is_sent_once() -> None:
    """Its refusal is the client's business."""
    house = House([guest("silent", prepare=lambda _: None)])
    house.place.statuses = [400]
    answered, _ = await house.ask()
    assert answered.reply.status == 400
    assert len(house.place.heard) == 1


async def test_what_prepare_remembers_is_seen_by_the_later_moments() -> None:
    """Of the same exchange; only `learn` says what is kept."""
    seen: dict[str, Any] = {}

    def learn(exchange: Exchange) -> Decision:
        seen["learn"] = exchange.memory["shortener"]
        return Decision("kept", memory={"kept": True}, quiet=True)

    house = House([guest("shortener", prepare=shorter, learn=learn)])
    answered, _ = await house.ask()
    assert seen["learn"] == {"cut": 1}
    assert answered.exchange is not None
    assert await house.store.memory("me", answered.exchange.session.id) == {"shortener": {"kept": True}}


async def test_what_an_exchange_teaches_is_handed_to_the_lessons() -> None:
    """By the policy's name."""
    told: list[tuple[str, Any]] = []
    house = House([guest("pupil", learn=lambda _: Decision("taught", tell={"turns": 3}, quiet=True))])
    house.teach(lambda policy, what: told.append((policy, what)))
    await house.ask()
    assert told == [("pupil", {"turns": 3})]

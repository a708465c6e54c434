"""Answers that plans made: refusals in each form's shape, tail calls with others behind them, what plans say."""

import json
from typing import Any

import orjson
import pytest

from proxy.exchange import Completion, Exchange, Note
from proxy.made import PLANNED
from proxy.policy import Call, Decision, Failure, Plan, Refusal, Say, ask
from proxy.upstreams import UpstreamError
from tests.proxy.house import READ, House, guest, request, said

pytestmark = pytest.mark.anyio
REFUSAL = Refusal("nobody fits: a is too small. Write b", "no_candidate")


def answering(answer: Any) -> House:
    return House([guest(answer=lambda _exchange: Decision("mine", answer=answer))])


@pytest.mark.parametrize(
    ("path", "shape"),
    [("/v1/chat/completions", ["error"]), ("/v1/responses", ["error"]), ("/v1/messages", ["type", "error"])],
)
async def test_a_refusal_has_the_shape_of_its_form(path: str, shape: list[str]) -> None:
    """400 in the words of the policy; nothing reaches the upstream."""
    house = answering(REFUSAL)
    form = {"/v1/responses": "responses", "/v1/messages": "messages"}.get(path, "chat")
    answered, body = await house.ask(READ(request().but(path=path, form=form)))
    told = json.loads(body)
    assert answered.reply.status == 400
    assert "nobody fits: a is too small" in told["error"]["message"]
    assert list(told)[: len(shape)] == shape
    assert (b"x-outrider-error", b"no_candidate") in answered.reply.headers
    assert not house.place.heard


async def test_a_plan_may_refuse() -> None:
    """Returned, it is the answer too."""

    def plan() -> Plan:
        yield from ask(Say("looked around"))
        return REFUSAL

    house = answering(plan())
    answered, _ = await house.ask()
    assert (answered.reply.status, answered.reply.upstream) == (400, PLANNED)
    assert [note.reason for note in house.told[-1].notes] == ["mine", "looked around"]


async def test_what_a_plan_says_is_there_for_later_moments() -> None:
    """`relay` and `learn` see the note and its facts."""
    seen: list[Note] = []

    def plan() -> Plan:
        yield from ask(Say("chose", {"n": 1}))
        return Call(request("z"))

    def look(exchange: Exchange) -> None:
        seen.extend(note for note in exchange.notes if note.facts)

    await House([guest(answer=lambda _exchange: Decision("mine", answer=plan()), relay=look, learn=look)]).ask()
    told = [(note.by, note.moment, note.reason, note.facts) for note in seen]
    assert told == [("guest", "answer", "chose", {"n": 1})] * 2


@pytest.mark.parametrize("first", [500, 400, 429, UpstreamError("gone", code="closed", status=502)])
async def test_a_tail_call_has_others_behind_it(first: int | UpstreamError) -> None:
    """Whatever the first one says but a good answer: the next is asked, and it is noted."""

    def plan() -> Plan:
        yield from ask(Say("go"))
        return Call(request("x"), instead=(request("y"), request("z")))

    house = answering(plan())
    if isinstance(first, int):
        house.place.statuses.append(first)
    else:
        house.place.faults.append(first)
    answered, body = await house.ask()
    assert answered.reply.status == 200
    assert "I am y" in body.decode()
    assert "x has no answer; another one is asked" in [note.reason for note in house.told[-1].notes]


async def test_the_last_ones_error_counts() -> None:
    """All fail: the client gets what the last one said."""

    def plan() -> Plan:
        yield from ask(Say("go"))
        return Call(request("x"), instead=(request("y"),))

    house = answering(plan())
    house.place.statuses += [500, 503]
    answered, _ = await house.ask()
    assert answered.reply.status == 503


async def test_what_is_no_answer_is_a_fault() -> None:
    """Anything else than a completion, a call or a refusal: the pool answers, and that is charged as ever."""

    def plan() -> Plan:
        reply = yield from ask(Call(request("x"), "node"))
        return Failure("no") if isinstance(reply, Completion) else reply

    house = answering(plan())
    answered, body = await house.ask()
    assert answered.reply.status == 200
    assert "I am gpt-4o" in body.decode()
    assert any("not a Completion or a Call" in note.reason for note in house.told[-1].notes)
    assert house.told[-1].completion is not None
    assert house.told[-1].completion.usage is not None


def choosing(**house: Any) -> House:
    """A policy that names one model, and two others in its place."""
    decision = Decision("chose", model="x", instead=("y", "z"))
    return House([guest(prepare=lambda _exchange: decision)], **house)


@pytest.mark.parametrize("first", [500, 429, 408, 404, UpstreamError("gone", code="closed", status=502)])
async def test_a_model_that_is_not_well_has_others_in_its_place(first: int | UpstreamError) -> None:
    """The next one is asked, what is learned is of the one that answered, and the note tells whose place it took."""
    house = choosing()
    if isinstance(first, int):
        house.place.statuses.append(first)
    else:
        house.place.faults.append(first)
    answered, body = await house.ask()
    assert "I am y" in body.decode()
    assert answered.exchange is not None
    told = house.told[-1]
    assert told.request.model == "y"
    assert [note.facts for note in told.notes if note.by == "road"] == [
        {"failed": "x", "status": 0}
        if isinstance(first, UpstreamError)
        else {"failed": "x", "status": first, "limits": {}}
    ]
    assert [each.model for each in house.place.heard] == ["x", "y"]


async def test_what_may_have_been_done_is_not_done_again() -> None:
    """A request that would leave something behind, and whose first try may have worked."""
    house = choosing()
    house.place.statuses.append(500)
    stored = orjson.dumps({**orjson.loads(request().body), "store": True})
    answered, _ = await house.ask(READ(request().but(body=stored)))
    assert answered.reply.status == 500
    assert [each.model for each in house.place.heard] == ["x"]


async def test_where_nobody_is_well_the_last_one_counts() -> None:
    """All unwell: the last one's error, whole."""
    house = choosing()
    house.place.statuses += [500, 502, 503]
    answered, _ = await house.ask()
    assert (answered.reply.status, len(house.place.heard)) == (503, 3)


async def test_a_plan_that_has_nothing_to_say_after_all() -> None:
    """The request is answered as without it, what its calls cost is charged, and nothing went wrong."""

    def looks() -> Plan:
        yield from ask(Call(request("x"), "node"))
        return Decision("nothing to do here")

    house = answering(looks())
    _, body = await house.ask()
    assert body == said("I am gpt-4o")
    assert house.told[-1].notes == (Note("guest", "answer", "mine", ms=house.told[-1].notes[0].ms),)

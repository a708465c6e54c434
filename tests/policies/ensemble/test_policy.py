"""Teams by name in a house whose engine, store and forms are real: who answers, what is refused, what is told."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from policies.ensemble import Company, Ensemble, Limits, Member
from proxy.exchange import Exchange, Reply, Request, Usage
from proxy.policy import Budget
from proxy.upstreams import UpstreamError
from proxy.wire import Outcome
from tests.policies.ensemble.table import LETTERS, READ, said
from tests.proxy.house import House, Place

pytestmark = pytest.mark.anyio
JSON = (b"content-type", b"application/json")
TRIO = (Member("one", skill=0.6), Member("two"), Member("three"))


@dataclass
class Models(Place):
    """Models that say what they are told to, by name; a number is a status, an exception is raised."""

    says: dict[str, object] = field(default_factory=dict)

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        self.heard.append(request)
        told = self.says.get(request.model, 404)
        if isinstance(told, Exception):
            raise told
        status = told if isinstance(told, int) else 200
        body = b'{"error": {"message": "no"}}' if isinstance(told, int) else said(request.model, told).body
        return Reply(status, (JSON,), _once(body), "place")

    @property
    def asked(self) -> list[str]:
        """Models in the order in which they were asked."""
        return [request.model for request in self.heard]


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def chat(model: str = "goa", text: str = LETTERS) -> Request:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return READ(Request("POST", "/v1/chat/completions", (JSON,), json.dumps(body).encode(), caller="me"))


def house(limits: Limits | None = None, seconds: float = 5.0, **says: object) -> House:
    place = Models(says=says)
    ensemble = Ensemble(Company(TRIO, limits or Limits()))
    return House([ensemble], place=place, budget=Budget(16, seconds))


def reasons(made: House) -> str:
    return "; ".join(note.reason for note in made.told[-1].notes)


@pytest.mark.parametrize("team", ["goa", "goa-mean", "selforg", "cascade"])
async def test_a_team_answers_to_its_name(team: str) -> None:
    """All agree: a member's reply, with the usage of all calls, and the graph in the decisions."""
    made = house(one="B", two="B", three="B")
    _, body = await made.ask(chat(team))
    told = json.loads(body)
    assert told["choices"][0]["message"]["content"] == "B"
    calls = len(made.place.heard)
    assert told["usage"]["total_tokens"] == 13 * calls
    assert team in reasons(made)
    assert f"{calls} calls" in reasons(made)
    assert [exchange.purpose for exchange in made.told[:-1]].count("") == 0


async def test_members_differ() -> None:
    """The last call goes to the client; every call before it is on the bill and in the session's figures."""
    made = house(one="It is red.", two="It is quite blue, I would say.", three="It is none of these colours.")
    _, body = await made.ask(chat("goa", "What colour is it?"))
    assert json.loads(body)["usage"]["total_tokens"] == 13 * len(made.place.heard)
    assert made.told[-1].figures["ensemble.team_calls"] == len(made.place.heard) - 1
    assert made.told[-1].figures["ensemble.malformed"] == 3


async def test_members_of_ones_own() -> None:
    """Named behind a colon: those and no others."""
    made = house(four="B", five="B")
    _, body = await made.ask(chat("goa: four, five"))
    assert json.loads(body)["choices"][0]["message"]["content"] == "B"
    assert made.place.asked == ["four", "five"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("goa:one,goa", "goa is a team itself, and a team cannot sit in a team"),
        ("selforg:goa-mean:a,b", "a team itself"),
        ("goa:one,auto/cheap", "auto/cheap is no single model"),
        ("goa:one", "a team has 2 members or more"),
        ("goa:", "no members are named"),
        ("goa:one,one", "one is named twice"),
    ],
)
async def test_what_is_no_team_is_refused(model: str, why: str) -> None:
    """400 in the API's shape, and nobody is asked."""
    made = house(one="B")
    answered, body = await made.ask(chat(model))
    error = json.loads(body)["error"]
    assert answered.reply.status == 400
    assert why in error["message"]
    assert error["code"] == "invalid_team"
    assert not made.place.heard


async def test_what_is_no_conversation_is_refused() -> None:
    """Embeddings are not a team's to make."""
    made = house(one="B")
    request = READ(Request("POST", "/v1/embeddings", (JSON,), b'{"model": "goa", "input": "x"}'))
    answered, body = await made.ask(request)
    assert answered.reply.status == 400
    assert json.loads(body)["error"]["code"] == "unsupported_by_team"


async def test_counting_is_the_best_members() -> None:
    """A question about a conversation needs no team."""
    made = house(one="7")
    request = READ(Request("POST", "/v1/messages/count_tokens", (JSON,), b'{"model": "goa", "messages": []}'))
    await made.ask(request)
    assert made.place.asked == ["one"]  # type: ignore[attr-defined]


async def test_all_members_fail() -> None:
    """The best single model is tried, then the others; what the last one says is the client's."""
    made = house(one=500, two=503, three=429)
    answered, _ = await made.ask(chat())
    assert answered.reply.status == 429
    assert made.place.asked[-3:] == ["one", "two", "three"]  # type: ignore[attr-defined]
    assert "no member answered" in reasons(made)


async def test_the_last_call_fails() -> None:
    """Another member answers the client's own request."""
    made = house(
        one="It is red, I am sure of that.",
        two="It is blue, or so it seems to me.",
        three="It is none of these colours.",
    )
    calls: dict[str, int] = {}
    place = made.place
    assert isinstance(place, Models)
    send = place.send

    async def failing(request: Request, *, pinned: str = "") -> Reply:
        calls[request.model] = calls.get(request.model, 0) + 1
        place.says["one"] = (
            "It is red, I am sure of that." if calls.get("one", 0) < 3 else UpstreamError("gone", code="c", status=502)
        )
        return await send(request, pinned=pinned)

    place.send = failing  # type: ignore[method-assign]
    answered, body = await made.ask(chat("goa-mean", "What colour is it?"))
    assert answered.reply.status == 200
    assert json.loads(body)["model"] == "two"
    assert "has no answer; another one is asked" in reasons(made)


async def test_a_plan_over_its_time() -> None:
    """The most able member answers alone, and the fault is told: never in silence, never without an answer."""
    made = house(seconds=0.0, one="B", two="B", three="B")
    answered, body = await made.ask(chat())
    assert answered.reply.status == 200
    assert json.loads(body)["model"] == "one"
    assert "over its 0 s" in reasons(made)


async def test_without_a_pool_the_name_is_somebody_elses() -> None:
    """A model called goa goes to the upstream, byte for byte."""
    place = Models(says={"goa": "I am a model"})
    request = chat()
    await House([Ensemble()], place=place).ask(request)
    assert place.heard[0].body == request.body
    assert Ensemble().models == ()


async def test_what_was_learned_sits_at_the_table() -> None:
    """Members that failed before are left out; what was told is folded."""
    ensemble = Ensemble(Company((*TRIO, Member("four"))))
    told: list[object] = []
    made = House([ensemble], place=Models(says={"one": 500, "two": "B", "three": "B", "four": "B"}))
    made.teach(lambda _policy, run: told.append(run))
    for _ in range(6):
        await made.ask(chat())
    lesson = ensemble.fold(None, told)
    assert lesson["calls"]["one"][1] > 0.7
    assert lesson["members"]["two"] == [6, 6]


@pytest.mark.parametrize(("names", "why"), [(("goa", "a"), "is a team itself"), (("a",), "2 members or more")])
def test_a_pool_that_makes_no_team_stops_the_start(names: tuple[str, ...], why: str) -> None:
    """In words for the one who wrote the setting."""
    with pytest.raises(ValueError, match=why):
        Ensemble(Company(tuple(Member(name) for name in names)))


async def test_calls_are_charged_once() -> None:
    """A member's reply that is given costs what all calls cost, and nothing beside."""
    made = house(one="B", two="B", three="B")

    def charge(_exchange: Exchange, outcome: Outcome, _upstream: str) -> tuple[Usage | None, float]:
        return outcome.usage, 0.5

    object.__setattr__(made.engine._services, "charge", charge)
    await made.ask(chat())
    assert made.told[-1].completion is not None
    assert made.told[-1].completion.cost == 1.5

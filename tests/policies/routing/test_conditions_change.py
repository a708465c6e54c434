"""The same request under a changed condition: another model, and the reason says why."""

import json
from typing import Any

import pytest

from policies.routing import Routing
from proxy.exchange import Completion, Exchange
from proxy.roster import Card, Model, Price, Roster
from tests.policies.routing.test_policy import ROSTER, exchange, routing

HERE = {"routing": {"model": "big", "topics": []}}
"""A session whose last reply came from the flagship."""


def roster(**cards: Card) -> Roster:
    """Models by name, at one upstream."""
    return Roster({name: Model(name, "a", card=card) for name, card in cards.items()})


def asked(model: str = "auto/best", **more: Any) -> Exchange:
    """A request for one of ours at second 1000."""
    return exchange(model).but(now=1000.0, **more)


def chosen(policy: Routing, wanted: Exchange) -> tuple[str, str]:
    """The model and the reason."""
    decision = policy.prepare(wanted)
    assert decision is not None
    return decision.model, decision.reason


def after(policy: Routing, model: str, *ended: Completion, lesson: Any = None) -> dict[str, Any]:
    """Lessons after requests to this model, one a second from 990 on, each named by a client itself."""
    heard = []
    for second, completion in enumerate(ended):
        learned = policy.learn(exchange(model).but(now=990.0 + second, completion=completion))
        assert learned is not None
        heard.append(json.loads(json.dumps(learned.tell)))
    return {"routing": policy.fold(lesson, heard)}


def reply(status: int = 200, took_s: float = 0.5, **headers: str) -> Completion:
    """An upstream's reply."""
    told = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return Completion(status, told, upstream="a", first_byte_s=took_s, total_s=took_s)


def test_as_it_is() -> None:
    """The flagship, before the small one."""
    model, reason = chosen(routing(), asked())
    assert model == "big"
    assert "; next small: quality" in reason
    assert "without" not in reason


@pytest.mark.parametrize("memory", [{}, HERE])
def test_rate_limited(memory: dict[str, Any]) -> None:
    """A 429: left out for as long as it said, by session or without; then it is back."""
    policy = routing()
    shared = after(policy, "big", reply(429, retry_after="30"))
    model, reason = chosen(policy, asked(shared=shared, memory=memory))
    assert model == "small"
    assert "; without big: rate limited for 21 s" in reason
    assert chosen(policy, asked(shared=shared, memory=memory).but(now=1031.0))[0] == "big"


def test_a_limit_that_is_nearly_used_up() -> None:
    """No 429 needed: what the last good reply left is too little for this request."""
    policy = routing()
    left = {"x_ratelimit_remaining_tokens": "3", "x_ratelimit_reset_tokens": "45s"}
    shared = after(policy, "big", reply(200, 0.5, **left))
    model, reason = chosen(policy, asked(shared=shared))
    assert model == "small"
    assert "without big: rate limited: 3 tokens left" in reason


def test_failing() -> None:
    """Three failures: left out for some seconds. Afterwards tried again, and its failures count for a while."""
    policy = routing()
    shared = after(policy, "big", *[reply(500)] * 9)
    model, reason = chosen(policy, asked(shared=shared))
    assert model == "small"
    assert "without big: failed" in reason
    later = asked(shared=shared).but(now=1100.0)
    assert "big: quality" in chosen(policy, later)[1]
    assert "% failing" in chosen(policy, later)[1]
    assert chosen(policy, asked(shared=shared).but(now=9000.0))[0] == "big"


def test_removed() -> None:
    """The session's own model is no longer in the list."""
    model, reason = chosen(routing(), asked(memory=HERE, roster=roster(small=ROSTER.models["small"].card)))
    assert model == "small"
    assert reason.endswith("; big is no longer listed")


def test_slowed() -> None:
    """Two alike: once the first takes a minute, sessions leave it too; its wait stands in the reason."""
    policy = routing(quality=0.5)
    twins = roster(one=Card(price=Price(1, 1)), two=Card(price=Price(1, 1)))
    here = {"routing": {"model": "one", "topics": []}}
    calm = asked("auto", roster=twins, memory=here)
    assert chosen(policy, calm)[0] == "one"
    lesson = None
    for name, seconds in (("one", 60.0), ("two", 1.0)):
        heard = [policy.learn(asked(name, roster=twins, completion=reply(200, seconds))) for _ in range(3)]
        lesson = policy.fold(lesson, [each.tell for each in heard if each])
    model, reason = chosen(policy, calm.but(shared={"routing": lesson}, now=1100.0))
    assert model == "two"
    assert ", 1.0 s; next one:" in reason
    assert ", 60.0 s" in reason
    assert reason.endswith("; worth the switch from one")


def test_made_dear() -> None:
    """A price in the file that rises."""
    small = Card("A model of 8b.", price=Price(1, 1))
    policy = routing(quality=0.5)
    fair = roster(big=Card("A model of 70b.", price=Price(1, 1)), small=small)
    dear = roster(big=Card("A model of 70b.", price=Price(40, 40)), small=small)
    assert chosen(policy, asked("auto", roster=fair))[0] == "big"
    model, reason = chosen(policy, asked("auto", roster=dear, memory=HERE))
    assert model == "small"
    assert "; next big: quality" in reason
    assert reason.endswith("; worth the switch from big")


def test_upgraded_by_a_new_card() -> None:
    """The same name, a better model behind it."""
    policy = routing()
    other = Card("A model of 8b, released 2024-03.")
    before = roster(big=Card("A model of 70b, released 2024-03."), small=other)
    new = Card("The strongest model of 400b, released 2026-03.", skills=("code", "math"))
    after = roster(big=before.models["big"].card, small=new)
    assert chosen(policy, asked(roster=before))[0] == "big"
    model, reason = chosen(policy, asked(roster=after, memory=HERE))
    assert model == "small"
    assert reason.startswith("small of 2: quality 0.95 by its card")


def test_nobody_is_well() -> None:
    """One that is not well is better than no answer."""
    policy = routing()
    shared = after(policy, "big", *[reply(500)] * 4)
    shared = after(policy, "small", *[reply(429)] * 4, lesson=shared["routing"])
    assert chosen(policy, asked(shared=shared))[0] == "big"


def test_a_session_bound_to_its_model_stays() -> None:
    """What only this model can read is sent to it, well or not."""
    policy = routing()
    shared = after(policy, "big", *[reply(500)] * 4)
    said = exchange("auto", "/v1/responses", said={"input": "On.", "previous_response_id": "r1"})
    model, reason = chosen(policy, said.but(now=995.0, shared=shared, memory=HERE))
    assert model == "big"
    assert "big" in reason

"""Who is asked so as to be known better."""

import pytest

from policies.routing.choice import Candidate, Field, by_worth
from policies.routing.exploring import doubt, unknown
from policies.routing.policy import Routing
from policies.routing.wishes import Wishes
from proxy.exchange import Exchange, Request, Session
from proxy.reader import Reader
from proxy.roster import Card, Model, Roster
from proxy.wire.forms import Forms

TWINS = Roster({name: Model(name, "a", card=Card(text)) for name, text in (("one", "Of 8b."), ("two", "Of 8b."))})
BODY = b'{"model":"auto","messages":[{"role":"user","content":"Where is the gate?"}]}'
ASKED = Reader(Forms(0), most=1 << 20)(Request("POST", "/v1/chat/completions", body=BODY))


def field(*known: tuple[float, int]) -> Field:
    """Models of such qualities, resting on so many scores, in their order of worth."""
    there = [
        Candidate(Model(str(place), "a"), quality, scores, 0.0, 0.0) for place, (quality, scores) in enumerate(known)
    ]
    return Field(by_worth(there, 1.0), ())


def test_the_least_known_of_those_that_may_be_as_good() -> None:
    """One is as good as the best and known well, one nearly so and new, one is surely worse."""
    found = unknown(field((0.8, 200), (0.79, 200), (0.72, 0), (0.3, 0)), 1.0)
    assert found is not None
    assert found.model.name == "2"
    assert unknown(field((0.9, 500), (0.4, 500)), 1.0) is None
    assert unknown(field((0.9, 0)), 1.0) is None


def test_doubt_falls_with_scores_and_with_what_quality_counts() -> None:
    """A hundred scores halve it, and more."""
    (new, other), (known, too) = field((0.5, 0), (0.5, 0)).candidates, field((0.5, 100), (0.5, 100)).candidates
    assert doubt(new, other, 1.0) > 2 * doubt(known, too, 1.0)
    assert doubt(new, other, 0.5) == pytest.approx(0.5 * doubt(new, other, 1.0))


def chosen(policy: Routing, seed: int, memory: object = None) -> str:
    """Who is chosen, and why."""
    exchange = Exchange("e", ASKED, Session("s"), now=1.0, seed=seed, roster=TWINS, asked=ASKED)
    decision = policy.prepare(exchange.but(memory={"routing": memory} if memory else {}))
    assert decision is not None
    return f"{decision.model}: {decision.reason}"


def test_some_sessions_begin_with_somebody_else() -> None:
    """As many as are wished, told so; a session that has a model stays; without the wish nobody does."""
    found = [chosen(Routing(Wishes("on", 1.0, explore=0.2)), seed) for seed in range(400)]
    others = [each for each in found if each.startswith("two")]
    assert 50 < len(others) < 110
    assert all("asked to be known better, in place of one of 2" in each for each in others)
    memory = {"model": "one", "topics": []}
    assert all(chosen(Routing(Wishes("on", explore=0.2)), seed, memory).startswith("one") for seed in range(100))
    assert all(chosen(Routing(Wishes("on")), seed).startswith("one") for seed in range(100))


def test_nothing_is_explored_that_is_known() -> None:
    """Two hundred scores of each: the better one, always."""
    scores = [[name, [], score, 1.0] for name, score in (("one", 1.0), ("two", 0.0)) for _ in range(200)]
    lesson = Routing().fold(None, [{"scores": scores}])
    policy = Routing(Wishes("on", explore=0.2))
    for seed in range(50):
        exchange = Exchange("e", ASKED, Session("s"), now=1.0, seed=seed, roster=TWINS, asked=ASKED)
        decision = policy.prepare(exchange.but(shared={"routing": lesson}))
        assert decision is not None
        assert decision.model == "one"

"""Dialogues with the policy: real bodies in, decisions out."""

import json
from typing import Any

from policies.inner.headers import FEEDBACK
from policies.routing import Routing, Wishes
from proxy.exchange import Completion, Exchange, Request, Session, Usage
from proxy.reader import Reader
from proxy.roster import Card, Model, Price, Roster
from proxy.wire.forms import Forms

ROSTER = Roster(
    {
        "big": Model("big", "a", card=Card("The flagship, released 2025.", tools=True, price=Price(10, 30))),
        "small": Model("small", "a", card=Card("A small model of 3b.", tools=False, price=Price(0.1, 0.2))),
    }
)


def exchange(model: str, path: str = "/v1/chat/completions", *, score: str = "", **more: Any) -> Exchange:
    """A request as it comes in."""
    said = {"messages": [{"role": "user", "content": "Who was the first to fly?"}]}
    body = json.dumps({"model": model, "max_tokens": 9, **(more.pop("said", None) or said), **more}).encode()
    headers = ((FEEDBACK, score.encode()),) if score else ()
    request = Reader(Forms(0), most=1 << 20)(Request("POST", path, headers, body))
    return Exchange("e", request, Session("s"), roster=ROSTER, asked=request)


def routing(**wishes: Any) -> Routing:
    """The policy, switched on."""
    return Routing(Wishes(**{"mode": "on", **wishes}))


def model_for(policy: Routing, asked: Exchange) -> str:
    """Which model the request would go to; empty: as it came."""
    decision = policy.prepare(asked)
    return decision.model if decision else ""


def test_three_names_three_choices() -> None:
    """`auto/best` the best, `auto/cheap` the cheap; a model that the client names is its own."""
    assert model_for(routing(), exchange("auto/best")) == "big"
    assert model_for(routing(), exchange("auto/cheap")) == "small"
    assert model_for(routing(quality=0.99), exchange("auto")) == "big"
    assert model_for(routing(), exchange("big")) == ""


def test_the_reason_tells_quality_and_price() -> None:
    """One sentence, nothing of what the user said."""
    decision = routing().prepare(exchange("auto/best"))
    assert decision is not None
    assert decision.reason.startswith("big of 2: quality 0.")
    assert "by its card, about $" in decision.reason


def test_off_is_off_and_shadow_only_speaks() -> None:
    """Off: the names are nobody's. In shadow a named model stays, and it is said what would be taken."""
    assert Routing().models == ()
    assert Routing().prepare(exchange("auto")) is None
    assert Routing().answer(exchange("auto")) is None
    shadow = routing(mode="shadow", quality=1.0)
    decision = shadow.prepare(exchange("small"))
    assert decision is not None
    assert decision.reason.startswith("would take big")
    assert not decision.model
    assert shadow.prepare(exchange("big")) is None
    assert shadow.prepare(exchange("unlisted")) is None


def test_others_stand_behind_the_chosen_one() -> None:
    """By worth; none where only one can read what the session holds."""
    decision = routing().prepare(exchange("auto/best"))
    assert decision is not None
    assert (decision.model, decision.instead) == ("big", ("small",))
    said = {"input": "And then?", "previous_response_id": "resp_1"}
    bound = routing().prepare(exchange("auto/best", "/v1/responses", said=said))
    assert bound is not None
    assert bound.instead == ()


def test_a_session_stays_where_it_is() -> None:
    """A small gain is not worth a lost cache, a large one is; an exclusion ends it."""
    policy = routing(quality=0.75)
    assert model_for(policy, exchange("auto")) == "big"
    here = {"routing": {"model": "small", "topics": []}}
    assert model_for(policy, exchange("auto").but(memory=here)) == "small"
    assert model_for(policy, exchange("auto/best").but(memory=here)) == "big"
    tool = [{"type": "function", "function": {"name": "look"}}]
    assert model_for(policy, exchange("auto", tools=tool).but(memory=here)) == "big"


def test_nobody_fits() -> None:
    """A refusal in the shape of the API, naming what excluded each; so it is without any model."""
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    said = {"messages": [{"role": "user", "content": [image]}]}
    for path, shape in (("/v1/chat/completions", "error"), ("/v1/messages", "type")):
        asked = exchange("auto", path, said=said)
        assert routing().prepare(asked) is None
        decision = routing().answer(asked)
        assert decision is not None
        assert decision.answer is not None
        assert decision.answer.status == 400  # type: ignore[union-attr]
        document = json.loads(decision.answer.body)  # type: ignore[union-attr]
        assert shape in document
        assert "big: it does not take image; small: it does not take image" in document["error"]["message"]
    empty = routing().answer(exchange("auto").but(roster=Roster()))
    assert empty is not None
    assert b"OUTRIDER_MODELS lists no model" in empty.answer.body  # type: ignore[union-attr]


def test_a_score_is_of_the_reply_before() -> None:
    """The client scores with its next request; who gave that reply is remembered, and told."""
    policy = routing()
    first = exchange("auto/best")
    memory = heard(policy, first)[0]
    assert (memory["model"], memory["topics"]) == ("big", [])
    memory, told = heard(policy, exchange("auto/cheap", score="0.25").but(memory={"routing": memory}))
    assert told == {"scores": [["big", [], 0.25, 1.0]]}
    assert memory["model"] == "small"
    for strange in ("7", "well", "nan", "-1"):
        assert heard(policy, exchange("auto", score=strange).but(memory={"routing": memory}))[1] is None
    assert heard(policy, exchange("auto", score="1"))[1] is None


def test_signs_of_the_conversation_are_scores_that_count_little() -> None:
    """A retry and a correction are low ones, a turn that goes on a good one; a score that was sent takes their place;
    no session counts for more than a few; a reply that failed is asked again for that."""
    policy = routing()
    memory = heard(policy, ended(exchange("auto/best")))[0]
    here = {"routing": memory}
    again = ended(exchange("auto/best").but(memory=here, now=60.0))
    assert heard(policy, again)[1] == {"scores": [["big", [], 0.0, 0.3]]}
    question, answer = (
        {"role": "user", "content": "Who was the first to fly?"},
        {"role": "assistant", "content": "Bob."},
    )
    for text, score, weight in (("That's wrong.", 0.0, 0.3), ("And the second?", 1.0, 0.03)):
        said = {"messages": [question, answer, {"role": "user", "content": text}]}
        later = ended(exchange("auto/best", said=said).but(memory=here, now=60.0))
        assert heard(policy, later)[1] == {"scores": [["big", [], score, weight]]}
    sent = ended(exchange("auto/best", score="1").but(memory=here, now=60.0))
    assert heard(policy, sent)[1] == {"scores": [["big", [], 1.0, 1.0]]}
    tired = {"routing": {**memory, "poor": 5}}
    assert heard(policy, again.but(memory=tired))[1] is None
    failed = heard(policy, ended(exchange("auto/best"), status=500))[0]
    assert heard(policy, again.but(memory={"routing": failed}))[1] is None


def test_the_length_of_a_reply_is_told_whoever_named_the_model() -> None:
    """Of `auto` and of a model of the roster that the client named; not of one that is not listed."""
    counted = Completion(200, usage=Usage(40, 700))
    _, told = heard(routing(), exchange("auto/best").but(completion=counted))
    assert told == {"tokens": [["big", [], 700.0, 1.0]]}
    learned = routing().learn(exchange("small").but(completion=counted))
    assert learned is not None
    assert learned.tell == {"tokens": [["small", [], 700.0, 1.0]]}
    assert routing().learn(exchange("unlisted").but(completion=counted)) is None


def ended(asked: Exchange, status: int = 200) -> Exchange:
    """The same, answered by nobody in particular."""
    return asked.but(completion=Completion(status))


def heard(policy: Routing, asked: Exchange) -> tuple[Any, Any]:
    """What is remembered and told after an exchange was prepared and answered."""
    prepared = policy.prepare(asked)
    assert prepared is not None
    request: Request = asked.request.but(model=prepared.model)
    after = asked.but(request=request, memory={**asked.memory, "routing": prepared.memory})
    learned = policy.learn(after)
    assert learned is not None
    return learned.memory, learned.tell

"""The policy, on whole exchanges: what it says, remembers, tells and counts."""

import json
from collections.abc import Iterator, Mapping
from time import process_time
from typing import Any

from policies.prefetch import Prefetch, Wishes
from proxy.exchange import Completion, Exchange, Request, Session
from proxy.figures import summed
from proxy.policy import Decision
from proxy.wire.forms import Forms
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, visit

PATH = "/v1/chat/completions"
FORM = Forms().of("POST", PATH)
TOOLS = [{"type": "function", "function": {"name": name}} for name in (*sorted(READS), "cancel_order")]


def exchange(items: list[Any], reply: Any, **changes: Any) -> Exchange:
    """A request with these messages, and its answer."""
    body = json.dumps({"model": "gpt-4o", "messages": items, "tools": changes.pop("tools", TOOLS)}).encode()
    read = FORM.read(body)
    headers = ((b"x-outrider-policies", changes.pop("header").encode()),) if "header" in changes else ()
    request = Request(
        "POST", PATH, headers, body, form="chat", model=read.model, conversation=read.conversation, caller="me"
    )
    answer = json.dumps({"choices": [{"message": reply, "finish_reason": "stop"}]}).encode()
    completion = Completion(200, body=answer, turns=FORM.fold(answer, events=False).turns)
    found = Exchange("x", request, Session("s", "clerk"), completion=completion, asked=request)
    return found.but(**changes)


class Rider:
    """Rides with the policy as the road would: memory, lessons, figures."""

    def __init__(self, policy: Prefetch | None = None) -> None:
        self.policy = policy or Prefetch(Wishes(may=READS.__contains__))
        self.lesson: Any = None
        self.figures: Mapping[str, float] = {}
        self.told: list[Any] = []

    def ride(self, number: int, orders: int = 2, **changes: Any) -> Iterator[Decision | None]:
        """A customer; each decision goes through JSON."""
        memory: dict[str, Any] = {}
        history = messages(visit(number, orders))
        for place, message in enumerate(history):
            if message["role"] != "assistant":
                continue
            shared = {"prefetch": self.lesson}
            decision = self.policy.learn(exchange(history[:place], message, memory=memory, shared=shared, **changes))
            yield decision
            if decision is None:
                continue
            memory = {"prefetch": json.loads(json.dumps(decision.memory))}
            self.told.append(json.loads(json.dumps(decision.tell)))
            self.figures = summed(self.figures, decision.figures)

    def taught(self, visits: int) -> "Rider":
        """After so many customers; the lesson is folded after each."""
        for number in range(visits):
            list(self.ride(number, 1 + number % 3))
            self.lesson = json.loads(json.dumps(self.policy.fold(self.lesson, self.told)))
            self.told.clear()
        self.figures = {}
        return self


def test_an_agent_is_foretold_after_some_customers() -> None:
    """Its reads would mostly have been served, and it is counted so."""
    rider = Rider().taught(12)
    decisions = list(rider.ride(40, 3))
    assert all(decision is not None and decision.quiet and decision.request is None for decision in decisions)
    assert rider.figures["reads"] == 5
    assert rider.figures["would_serve"] >= 3
    assert rider.figures["would_launch"] <= 8
    assert rider.figures["right_call"] >= 3
    assert rider.figures["call_steps"] == 6


def test_nothing_is_foretold_at_first() -> None:
    """But everything is counted."""
    rider = Rider()
    list(rider.ride(1, 3))
    assert rider.figures.get("would_serve", 0) == rider.figures.get("right_call", 0) == 0
    assert rider.figures["reads"] == 5


def test_the_session_is_remembered_and_not_read_again() -> None:
    """With what is remembered, and with nothing, it shows the same."""
    rider = Rider().taught(3)
    history = messages(visit(40, 3))
    memory: dict[str, Any] = {}
    for place, message in enumerate(history):
        if message["role"] != "assistant":
            continue
        shared = {"prefetch": rider.lesson}
        kept = rider.policy.learn(exchange(history[:place], message, memory=memory, shared=shared))
        anew = rider.policy.learn(exchange(history[:place], message, shared=shared))
        assert kept is not None
        assert anew is not None
        assert kept.memory["watch"]["state"]["sources"] == anew.memory["watch"]["state"]["sources"]
        memory = {"prefetch": kept.memory}


def test_whatever_is_no_foretellable_step_is_left_alone() -> None:
    """Switched off, without tools, unread, failed, cut off."""
    rider, (user, reply) = Rider(), messages(visit(1))[1:3]
    items = [user]
    ask = rider.policy.learn
    assert ask(exchange(items, reply)) is not None
    assert ask(exchange(items, reply, header="prefetch=off")) is None
    assert ask(exchange(items, reply, tools=[])) is None
    whole = exchange(items, reply)
    assert whole.completion is not None
    for completion in (None, whole.completion._replace(status=500), whole.completion._replace(whole=False, turns=())):
        assert ask(whole.but(completion=completion)) is None
    assert Prefetch(Wishes(mode="off")).learn(whole) is None
    assert (
        ask(whole.but(asked=whole.request.but(conversation=None), request=whole.request.but(conversation=None))) is None
    )


def test_a_client_that_goes_back_is_another_history() -> None:
    """It is read again, and nothing of the abandoned way stays."""
    rider, history = Rider(), messages(visit(40, 3))
    place = next(place for place, message in enumerate(history) if message["role"] == "assistant" and place > 6)
    first = rider.policy.learn(exchange(history[:place], history[place]))
    assert first is not None
    other = messages(visit(41, 3))
    second = rider.policy.learn(exchange(other[:4], other[4], memory={"prefetch": first.memory}))
    assert second is not None
    assert "#W400777" not in json.dumps(second.memory)


def test_200_turns_cost_what_10_cost() -> None:
    """Memory and processor time of a step stay bounded."""
    rider = Rider().taught(3)
    memory: dict[str, Any] = {}
    history: list[Any] = []
    costs, sizes = [], []
    for number in range(40):
        for message in messages(visit(number, 2))[1:]:
            if message["role"] == "assistant":
                asked = exchange(history, message, memory=memory, shared={"prefetch": rider.lesson})
                began = process_time()
                decision = rider.policy.learn(asked)
                costs.append(process_time() - began)
                assert decision is not None
                memory = {"prefetch": decision.memory}
                sizes.append(len(json.dumps(decision.memory)))
            history.append(message)
    assert len(history) > 400
    assert max(sizes) < 300_000
    assert sorted(costs[-50:])[25] < 10 * sorted(costs[:50])[25]

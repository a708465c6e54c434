"""The policy, on whole exchanges: what it says, remembers, tells and counts."""

import json
from collections.abc import Iterator, Mapping
from time import process_time
from typing import Any

from policies.prefetch import Prefetch, Wishes
from policies.prefetch.gate import Gate
from proxy.exchange import Completion, Exchange, Request, Session
from proxy.figures import summed
from proxy.policy import Decision, Together, Tool, Work
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


def wished(decision: Decision | None) -> list[str]:
    """The calls that a decision's errand has made ahead, in their order."""
    plan, found = decision.errand if decision else None, list[str]()
    answer: Any = None
    while plan is not None:
        try:
            wish = plan.send(answer)
        except StopIteration as stop:
            assert stop.value is None  # noqa: PT017 (how a plan ends)
            break
        answer = wish.function(*wish.arguments) if isinstance(wish, Work) else ()
        if isinstance(wish, Together):
            found += [f"{each.name}{json.dumps(each.arguments)}" for each in wish.wishes if isinstance(each, Tool)]
    return found


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

    def launches(self, number: int, orders: int = 2, **changes: Any) -> Iterator[tuple[list[str], list[str], Any]]:
        """A customer, a minute apart: what is called ahead before and after each reply, and the reply."""
        memory: dict[str, Any] = {}
        history = messages(visit(number, orders))
        for place, message in enumerate(history):
            if message["role"] != "assistant":
                continue
            asked = exchange(history[:place], message, memory=memory, shared={"prefetch": self.lesson}, **changes)
            told = json.dumps(asked.memory)
            before = self.policy.meanwhile(asked.but(completion=None))
            after = self.policy.learn(asked)
            assert after is not None
            assert json.dumps(asked.memory) == told
            memory = {"prefetch": json.loads(json.dumps(after.memory))}
            yield wished(before), wished(after), message

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


def riding(*windows: str, **given: Any) -> Rider:
    """A rider whose calls ahead are made, taught."""
    wishes = Wishes("on", may=READS.__contains__, windows=windows, **given)
    rider = Rider().taught(20)
    rider.policy = Prefetch(wishes)
    return rider


def made(message: Any) -> list[str]:
    """The calls of a reply, as `wished` spells them."""
    functions = [each["function"] for each in message.get("tool_calls") or ()]
    return [f"{each['name']}{json.dumps(json.loads(each['arguments']))}" for each in functions]


def test_what_will_probably_be_called_is_called_while_the_model_thinks() -> None:
    """Reads only, each once; most of what the agent reads is among them before it asks."""
    launched: list[str] = []
    hits = reads = 0
    for before, after, message in riding("thinking").launches(40, 3):
        assert after == []
        assert not set(before) & set(launched)
        launched += before
        mine = [call for call in made(message) if not call.startswith("cancel")]
        hits += len(set(mine) & set(launched))
        reads += len(mine)
    assert (reads, hits >= 4, len(launched) <= 8) == (5, True, True)


def test_the_accounts_are_those_of_what_was_launched() -> None:
    """`learn` makes the forecast of `meanwhile` again, from the same, and counts what that one launched."""
    rider = riding("thinking")
    memory: dict[str, Any] = {}
    history = messages(visit(40, 3))
    for place, message in enumerate(history):
        if message["role"] != "assistant":
            continue
        asked = exchange(history[:place], message, memory=memory, shared={"prefetch": rider.lesson})
        launched = wished(rider.policy.meanwhile(asked.but(completion=None)))
        kept = rider.policy.learn(asked)
        assert kept is not None
        assert kept.figures.get("would_launch", 0) == len(launched)
        memory = {"prefetch": kept.memory}


def test_nothing_is_launched_where_nobody_said_so() -> None:
    """In shadow, without windows, by a request that opts out, or by one that says `on` where the house does not."""
    for rider in (Rider().taught(3), riding()):
        assert not any(before or after for before, after, _ in rider.launches(40, 2))
    assert not any(before or after for before, after, _ in riding("thinking").launches(40, 2, header="prefetch=shadow"))
    shy = riding("thinking", "typing")
    shy.policy = Prefetch(Wishes("shadow", may=READS.__contains__, windows=("thinking", "typing")))
    assert not any(before or after for before, after, _ in shy.launches(40, 2, header="prefetch=on"))


def test_what_the_user_is_waited_for_with_may_be_fetched_again() -> None:
    """A result lives some seconds: after a user who took longer, what was not used is launched anew if it is likely,
    while steps that follow each other launch nothing twice."""
    rider = riding("thinking", ttl_s=10.0)
    history = messages(visit(40, 3))[:2]
    ask = exchange(history, messages(visit(40, 3))[2], shared={"prefetch": rider.lesson}, now=100.0)
    first = wished(rider.policy.meanwhile(ask))
    assert first
    reply = {"role": "assistant", "content": "One moment please."}
    kept = rider.policy.learn(exchange(history, reply, shared={"prefetch": rider.lesson}, now=100.0))
    assert kept is not None
    assert kept.errand is None
    later = [*history, reply, {"role": "user", "content": history[-1]["content"]}]
    for seconds, again in ((5.0, []), (60.0, first)):
        asked = exchange(
            later, reply, shared={"prefetch": rider.lesson}, memory={"prefetch": kept.memory}, now=100.0 + seconds
        )
        assert wished(rider.policy.meanwhile(asked)) == again


def test_while_the_user_types() -> None:
    """After a reply without calls, what is likely whatever will be said; and the next step does not launch it again."""
    rider = riding("thinking", "typing", typing=Gate(cost=0.02))
    history = messages(visit(40, 3))[:2]
    reply = {"role": "assistant", "content": "One moment please."}
    rider.policy = Prefetch(rider.policy._wishes._replace(windows=("typing",)))
    asked = exchange(history, reply, shared={"prefetch": rider.lesson}, now=100.0)
    assert rider.policy.meanwhile(asked) is None
    kept = rider.policy.learn(asked)
    assert kept is not None
    launched = wished(kept)
    assert launched
    assert kept.figures["launched_typing"] == len(launched)
    rider.policy = Prefetch(rider.policy._wishes._replace(windows=("thinking", "typing")))
    later = [*history, reply, {"role": "user", "content": "Well?"}]
    soon = exchange(later, reply, shared={"prefetch": rider.lesson}, memory={"prefetch": kept.memory}, now=102.0)
    assert not set(wished(rider.policy.meanwhile(soon))) & set(launched)

"""The policy that has the next request sent early."""

import json
from typing import Any

from policies.prefetch import Early, Wishes
from policies.prefetch.early import DAY_S, MOST_OF_SESSION
from policies.prefetch.subject import agent_of
from proxy.exchange import Completion, Exchange
from proxy.policy import Decision, Failure, Got, Result, Together, Work
from proxy.policy import Early as Wish
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, visit
from tests.policies.prefetch.test_prefetch import exchange

ITEMS = messages(visit(3, 3))
PLACES = [place for place, item in enumerate(ITEMS) if item["role"] == "assistant"]
WISHES = Wishes("on", may=READS.__contains__, next=True)
STEP_S = 3.0


def step(number: int, **changes: Any) -> Exchange:
    """The model's so-manieth message, three seconds after the one before; each costs a tenth of a cent."""
    place = PLACES[number]
    asked = exchange(ITEMS[:place], ITEMS[place], now=1000.0 + STEP_S * number, id=f"x{number}", **changes)
    assert asked.completion is not None
    return asked.but(completion=asked.completion._replace(cost=0.001, total_s=1.0))


class Rider:
    """Rides with the policy as the road would: errands, memory, lessons."""

    def __init__(self, wishes: Wishes = WISHES, outcome: Any = 1.5) -> None:
        self.policy, self.outcome = Early(wishes), outcome
        self.memory: dict[str, Any] = {}
        self.lesson: Any = None
        self.sent: list[Any] = []
        self.figures: dict[str, float] = {}
        self.there = True

    def ride(self, asked: Exchange) -> Decision | None:
        """One exchange to its end."""
        asked = asked.but(memory={"early": self.memory}, shared={"early": self.lesson})
        decision = self.policy.learn(asked)
        if decision is None:
            return None
        last: Decision = self._run(decision, asked)(json.loads(json.dumps(self.memory)))
        self.memory = json.loads(json.dumps(last.memory)) if last.memory is not None else self.memory
        self.lesson = json.loads(json.dumps(self.policy.fold(self.lesson, json.loads(json.dumps([last.tell])))))
        for name, number in last.figures.items():
            self.figures[name] = self.figures.get(name, 0.0) + number
        return last

    def _run(self, decision: Decision, asked: Exchange) -> Any:
        answer: Any = None
        assert decision.errand is not None
        while True:
            try:
                wish = decision.errand.send(answer)
            except StopIteration as stop:
                return stop.value
            if isinstance(wish, Work):
                answer = wish.function(*wish.arguments)
            elif isinstance(wish, Together):
                answer = tuple(self._result(each, asked) for each in wish.wishes)
            elif isinstance(wish, Wish):
                self.sent.append(json.loads(wish.request.body))
                answer = self.outcome

    def _result(self, wish: Any, asked: Exchange) -> Any:
        assert isinstance(wish, Result)
        place = len(asked.request.conversation.turns) if asked.request.conversation else 0
        text = ITEMS[place + 1]["content"]
        return Got({"content": [{"type": "text", "text": text}]}, 0.5) if self.there else Failure("no such tool")


def test_the_next_request_is_sent_once_the_client_is_known() -> None:
    """It is what the client will ask, to the last field; and it is counted what that brings."""
    rider = Rider()
    for number in range(5):
        rider.ride(step(number))
    assert len(rider.sent) >= 3
    for sent in rider.sent:
        place = len(sent["messages"])
        assert sent["messages"] == ITEMS[:place]
        assert sent.keys() == {"model", "messages", "tools"}
    assert rider.figures["equal"] == rider.figures["expected"] >= 3
    assert rider.figures["used"] == rider.figures["sent"] == len(rider.sent)
    assert rider.figures["saved_s"] == 1.5 * len(rider.sent)
    assert rider.memory["ways"] == ["as it came", "joined"]


def test_nothing_of_the_conversation_is_kept() -> None:
    """Hashes only."""
    rider = Rider()
    for number in range(4):
        rider.ride(step(number))
    told = json.dumps([rider.memory, rider.lesson])
    assert not any(word in told for word in ("liam", "W3", "pending", "find_user"))


def test_what_was_sent_in_vain_is_told() -> None:
    """As it was charged; what is not known is taken for the usual. A day has its budget."""
    for cost, wasted in ((0.0005, 0.0005), (None, 0.001)):
        rider = Rider(outcome=Failure("another request came", Completion(200, cost=cost, whole=False)))
        for number in range(3):
            rider.ride(step(number))
        assert (rider.figures["sent"], rider.figures["wasted"], rider.figures["wasted_usd"]) == (1, 1, wasted)
        assert rider.lesson["spent"] == [1000 // DAY_S, wasted]
    rider = Rider(WISHES._replace(usd_a_day=0.0))
    for number in range(5):
        rider.ride(step(number))
    assert rider.sent == []


def test_a_client_that_writes_otherwise_each_time_is_left_alone() -> None:
    """What is expected of it hardly ever comes."""
    rider = Rider()
    for number in range(5):
        asked = step(number)
        body = json.loads(asked.request.body) | {"seed": number}
        rider.ride(asked.but(asked=asked.request.but(body=json.dumps(body).encode())))
    assert rider.sent == []


def test_where_a_result_is_not_known_nothing_is_expected() -> None:
    """Tools that do not go through the gateway."""
    rider = Rider()
    rider.there = False
    for number in range(4):
        rider.ride(step(number))
    assert (rider.sent, rider.memory["guess"], rider.memory["ways"]) == ([], [], [])


def test_a_result_that_came_too_late_judges_nothing() -> None:
    """A later request has been judged before."""
    rider = Rider()
    for number in (0, 1, 2):
        rider.ride(step(number))
    kept = json.loads(json.dumps(rider.memory))
    last = rider.ride(step(1))
    assert last is not None
    assert (last.reason, last.memory, rider.memory) == ("too late", None, kept)


def test_who_is_left_alone() -> None:
    """Off, other forms, requests that are to be done once, answers that are none; in shadow nothing is sent."""
    asked = step(1)
    assert Early(Wishes("on")).learn(asked) is None
    assert Early(WISHES._replace(mode="off")).learn(asked) is None
    for request in (
        asked.request.but(form="responses"),
        asked.request.but(headers=((b"idempotency-key", b"1"),)),
        asked.request.but(headers=((b"content-encoding", b"gzip"),)),
    ):
        assert Early(WISHES).learn(asked.but(request=request, asked=request)) is None
    assert Early(WISHES).learn(asked.but(completion=None)) is None
    shy = Rider(WISHES._replace(mode="shadow"))
    for number in range(5):
        shy.ride(step(number))
    assert shy.sent == []
    assert shy.figures["equal"] >= 3
    busy = Rider()
    busy.memory = {"sent": MOST_OF_SESSION}
    for number in range(5):
        busy.ride(step(number))
    assert busy.sent == []


def test_agents_heard_of_long_ago_are_forgotten() -> None:
    """The lesson is small."""
    lesson: Any = None
    for number in range(300):
        lesson = Early(WISHES).fold(lesson, [[f"agent {number}", {"usd": 0.1}]])
    assert len(lesson["agents"]) == 256
    assert agent_of(step(0)).key not in lesson["agents"]

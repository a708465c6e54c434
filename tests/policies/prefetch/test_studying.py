"""A session that is kept, and in its turn has programs written."""

import json
from typing import Any

from policies.prefetch import Prefetch, Wishes
from policies.prefetch.authors import FIRST, Author
from policies.prefetch.lesson import beliefs
from policies.prefetch.studies import author, history
from proxy.conversation import Turn
from proxy.exchange import Completion
from proxy.policy import Call, Decision, Work
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, visit
from tests.policies.prefetch.test_lesson import SHOP
from tests.policies.prefetch.test_prefetch import exchange
from tests.policies.prefetch.test_written import GOOD

AGENT = SHOP._replace(caller="me")


class House:
    """Rides with the policy as the road would, its errands too; a lesson is folded after each step."""

    def __init__(self, answer: str = GOOD) -> None:
        self.policy = Prefetch(Wishes(may=READS.__contains__, writer="writer"))
        self.lesson: Any = None
        self.answer = answer
        self.asked = 0
        self.figures: dict[str, float] = {}

    def run(self, decision: Decision, memory: Any) -> Decision | None:
        """The errand's last word."""
        answer: Any = None
        while decision.errand is not None:
            try:
                wish = decision.errand.send(answer)
            except StopIteration as stop:
                return stop.value(memory) if stop.value else None
            answer = wish.function(*wish.arguments) if isinstance(wish, Work) else ()
            if isinstance(wish, Call):
                self.asked += 1
                answer = Completion(200, turns=(Turn("assistant", self.answer),), cost=0.5)
        return None

    def fold(self, *told: Any) -> None:
        """As the road folds."""
        self.lesson = json.loads(json.dumps(self.policy.fold(self.lesson, json.loads(json.dumps(told)))))

    def ride(self, number: int) -> None:
        """A customer."""
        items, memory = messages(visit(number, 1 + number % 3)), dict[str, Any]()
        for place, message in enumerate(items):
            if message["role"] != "assistant":
                continue
            shared = {"prefetch": self.lesson}
            step = exchange(items[:place], message, memory=memory, shared=shared, now=100.0 * number + place)
            step = step.but(session=step.session._replace(id=f"s{number}"))
            decision = self.policy.learn(step)
            assert decision is not None
            memory = {"prefetch": json.loads(json.dumps(decision.memory))}
            self.fold(decision.tell)
            last = self.run(decision, memory["prefetch"])
            if last and last.tell:
                self.fold(last.tell)
            self.figures |= last.figures if last else {}


def test_after_ten_sessions_a_model_is_asked_once() -> None:
    """Its programs join, their cost is counted, and nobody asks again."""
    house = House()
    for number in range(FIRST - 1):
        house.ride(number)
    assert house.asked == 0
    for number in range(FIRST - 1, FIRST + 2):
        house.ride(number)
    assert house.asked == 1
    assert house.figures["programs_usd"] == 0.5
    (clerk,) = beliefs(house.lesson, "clerk")
    (mine,) = [each for each in clerk["programs"] if each["origin"] == "writer"]
    assert mine["right"] > 0.7
    assert len(history(house.lesson, AGENT.key)) == 8


def test_a_turn_is_used_once() -> None:
    """Also while the lesson does not know yet that it was."""
    house = House("I cannot do that.")
    for number in range(FIRST - 1):
        house.ride(number)
    stands = author(house.lesson, AGENT.key).ended("s49").heard("s50", 5_000.0)
    house.lesson["studies"][AGENT.key]["author"] = list(stands)
    stale = json.loads(json.dumps(house.lesson))
    items, memory, asked = messages(visit(50)), dict[str, Any](), 0
    for place, message in enumerate(items):
        if message["role"] != "assistant":
            continue
        step = exchange(items[:place], message, memory=memory, shared={"prefetch": stale}, now=5_001.0)
        decision = house.policy.learn(step.but(session=step.session._replace(id="s50")))
        assert decision is not None
        memory = {"prefetch": json.loads(json.dumps(decision.memory))}
        asked += "asked" in decision.tell[3]
        last = house.run(decision, memory["prefetch"])
        assert last is None or last.memory is None
    assert (asked, house.asked) == (1, 2)  # the second call tells the fault


def test_without_a_model_nothing_is_added() -> None:
    """Neither to what is remembered nor to what is told."""
    items = messages(visit(1))
    plain = Prefetch(Wishes(may=READS.__contains__)).learn(exchange(items[:2], items[2]))
    assert plain is not None
    assert (len(plain.tell), plain.memory.keys() & {"turn"}, plain.errand) == (3, set(), None)
    assert Author() == author(None, "x")

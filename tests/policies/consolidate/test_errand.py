"""The errand, played without a server: asked once for an event, judged, and put into the memory that is there."""

from typing import Any

import orjson
import pytest

from policies.consolidate import Consolidate, Wishes
from policies.consolidate.ledger import recall
from policies.consolidate.prepared import Ahead, ahead
from policies.consolidate.standing import bill
from policies.consolidate.tariff import Rates
from proxy.conversation import Turn
from proxy.exchange import Completion, Exchange, Request
from proxy.policy import Call, Decision, Failure, Work
from tests.policies.consolidate.talk import READ, asked, call, exchange, items_of, said, user

STATE = (
    "The user looks for a flat in Lyon. Every page showed one at 12 Rue Clerc for 900 euros, free from 2024-05-20. "
    "Nothing is booked. Open: the remaining pages, then a decision between what was seen."
)
RATES = Rates(2e-6, 1e-6, 2e-6, 8e-6)
ON = Wishes("on", above=900, to=300, state="model", rates=lambda _model: RATES)
ANSWER = Completion(200, turns=(Turn("assistant", STATE),), finish="stop", cost=0.25)


def stored(memory: Any) -> Any:
    """A memory as the store gives it back."""
    return orjson.loads(orjson.dumps(memory))


class Session:
    """A session before the policy; its errands wait until they are run."""

    def __init__(self, wishes: Wishes = ON, form: str = "chat") -> None:
        self.policy = Consolidate(wishes)
        self.form = form
        self.items: list[dict[str, Any]] = [user("Find me a flat in Lyon.")]
        self.memory: Any = None
        self.number = 0
        self.errands: list[Any] = []

    def look(self, times: int = 3) -> None:
        number = len(self.items)
        words = "flat at 12 Rue Clerc, 900 euros, free from 2024-05-20; " * times
        self.items += call(self.form, f"call_{number}", "search", {"page": number}, f"{number}: {words}")
        self.items += [said(f"Page {number} has one flat."), user("Go on, please.")]

    def prepared(self) -> Exchange:
        """The next request on its way."""
        self.number += 1
        one = exchange(asked(self.form, self.items), self.memory, id=f"e{self.number}", now=1000.0 + 10 * self.number)
        decision = self.policy.prepare(one)
        if decision and decision.request:
            one = one.but(request=READ(decision.request))
        memory = decision.memory if decision and decision.memory else self.memory
        reply = Completion(200, turns=(Turn("assistant", "Yes."),))
        return one.but(memory={"consolidate": stored(memory)}, completion=reply)

    def learn(self, one: Exchange) -> None:
        learned = self.policy.learn(one)
        if learned is None:
            return
        self.memory = stored(learned.memory)
        if learned.errand:
            self.errands.append(learned.errand)

    def send(self) -> Request:
        one = self.prepared()
        self.learn(one)
        return one.request

    def run(self, answer: Any = ANSWER) -> Decision:
        """Runs the oldest errand to its end, and takes what it says."""
        decision: Decision = self.played(answer)(self.memory)
        self.memory = stored(decision.memory)
        return decision

    def played(self, answer: Any = ANSWER) -> Any:
        """What the oldest errand comes to."""
        plan, sent = self.errands.pop(0), None
        while True:
            try:
                wish = plan.send(sent)
            except StopIteration as stop:
                return stop.value
            assert isinstance(wish, Work | Call)
            sent = wish.function(*wish.arguments) if isinstance(wish, Work) else answer

    @property
    def ahead(self) -> Ahead:
        return ahead(recall(self.memory).maker)

    def until_asked(self) -> None:
        while not self.errands:
            self.look()
            self.send()

    def until_event(self) -> Request:
        before = recall(self.memory).branches[0].start
        while recall(self.memory).branches[0].start == before:
            self.look()
            sent = self.send()
        return sent


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_a_state_made_ahead_is_used_at_the_event(form: str) -> None:
    """And from then on byte for byte; what came after it was asked for stays as it is."""
    session = Session(form=form)
    session.until_asked()
    assert session.run().figures["states"] == 1
    sent = session.until_event()
    [state] = [item for item in items_of(sent) if STATE in str(item.get("content"))]
    session.look()
    again = session.send()
    assert items_of(again)[: len(items_of(sent))] == items_of(sent)
    assert state in items_of(again)
    assert session.ahead == Ahead()


def test_one_at_a_time_and_one_for_an_event() -> None:
    """While a model writes no other is asked, nor is one again after a refusal; a process that died is not waited
    for longer than ten minutes, and then the event has gone by."""
    session = Session()
    session.until_asked()
    session.until_event()
    assert len(session.errands) == 1
    session.run(Failure("status 500", Completion(500)))
    session.until_asked()
    session.run(Failure("status 500", Completion(500)))
    assert session.ahead.why == "the call failed with status 500"
    session.look()
    session.send()
    assert not session.errands


def test_a_state_that_comes_after_its_event_is_paid_and_thrown_away() -> None:
    """The extract stood in; what was sent is sent again."""
    session = Session()
    session.until_asked()
    sent = session.until_event()
    session.run()
    assert bill(recall(session.memory).purse["bill"]).maker == 0.25
    session.look()
    assert items_of(session.send())[: len(items_of(sent))] == items_of(sent)


def test_a_state_that_comes_while_its_event_is_under_way_is_not_taken_for_what_was_sent() -> None:
    """The extract went to the provider; then the errand wrote, so that learning is asked again with the state there."""
    session = Session()
    session.until_asked()
    while True:
        session.look()
        one = session.prepared()
        if recall(one.memory["consolidate"]).branches[0].start:
            break
        session.learn(one)
    session.run()
    assert session.ahead.checkpoint is not None
    session.learn(one.but(memory={"consolidate": session.memory}))
    [branch, *_] = recall(session.memory).branches
    assert branch.checkpoint is not None
    assert STATE not in branch.checkpoint.text
    assert branch.checkpoint.text in [item["content"] for item in items_of(one.request)]


def test_what_the_model_costs_is_on_the_bill_at_once() -> None:
    """As charged; by the tariff where no price is known; though the state was refused."""
    session = Session()
    session.until_asked()
    before = bill(recall(session.memory).purse["bill"])
    decision = session.run(ANSWER._replace(finish="length"))
    after = bill(recall(session.memory).purse["bill"])
    assert (after.maker, after.ours) == (0.25, before.ours + 0.25)
    assert decision.figures == {"states_refused": 1.0, "maker_usd": 0.25}
    assert session.ahead.why == "the answer was cut off"


def test_it_is_not_asked_where_it_would_not_pay() -> None:
    """Without marks of the user's the arithmetic decides, with the model's price in it; the extract goes on."""
    asks = []
    for rates in (RATES, RATES._replace(output=8e-3)):
        prices = {"gpt-4o": rates}
        session = Session(ON._replace(above=0, to=0, window=lambda _: 40_000, rates=prices.get))
        for _ in range(60):
            session.look(60)
            session.send()
        assert recall(session.memory).purse["events"] > 0
        asks.append(bool(session.errands))
    assert asks == [True, False]


def test_in_shadow_none_is_asked_and_its_cost_is_estimated() -> None:
    """The same event, with the price of a model on the bill."""
    session = Session(ON._replace(mode="shadow"))
    for _ in range(20):
        session.look()
        session.send()
    assert recall(session.memory).purse["events"] > 0
    assert not session.errands
    assert bill(recall(session.memory).purse["bill"]).maker > 0


def test_a_session_that_the_store_has_lost_is_not_made_anew() -> None:
    """There is nothing to add to."""
    session = Session()
    session.until_asked()
    assert session.played()(None) is None

"""The policy that asks a fast model what the slow one will call."""

import json
from typing import Any

import pytest

from policies.prefetch import Draft, Wishes
from policies.prefetch.agreement import TRIED, Agreement
from policies.prefetch.draft import DAY_S, MOST_OF_SESSION
from policies.prefetch.subject import agent_of
from proxy.conversation import ToolCall, Turn
from proxy.exchange import Completion, Exchange
from proxy.policy import Decision, Failure, Together, Tool, Work
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, visit
from tests.policies.prefetch.test_prefetch import exchange

ITEMS = messages(visit(3))
WISHES = Wishes("on", may=READS.__contains__, windows=("thinking",), drafter="fast")


def step(place: int = 2, **changes: Any) -> Exchange:
    """The model's message at this place, about to be said."""
    return exchange(ITEMS[:place], ITEMS[place], now=1000.0, **changes)


def says(*calls: tuple[str, str], text: str = "", seconds: float = 0.2) -> Completion:
    """A draft."""
    made = tuple(ToolCall(f"d{place}", name, arguments) for place, (name, arguments) in enumerate(calls))
    return Completion(200, turns=(Turn("assistant", text, made),), cost=0.001, total_s=seconds)


FIND = ("find_user", json.dumps(json.loads(ITEMS[2]["tool_calls"][0]["function"]["arguments"])))


def run(decision: Decision, draft: Completion | Failure) -> tuple[Any, list[str]]:
    """The errand's last word, and what it had called."""
    called: list[str] = []
    answer: Any = None
    assert decision.errand is not None
    while True:
        try:
            wish = decision.errand.send(answer)
        except StopIteration as stop:
            return stop.value, called
        answer = wish.function(*wish.arguments) if isinstance(wish, Work) else draft
        if isinstance(wish, Together):
            answer = ({"content": []}, Failure("refused"))[: len(wish.wishes)]
            called += [each.name for each in wish.wishes if isinstance(each, Tool) and each.window == "draft"]


def taught(policy: Draft, asked: Exchange, draft: Completion | Failure) -> tuple[Any, Decision, list[str]]:
    """One step: what is told, the last word, what was called."""
    before = policy.meanwhile(asked.but(completion=None))
    assert before is not None
    after = policy.learn(asked)
    assert after is not None
    then, called = run(before, draft)
    last = then(json.loads(json.dumps(after.memory)))
    return json.loads(json.dumps([after.tell, last.tell])), last, called


def test_what_a_draft_calls_is_called_and_scored() -> None:
    """Reads of the list only; what is right is told, with what it cost; a call that was refused is none."""
    draft = says(FIND, ("cancel_order", '{"order_id": "1"}'), ("get_user", '{"user_id": "x"}'))
    _, last, called = taught(Draft(WISHES), step(), draft)
    assert called == ["find_user", "get_user"]
    assert last.figures == {"asked": 1, "calls": 3, "launched": 1, "right": 1, "usd": 0.001}
    assert not last.quiet


@pytest.mark.parametrize(
    "draft", [says(text="Hello!"), says(("find_user", "{nonsense")), says(), Failure("status 500")]
)
def test_a_draft_of_no_use_is_borne(draft: Completion | Failure) -> None:
    """Words, broken arguments, nothing, an error."""
    _, last, called = taught(Draft(WISHES), step(), draft)
    assert (called, last.figures["calls"], last.figures.get("right", 0)) == ([], 0, 0)


def test_it_is_scored_also_where_nothing_was_launched() -> None:
    """In shadow the gateway launches nothing; here, a tool whose posterior is low."""
    asked = step()
    low = Agreement(tools={"find_user": (0.0, 50.0)}).json()
    shared = {"draft": {"agents": {agent_of(asked).key: low}, "spent": [0, 0.0]}}
    told, last, called = taught(Draft(WISHES), asked.but(shared=shared), says(FIND))
    assert (called, last.figures["right"]) == ([], 1)
    lesson = Draft(WISHES).fold(shared["draft"], told)
    assert Agreement.read(lesson["agents"][agent_of(asked).key]).tools["find_user"][0] == 1.0


def test_another_reply_of_the_session_is_not_what_it_was_held_against() -> None:
    """A session that went on meanwhile."""
    before = Draft(WISHES).meanwhile(step().but(completion=None))
    assert before is not None
    then, _ = run(before, says(FIND))
    for memory in (None, {}, {"exchange": "other", "called": []}):
        last = then(memory)
        assert "right" not in last.figures
        assert last.tell[1] == {"day": 0.0, "usd": 0.001}


def test_drafts_stop_and_are_tried_again_seldom() -> None:
    """After enough that were wrong; a few are asked for all the same."""
    policy, lesson, asked = Draft(WISHES), None, step()
    for _ in range(TRIED + 40):
        told, *_ = taught_anyway(policy, asked.but(shared={"draft": lesson}))
        lesson = json.loads(json.dumps(policy.fold(lesson, told)))
    drawn = [policy.meanwhile(asked.but(shared={"draft": lesson}, seed=seed)) is not None for seed in range(500)]
    assert 5 < sum(drawn) < 50


def taught_anyway(policy: Draft, asked: Exchange) -> tuple[Any, int]:
    """A step whose draft is wrong, if one is asked for."""
    if policy.meanwhile(asked) is None:
        after = policy.learn(asked)
        assert after is not None
        return [after.tell], 0
    return taught(policy, asked, says(("get_order", '{"order_id": "none"}')))[0], 1


def test_budgets() -> None:
    """Of a day, and of a session."""
    policy, asked = Draft(WISHES), step()
    for day, usd, asks in ((0, 0.99, True), (0, 1.0, False), (-1, 5.0, True)):
        assert (policy.meanwhile(asked.but(shared={"draft": {"spent": [day, usd]}})) is not None) == asks
    memory = {"draft": {"asked": MOST_OF_SESSION, "called": [], "ended": 0.0}}
    assert policy.meanwhile(asked.but(memory=memory)) is None
    lesson = policy.fold({"spent": [2, 0.5]}, [["k", {"day": 2, "usd": 0.25}], ["k", {"day": 3, "usd": 0.1}]])
    assert lesson["spent"] == [3, 0.1]
    assert step().now < DAY_S


def test_times_are_learned() -> None:
    """How long the slow model takes, and how long from its calls to the next request."""
    policy, first = Draft(WISHES), step()
    assert first.completion is not None
    first = first.but(completion=first.completion._replace(total_s=3.0))
    memory = policy.learn(first)
    assert memory is not None
    second = step(4, memory={"draft": memory.memory}).but(now=1005.0)
    told = policy.learn(second)
    assert told is not None
    lesson = policy.fold(None, [memory.tell, told.tell])
    (agreement,) = [Agreement.read(each) for each in lesson["agents"].values()]
    assert agreement.times.tool == 2.0
    assert agreement.times.reply == pytest.approx(2.4)  # three seconds, then one of none


def test_who_is_not_asked_for() -> None:
    """No model named, no window, no tool that may be called ahead, switched off, the fast model's own request."""
    asked = step()
    for wishes in (
        WISHES._replace(drafter=""),
        WISHES._replace(windows=("typing",)),
        WISHES._replace(may=lambda _: False),
        WISHES._replace(mode="off"),
        WISHES._replace(drafter="gpt-4o"),
    ):
        assert Draft(wishes).meanwhile(asked) is None
        assert Draft(wishes).learn(asked) is None
    assert Draft(WISHES).meanwhile(step(header="prefetch=off")) is None

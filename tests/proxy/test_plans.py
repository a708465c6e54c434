"""Plans: wishes yielded and fulfilled, failures as values, budgets kept."""

import asyncio
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from proxy.exchange import Completion, Request
from proxy.plans import Performers, PlanFailed, carry_out
from proxy.policy import Budget, Call, Early, Embed, Failure, Plan, Result, Say, Tool, Wish, Work, ask, ask_all

pytestmark = pytest.mark.anyio


def call(model: str, patience_s: float | None = None) -> Call:
    return Call(Request("POST", "/v1/chat/completions", model=model), "node", patience_s)


class Models:
    """Answers a call by its model's name: `fast`, `slow` (0.2 s), `broken`, `raises`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cancelled: list[str] = []

    async def __call__(self, wish: Call) -> Completion | Failure:
        model = wish.request.model
        self.asked.append(model)
        if model == "raises":
            raise OSError("no route")
        if model == "broken":
            return Failure("status 500")
        try:
            await asyncio.sleep(0.2 if model == "slow" else 0)
        except asyncio.CancelledError:
            self.cancelled.append(model)
            raise
        return Completion(200, body=model.encode())


async def run(plan: Plan, models: Models | None = None, budget: Budget | None = None) -> Any:
    return await carry_out(plan, Performers(models or Models()), budget or Budget())


async def test_answer_comes_back_into_the_plan() -> None:
    """What was wished for is the value of the `yield from`."""

    def plan() -> Plan:
        first = yield from ask(call("fast"))
        second = yield from ask(call(first.body.decode() + "er"))
        return second

    assert (await run(plan())).body == b"faster"


async def test_failures_are_values() -> None:
    """A call that fails, however it fails, comes back as a `Failure` with its reason."""

    def plan() -> Plan:
        return (yield from ask_all(call("broken"), call("raises"), call("fast")))

    broken, raises, fast = await run(plan())
    assert broken == Failure("status 500")
    assert "no route" in raises.reason
    assert fast.body == b"fast"


async def test_enough_does_not_wait_for_the_rest() -> None:
    """With `enough`, the late ones are cancelled and come back as failures, in their places."""
    models = Models()

    def plan() -> Plan:
        return (yield from ask_all(call("slow"), call("fast"), enough=1))

    slow, fast = await run(plan(), models)
    assert isinstance(slow, Failure)
    assert fast.body == b"fast"
    assert models.cancelled == ["slow"]


async def test_patience_ends_a_wish() -> None:
    """A wish with patience comes back as a `Failure` when it takes longer."""

    def plan() -> Plan:
        return (yield from ask(call("slow", patience_s=0.01)))

    assert "0.01" in (await run(plan())).reason


async def test_calls_are_budgeted() -> None:
    """A plan over its budget of calls makes do with what it has."""

    def plan() -> Plan:
        return (yield from ask_all(*(call("fast") for _ in range(3))))

    answers = await run(plan(), budget=Budget(calls=2))
    assert [isinstance(answer, Failure) for answer in answers] == [False, False, True]


async def test_seconds_are_budgeted() -> None:
    """A plan over its time has failed, and its generator is closed."""
    closed = []

    def plan() -> Plan:
        try:
            return (yield from ask(call("slow")))
        finally:
            closed.append(True)

    with pytest.raises(PlanFailed, match=r"0\.05 s"):
        await run(plan(), budget=Budget(seconds=0.05))
    assert closed


async def test_a_plan_that_raises_has_failed() -> None:
    """A fault in the plan itself is told by its name."""

    def plan() -> Plan:
        yield from ask(call("fast"))
        raise ZeroDivisionError("thought too hard")

    with pytest.raises(PlanFailed, match="ZeroDivisionError"):
        await run(plan())


async def test_work_runs_in_a_thread_and_may_fail() -> None:
    """Heavy pure functions run off the loop; their exceptions are failures too."""

    def plan() -> Plan:
        return (yield from ask_all(Work(pow, (2, 10)), Work(int, ("x",))))

    power, wrong = await run(plan())
    assert power == 1024
    assert "ValueError" in wrong.reason


async def test_wishes_nobody_fulfils_are_failures() -> None:
    """Without tools and embeddings a plan still runs, and can say so."""

    def plan() -> Plan:
        early = yield from ask(Early(Request("POST", "/v1/chat/completions")))
        return (early, *(yield from ask_all(Tool("search", {}), Embed(("a",)), Result("search", {}))))

    early, tool, embed, result = await run(plan())
    assert "early" in early.reason
    assert "tool servers" in tool.reason
    assert "embeddings" in embed.reason
    assert "tool servers" in result.reason


async def test_what_is_no_wish_is_a_failure() -> None:
    """A plan that yields nonsense is told so, as a value."""

    def plan() -> Generator[Wish, Any, Any]:
        nonsense: Any = "please"
        return (yield nonsense)

    assert "str is not a wish" in (await run(plan())).reason


async def test_what_a_plan_says() -> None:
    """It is heard at once, and costs nothing; where nobody listens the plan goes on."""
    heard: list[Say] = []

    def plan() -> Plan:
        assert (yield from ask(Say("thinking", {"n": 1}))) is None
        return "done"

    performers = Performers(Models(), say=heard.append)
    assert await carry_out(plan(), performers, Budget(calls=0)) == "done"
    assert heard == [Say("thinking", {"n": 1})]
    assert await run(plan()) == "done"


async def test_the_clients_own_question_takes_its_time() -> None:
    """A plan may wait for it as long as the client would; what else it does is still counted."""

    def plan(*more: Call) -> Plan:
        own = yield from ask(replace(call("slow"), own=True))
        for wish in more:
            yield from ask(wish)
        return own

    assert (await run(plan(), budget=Budget(seconds=0.1))).body == b"slow"
    assert (await run(plan(call("fast")), budget=Budget(seconds=0.1))).body == b"slow"
    with pytest.raises(PlanFailed, match="over its"):
        await run(plan(call("slow")), budget=Budget(seconds=0.1))

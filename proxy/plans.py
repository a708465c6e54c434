"""Performs a plan's wishes: calls, tools, embeddings, work in threads; together, with patience and a budget.

It must not know how a call is answered (that is handed in), nor any single policy.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.exchange import Completion
from proxy.policy import Budget, Call, Early, Embed, Failure, Journal, Plan, Result, Say, Together, Tool, Wish, Work

Perform = Callable[[Any], Awaitable[Any]]


class PlanFailed(Exception):
    """The plan raised, overspent, or returned nothing usable."""


class Declined(Exception):
    """The plan has nothing to say after all."""


@dataclass(slots=True)
class Purse:
    """What is left of a budget while its plan runs."""

    calls: int
    clock: asyncio.Timeout

    async def unhurried(self, work: Awaitable[Any]) -> Any:
        """Does work that takes no time of the budget."""
        began, deadline = asyncio.get_running_loop().time(), self.clock.when()
        self.clock.reschedule(None)
        try:
            return await work
        finally:
            if deadline is not None:
                self.clock.reschedule(deadline + asyncio.get_running_loop().time() - began)


@dataclass(frozen=True, slots=True)
class Performers:
    """Who fulfils which wish; None: nobody does."""

    call: Callable[[Call], Awaitable[Completion | Failure]]
    tool: Callable[[Tool], Awaitable[Any]] | None = None
    embed: Callable[[Embed], Awaitable[Any]] | None = None
    result: Callable[[Result], Awaitable[Any]] | None = None
    early: Callable[[Early], Awaitable[Any]] | None = None
    say: Callable[[Say], None] | None = None
    journal: Callable[[], Awaitable[Any]] | None = None


async def carry_out(plan: Plan, performers: Performers, budget: Budget) -> Any:
    """Runs the plan to its end and gives its returned value (a `Completion`, a `Call`, a memory …).

    Raises `PlanFailed` when the plan raises or its time is over. A wish over the number of calls comes back to the
    plan as a `Failure`, so that it can make do with what it has.
    """
    answer: Any = None
    try:
        async with asyncio.timeout(budget.seconds) as clock:
            purse = Purse(budget.calls, clock)
            while True:
                wish = plan.send(answer)
                answer = await _fulfil(wish, performers, purse)
    except StopIteration as stop:
        return stop.value
    except TimeoutError:
        raise PlanFailed(f"over its {budget.seconds:g} s") from None
    except Exception as fault:
        raise PlanFailed(f"{type(fault).__name__}: {fault}") from fault
    finally:
        plan.close()


async def _fulfil(wish: Wish, performers: Performers, purse: Purse) -> Any:
    if isinstance(wish, Together):
        return await _together(wish, performers, purse)
    if isinstance(wish, Say):
        return performers.say(wish) if performers.say else None
    try:
        return await _one(wish, performers, purse)
    except Exception as fault:
        return Failure(f"{type(fault).__name__}: {fault}")


async def _one(
    wish: Call | Tool | Result | Early | Embed | Journal | Work, performers: Performers, purse: Purse
) -> Any:
    match wish:
        case Work():
            return await asyncio.to_thread(wish.function, *wish.arguments)
        case Call():
            if purse.calls <= 0:
                return Failure("over its budget of calls")
            purse.calls -= 1
            called = _patiently(performers.call(wish), wish.patience_s)
            return await (purse.unhurried(called) if wish.own else called)
        case Tool():
            if performers.tool is None:
                return Failure("no tool servers are configured")
            return await _patiently(performers.tool(wish), wish.patience_s)
        case Result():
            if performers.result is None:
                return Failure("no tool servers are configured")
            return await _patiently(performers.result(wish), wish.patience_s)
        case Early():
            if performers.early is None:
                return Failure("nothing is sent early here")
            if purse.calls <= 0:
                return Failure("over its budget of calls")
            purse.calls -= 1
            return await performers.early(wish)
        case Journal():
            return Failure("there is no journal here") if performers.journal is None else await performers.journal()
        case Embed():
            return Failure("no embeddings are installed") if performers.embed is None else await performers.embed(wish)
    raise TypeError(f"{type(wish).__name__} is not a wish")


async def _patiently(work: Awaitable[Any], patience_s: float | None) -> Any:
    if patience_s is None:
        return await work
    try:
        async with asyncio.timeout(patience_s):
            return await work
    except TimeoutError:
        return Failure(f"not within {patience_s:g} s")


async def _together(wish: Together, performers: Performers, purse: Purse) -> tuple[Any, ...]:
    tasks = [asyncio.ensure_future(_fulfil(part, performers, purse)) for part in wish.wishes]
    try:
        async with asyncio.timeout(wish.patience_s):
            await _enough(tasks, wish.enough)
    except TimeoutError:
        pass
    finally:
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    return tuple(Failure("not waited for") if task.cancelled() else task.result() for task in tasks)


async def _enough(tasks: Sequence["asyncio.Future[Any]"], enough: int | None) -> None:
    pending = set(tasks)
    while pending:
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        good = sum(1 for task in tasks if task.done() and not isinstance(task.result(), Failure))
        if enough is not None and good >= enough:
            return

"""What happens after the last byte: read the reply, ask the learners, write once, tell the sinks, run errands.

It must not know the web, the store's rooms, or any single policy.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from proxy.audience import Audience
from proxy.conversation import EMPTY
from proxy.exchange import Completion, Note, Reply, header
from proxy.figures import ERRANDS, ROAD, remembered
from proxy.guard import Ask, Guard
from proxy.passage import Learned, Passage
from proxy.policy import Plan, Policy, Then
from proxy.relay import Settle, Tap, read
from proxy.services import Services
from proxy.store import Changes
from proxy.wire import Outcome

TRIES = 8
"""Writes of one memory. Each that is not taken means that another's was, so that eight at once lose nothing."""
QUIET_S = 1.0
"""At the end, seconds in which nothing has ended: then nobody waits for a reply any more."""
Errand = Callable[[Passage, str, Plan], Coroutine[Any, Any, Any]]
"""Carries out a policy's plan; the policy is named."""


class Settlement:
    """Settles exchanges, each once."""

    def __init__(
        self, services: Services, guard: Guard, learners: tuple[tuple[Policy, Ask], ...], errand: Errand
    ) -> None:
        self._services = services
        self._guard = guard
        self._learners = learners
        self._errand = errand
        self._audience = Audience(services.sinks)
        self._tasks: set[asyncio.Task[None]] = set()
        self._awaited: dict[int, Passage] = {}
        """Passages whose errands wait for them to end."""

    def once(self, passage: Passage) -> Settle:
        """The settling of this passage, as a thing to call when the reply has ended; only the first call counts."""

        async def settle(why: str) -> None:
            if passage.settled:
                return
            passage.settled = True
            closing = self._closed(passage, self._complete(passage, why))
            if not self._services.patience_s:
                await closing  # nothing in it waits, so nothing can cut it short
                return
            # It goes on by itself when the store is slow, and when the client hangs up with its last byte in hand.
            await asyncio.wait({self._keep(closing)}, timeout=self._services.patience_s)

        return settle

    async def unanswered(self, passage: Passage, error: str, status: int, upstream: str) -> Completion:
        """Settles an exchange for which no reply came."""
        passage.settled = True
        total = self._services.tick() - passage.arrived
        completion = Completion(status, whole=False, error=error, upstream=upstream, total_s=total)
        await self._closed(passage, completion)
        return completion

    async def dropped(
        self, passage: Passage, reply: Reply | None, parts: Sequence[bytes], error: str, status: int
    ) -> Completion:
        """Settles an exchange whose reply was held and answered nobody, with what had come of it."""
        if reply is None:
            return await self.unanswered(passage, error, status, "")
        tap = Tap(reply, passage.form, self._services.tick, limit=self._services.most_kept)
        passage.reply, passage.tap, passage.seen = reply, tap, tap
        for part in parts:
            tap.take(part)
        await self.once(passage)(error)
        return passage.completion

    def start(self, passage: Passage, policy: str, plan: Plan) -> None:
        """Runs an errand beside everything else; nobody waits for it."""
        self._keep(self._meanwhile(passage, policy, plan))

    async def aclose(self) -> None:
        """Waits for what is under way. By now every reply has ended: who waits for one still waits in vain."""
        while self._tasks:
            ended, _ = await asyncio.wait(self._tasks, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
            for passage in () if ended else self._awaited.values():
                passage.close()
        self._audience.tell()

    def _complete(self, passage: Passage, why: str) -> Completion:
        """Reads the reply that has passed."""
        reply, tap, seen = passage.reply, passage.tap, passage.seen
        if reply is None or tap is None or seen is None:
            return Completion(0, whole=False, error=why)
        body, encoding = tap.body(), header(reply.headers, b"content-encoding")
        outcome = read(tap, body, encoding)
        if seen is not tap:
            outcome = _as_given(outcome, read(seen, seen.body(), encoding), carried=bool(passage.asides))
        usage, cost = self._services.charge(passage.exchange, outcome, reply.upstream)
        if passage.planned:
            usage, cost = None, None
        if passage.spent:
            cost = passage.charge() + (cost or 0.0)
        left = self._services.tick()
        return Completion(
            reply.status,
            reply.headers,
            body,
            outcome.whole and not why,
            outcome.turns,
            outcome.id,
            outcome.model,
            outcome.finish,
            usage,
            cost,
            outcome.error or why,
            reply.upstream,
            (tap.first or left) - passage.arrived,
            left - passage.arrived,
            passage.overhead_s,
            tuple(tap.beats),
        )

    async def _closed(self, passage: Passage, completion: Completion) -> None:
        try:
            await self._close(passage, completion)
        finally:
            passage.close()

    async def _close(self, passage: Passage, completion: Completion) -> None:
        passage.completion = completion
        # A plan's call is made of its parent's exchange, and what that one counted is not its own.
        passage.exchange = passage.exchange.but(
            completion=completion,
            notes=tuple(passage.notes),
            figures=EMPTY,
            asides=tuple(passage.asides),
            calls=tuple(passage.calls),
        )
        parent = passage.parent
        learned = Learned() if parent else self._learn(passage)
        if learned.figures:
            passage.exchange = passage.exchange.but(figures=learned.figures)
        if self._services.record is not None:
            (parent or passage).lines.append(
                self._services.record(passage.exchange, parent.exchange.id if parent else "")
            )
        if parent is None:
            learned = await self._save(passage, learned)
        elif completion.cost is not None:
            parent.spent.append(completion.cost)
        self._audience.hear(passage.exchange)
        for policy, told in learned.told:
            self._services.teach(policy, told)
        for policy, plan in learned.errands:
            self._keep(self._remember(passage, policy, plan))

    def _learn(self, passage: Passage) -> Learned:
        learned = Learned()
        for policy, ask in self._learners:
            decision, note = self._guard.ask(policy, "learn", ask, passage.exchange)
            if note is not None:
                passage.notes.append(note)
            if decision is not None:
                learned.take(policy.name, decision)
        self._show(passage)
        return learned

    async def _save(self, passage: Passage, learned: Learned) -> Learned:
        """One write; when another exchange of the session wrote in between, the learners are asked again.

        What they counted and taught the first time stays: it is on the recording. Gives what was written; its errands
        are those of the memory that is there now, and there are none where none was written.
        """
        figures, told = learned.figures, learned.told
        try:
            for _ in range(TRIES):
                if await self._written(passage, learned):
                    return learned
                learned = self._learn(passage)
                learned.figures, learned.told = figures, told
                learned.journal.clear()  # it was written with the first
        except Exception as fault:
            passage.notes.append(Note("road", "save", f"store: {type(fault).__name__}", "fault"))
            self._show(passage)
        return Learned(told=told)

    async def _written(self, passage: Passage, learned: Learned) -> bool:
        """Whether the memory was taken; if not, the passage now holds what is there instead."""
        exchange, lines = passage.exchange, passage.lines
        memory = learned.memory
        if learned.figures:
            memory = {**memory, ROAD: remembered(exchange.memory, learned.figures)}
        if not (lines or memory or learned.links or learned.keep or learned.journal):
            return True
        changes = Changes(
            exchange.session.id,
            passage.version,
            memory,
            learned.links,
            learned.head,
            b"\n".join(lines),
            exchange.now,
            learned.keep,
            learned.journal,
        )
        passage.lines = []
        there = await self._services.at_length(self._services.store.save(exchange.request.caller, changes))
        passage.version = there.version if there else passage.version + 1
        passage.stored = there.memory if there else {**passage.stored, **memory}
        passage.exchange = exchange.but(memory=passage.stored)
        return there is None

    def _show(self, passage: Passage) -> None:
        if len(passage.notes) != len(passage.exchange.notes):
            passage.exchange = passage.exchange.but(notes=tuple(passage.notes))

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _errand_of(self, passage: Passage, policy: str, plan: Plan) -> Any:
        try:
            return await self._errand(passage, policy, plan)
        except Exception as fault:
            passage.notes.append(self._guard.blame(policy, "errand", fault))
            return None

    async def _meanwhile(self, passage: Passage, policy: str, plan: Plan) -> None:
        """An errand beside the answer: what it comes to is asked what to keep once the exchange has been learned."""
        then = self._then(passage, policy, await self._errand_of(passage, policy, plan))
        if then is not None or passage.settled:
            self._awaited[id(plan)] = passage
            await passage.until_closed()
            del self._awaited[id(plan)]
            await self._settle_errand(passage, policy, then)

    async def _remember(self, passage: Passage, policy: str, plan: Plan) -> None:
        """An errand of `learn`: what it comes to is asked what to keep; the next request reads it."""
        then = self._then(passage, policy, await self._errand_of(passage, policy, plan))
        await self._settle_errand(passage, policy, then)

    def _then(self, passage: Passage, policy: str, came: Any) -> Then | None:
        """What an errand came to, where it is a function; else it is blamed."""
        if came is None:
            return None
        if callable(came):
            then: Then = came
            return then
        fault = TypeError(f"an errand returned {type(came).__name__}, not a function of the memory")
        passage.notes.append(self._guard.blame(policy, "errand", fault))
        return None

    async def _settle_errand(self, passage: Passage, policy: str, then: Then | None) -> None:
        """Writes what an errand brought and cost, into the memory as it stands by now.

        Others may have written since, and may write at this moment: then the errand's last word is asked for again.
        """
        spent = passage.charge()
        learned = Learned()
        try:
            for _ in range(TRIES):
                learned = self._last_word(passage, policy, then)
                if spent:
                    learned.figures[ERRANDS] = spent
                if await self._written(passage, learned):
                    break
        except Exception as fault:
            self._guard.blame(policy, "errand", fault)
            return
        if learned.figures:
            later = passage.exchange.but(completion=None, notes=(), figures=learned.figures)
            self._audience.hear(later)
        for name, told in learned.told:
            self._services.teach(name, told)

    def _last_word(self, passage: Passage, policy: str, then: Then | None) -> Learned:
        learned = Learned()
        decision = then(passage.stored.get(policy)) if then else None
        if decision is not None:
            learned.take(policy, decision)
        return learned


def _as_given(outcome: Outcome, given: Outcome, *, carried: bool) -> Outcome:
    """What the upstream said and counted, as the client was given it. A reply that was carried on ended as its last
    part did."""
    if not carried:
        return outcome._replace(turns=given.turns)
    return given._replace(usage=outcome.usage, model=outcome.model)

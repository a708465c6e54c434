"""What happens after the last byte: read the reply, ask the learners, write once, tell the sinks, run errands.

It must not know the web, the store's rooms, or any single policy.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Self

from proxy.audience import Audience
from proxy.conversation import EMPTY
from proxy.exchange import REFUSED, Completion, Exchange, Note, Reply, Request, header
from proxy.figures import ROAD, counted, remembered
from proxy.guard import Ask, Guard
from proxy.policy import Decision, Link, Plan, Policy
from proxy.relay import Settle, Tap, read
from proxy.services import Services
from proxy.store import Changes
from proxy.wire import Form

TRIES = 3


@dataclass(slots=True)
class Passage:
    """One exchange under way: the value as it stands, and the road's own bookkeeping. Never shown to a policy."""

    exchange: Exchange
    form: Form
    arrived: float
    version: int
    notes: list[Note]
    parent: Self | None = None
    """The passage whose plan asked for this one."""
    waited: float = 0.0
    overhead_s: float = 0.0
    reply: Reply | None = None
    tap: Tap | None = None
    seen: Tap | None = None
    settled: bool = False
    lines: list[bytes] = field(default_factory=list)
    """Recorded and not yet written: its own, and those of the calls its plans made."""
    spent: list[float] = field(default_factory=list)
    """US dollars of the calls its plans made, where known."""
    completion: Completion = field(default_factory=lambda: Completion(0, whole=False))

    before: Exchange | None = None
    """As it was before any policy changed it."""

    def back_to(self, asked: Request, why: str) -> None:
        """Undoes what policies changed: what they remembered of it, too."""
        self.notes.append(Note("road", "answer", why, REFUSED))
        memory = self.before.memory if self.before else self.exchange.memory
        self.exchange = self.exchange.but(request=asked, memory=memory, notes=tuple(self.notes))

    def told(self) -> Exchange:
        """The exchange with the notes so far."""
        return self.exchange.but(notes=tuple(self.notes)) if self.notes else self.exchange


@dataclass(slots=True)
class Learned:
    """What the learners want written."""

    memory: dict[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    head: str = ""
    keep: dict[str, bytes] = field(default_factory=dict)
    told: list[tuple[str, Any]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    """Numbers to add up, by `policy.name`."""
    errands: list[tuple[str, Plan]] = field(default_factory=list)

    def take(self, policy: str, decision: Decision) -> None:
        """Adds one learner's decision."""
        if decision.memory is not None:
            self.memory[policy] = decision.memory
        if decision.errand is not None:
            self.errands.append((policy, decision.errand))
        self.links += decision.links
        self.head = decision.head or self.head
        for ref, original in decision.keep.items():
            self.keep.setdefault(ref, original)
        if decision.tell is not None:
            self.told.append((policy, decision.tell))
        if decision.figures:
            self.figures.update(counted(policy, decision.figures))


Errand = Callable[[Passage, Plan], Coroutine[Any, Any, Any]]


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

    def once(self, passage: Passage) -> Settle:
        """The settling of this passage, as a thing to call when the reply has ended; only the first call counts."""

        async def settle(why: str) -> None:
            if passage.settled:
                return
            passage.settled = True
            closing = self._close(passage, self._complete(passage, why))
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
        await self._close(passage, completion)
        return completion

    def start(self, passage: Passage, policy: str, plan: Plan) -> None:
        """Runs an errand beside everything else; nobody waits for it."""
        self._keep(self._meanwhile(passage, policy, plan))

    async def aclose(self) -> None:
        """Waits for what is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._audience.tell()

    def _complete(self, passage: Passage, why: str) -> Completion:
        """Reads the reply that has passed."""
        reply, tap, seen = passage.reply, passage.tap, passage.seen
        if reply is None or tap is None or seen is None:
            return Completion(0, whole=False, error=why)
        body, encoding = tap.body(), header(reply.headers, b"content-encoding")
        outcome = read(tap, body, encoding)
        if seen is not tap:
            outcome = outcome._replace(turns=read(seen, seen.body(), encoding).turns)
        usage, cost = self._services.charge(passage.exchange, outcome, reply.upstream)
        if passage.spent:
            cost = sum(passage.spent) + (cost or 0.0)
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

    async def _close(self, passage: Passage, completion: Completion) -> None:
        passage.completion = completion
        # A plan's call is made of its parent's exchange, and what that one counted is not its own.
        passage.exchange = passage.exchange.but(completion=completion, notes=tuple(passage.notes), figures=EMPTY)
        parent = passage.parent
        learned = Learned() if parent else self._learn(passage)
        if learned.figures:
            passage.exchange = passage.exchange.but(figures=learned.figures)
        if self._services.record is not None:
            (parent or passage).lines.append(
                self._services.record(passage.exchange, parent.exchange.id if parent else "")
            )
        if parent is None:
            await self._save(passage, learned)
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

    async def _save(self, passage: Passage, learned: Learned) -> None:
        """One write; when another exchange of the session wrote in between, the learners are asked again.

        What they counted the first time stays: it is on the recording.
        """
        figures = learned.figures
        try:
            for _ in range(TRIES):
                if await self._written(passage, learned):
                    return
                learned = self._learn(passage)
                learned.figures = figures
        except Exception as fault:
            passage.notes.append(Note("road", "save", f"store: {type(fault).__name__}", "fault"))
            self._show(passage)

    async def _written(self, passage: Passage, learned: Learned) -> bool:
        """Whether the memory was taken; if not, the passage now holds what is there instead."""
        exchange, lines = passage.exchange, passage.lines
        memory = learned.memory
        if learned.figures:
            memory = {**memory, ROAD: remembered(exchange.memory, learned.figures)}
        if not (lines or memory or learned.links or learned.keep):
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
        )
        passage.lines = []
        there = await self._services.at_length(self._services.store.save(exchange.request.caller, changes))
        if there is None:
            passage.version += 1
            return True
        passage.version = there.version
        passage.exchange = exchange.but(memory=there.memory)
        return False

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
            return await self._errand(passage, plan)
        except Exception as fault:
            passage.notes.append(self._guard.blame(policy, "errand", fault))
            return None

    async def _meanwhile(self, passage: Passage, policy: str, plan: Plan) -> None:
        await self._errand_of(passage, policy, plan)
        if passage.settled and passage.lines:
            await self._save(passage, Learned())

    async def _remember(self, passage: Passage, policy: str, plan: Plan) -> None:
        """An errand of `learn`: its value is the policy's new memory; the next request reads it."""
        memory = await self._errand_of(passage, policy, plan)
        learned = Learned({} if memory is None else {policy: memory})
        try:
            for _ in range(TRIES if learned.memory or passage.lines else 0):
                if await self._written(passage, learned):
                    return
        except Exception as fault:
            self._guard.blame(policy, "errand", fault)

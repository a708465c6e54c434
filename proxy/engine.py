"""The engine: carries an exchange through the six moments, in order.

It must not know the web, an HTTP library, the store's rooms, or any single policy: all are handed in. What happens
after the last byte stands in `settle`.
"""

import asyncio
from typing import Any, NamedTuple

from proxy.bypass import Flow
from proxy.chance import Chance
from proxy.early import EarlyReplies
from proxy.exchange import Asked, Completion, Exchange, Headers, Note, Reply, Request, Session, header
from proxy.guard import Guard
from proxy.guests import Guests
from proxy.made import PLANNED, first_good, first_well, made
from proxy.onward import Begun, Carriage, may_carry
from proxy.passage import Passage
from proxy.plans import Declined, Performers, PlanFailed, carry_out
from proxy.policy import Budget, Call, Early, Failure, Plan, Policy, Refusal, Say
from proxy.relay import EVENTS, Broken, Chain, Tap, close, flow, taken
from proxy.services import Services
from proxy.settle import Settlement
from proxy.store import Remembered
from proxy.upstreams import UpstreamError

NOTHING = Remembered("")
EARLY = "early"
"""The purpose of a request that is sent before its client has sent it."""
REJECTED = (400, 422)
"""What a provider says to a request it does not understand. One that policies changed is sent again unchanged."""


class Answered(NamedTuple):
    """A reply that may begin, and the exchange it belongs to."""

    exchange: Exchange | None
    reply: Reply
    overhead_s: float
    """Seconds the road itself took so far."""


class Engine:
    """Runs the policies around one request at a time; holds no state of its own between requests."""

    def __init__(self, policies: tuple[Policy, ...], services: Services, *, budget: Budget | None = None) -> None:
        self.policies = policies
        self._virtual = frozenset(name for policy in policies for name in policy.models)
        self._prefixes = tuple(f"{name}/" for policy in policies for name in policy.prefixes)
        self.guard = Guard(services.tick)
        self._services = services
        self._budget = budget or Budget()
        self._chance = Chance()
        self._guests = Guests(policies, self.guard)
        self._early = EarlyReplies(services.tick)
        self._settlement = Settlement(services, self.guard, self._guests.moments["learn"], self._errand)

    async def run(self, request: Request, arrived: float) -> Answered:
        """The answer to a client's request, which `arrived` at that tick.

        Raises `UpstreamError` when nobody has an answer; the exchange is recorded all the same. The reply's chunks
        must be read to their end or closed.
        """
        passage = await self._begin(request, arrived)
        self._prepare(passage)
        self._meanwhile(passage)
        try:
            reply = await self._answer(passage)
        except UpstreamError as fault:
            await self._settlement.unanswered(passage, str(fault), fault.status, fault.upstream)
            raise
        except asyncio.CancelledError:
            await self._settlement.unanswered(passage, "client left", 499, "")
            raise
        if may_carry(passage, reply) and not header(reply.headers, b"content-type").startswith(EVENTS):
            return await self._whole(passage, reply)
        return self._relay(passage, reply)

    def is_virtual(self, model: str) -> bool:
        """Whether a policy answers to that name, which may have more behind a colon, or a model behind a slash."""
        return model.partition(":")[0] in self._virtual or model.startswith(self._prefixes)

    async def aclose(self) -> None:
        """Waits for the errands that are under way."""
        self._early.close()
        await self._settlement.aclose()

    async def _begin(self, request: Request, arrived: float) -> Passage:
        services = self._services
        notes: list[Note] = []
        claim = self._guests.identify(request, notes)
        chance = self._chance.take(20)
        fresh, remembered = chance[:8].hex(), NOTHING
        try:
            if self.policies:
                remembered = await services.in_time(services.store.load(request.caller, claim, fresh))
        except Exception as fault:
            notes.append(Note("road", "load", f"store: {type(fault).__name__}", "fault"))
        link = remembered.link
        session = Session(
            claim.session or remembered.session or fresh,
            claim.agent,
            claim.run,
            claim.parent or remembered.parent,
            link.source if link else claim.source,
            link.confidence if link else claim.confidence,
        )
        exchange = Exchange(
            chance[8:16].hex(),
            request,
            session,
            services.now(),
            int.from_bytes(chance[16:], "big"),
            "",
            0,
            remembered.memory,
            services.shared(),
            services.pool.roster(),
            (),
            None,
            request,
        )
        form = services.forms(request.form)
        return Passage(exchange, form, arrived, remembered.version, notes, stored=remembered.memory)

    def _prepare(self, passage: Passage) -> None:
        before = passage.before = passage.exchange
        self._guests.asked("prepare", passage)
        if passage.exchange.request is not before.request:
            request = self._services.read(passage.exchange.request)
            passage.exchange = passage.exchange.but(request=request.but(origin=_origin(before.request)))

    def _meanwhile(self, passage: Passage) -> None:
        for policy, decision in self._guests.asked("meanwhile", passage):
            if decision.errand is not None:
                self._settlement.start(passage, policy.name, decision.errand)

    async def _answer(self, passage: Passage) -> Reply:
        for policy, decision in self._guests.asked("answer", passage):
            if decision.answer is None:
                continue
            try:
                return await self._from(passage, policy.name, decision.answer)
            except Declined:
                continue
            except (PlanFailed, UpstreamError) as fault:
                passage.notes.append(self.guard.blame(policy.name, "answer", fault))
        early = await self._early.reply_to(passage) if self._early else None
        reply = early or await first_well(passage, self._sent, self._services.read)
        asked = passage.unchanged
        if reply.status not in REJECTED or asked is None or asked.body == passage.exchange.request.body:
            return reply
        await close(reply.chunks)
        why = f"the upstream said {reply.status} to the changed request; sent again as it came"
        passage.back_to(self._services.read(asked), why)
        return await self._send(passage, passage.exchange.request)

    async def _send(self, passage: Passage, request: Request, pinned: str = "") -> Reply:
        began = self._services.tick()
        try:
            return await self._services.pool.send(request, pinned=pinned or self._services.pinned(passage.exchange))
        finally:
            passage.waited += self._services.tick() - began

    async def _from(self, passage: Passage, by: str, answer: Completion | Refusal | Plan) -> Reply:
        said: Any = answer
        if not isinstance(answer, Completion | Refusal):
            performers = self._performers(passage, by)
            began = self._services.tick()
            try:
                said = await carry_out(answer, performers, self._budget)
            finally:
                passage.waited += self._services.tick() - began
            passage.exchange = passage.told()
        if isinstance(said, Call):
            return await first_good(said, lambda one: self._send(passage, self._services.read(one)), passage)
        return made(passage, said)

    def _performers(self, parent: Passage, by: str, moment: str = "answer") -> Performers:
        async def early(wish: Early) -> float | Failure:
            passage = self._offspring(parent, wish.request, EARLY)
            return await self._early.hold(passage, self._sent, self._settlement.dropped)

        def say(wish: Say) -> None:
            parent.notes.append(Note(by, moment, wish.reason, facts=wish.facts, texts=wish.texts))

        services = self._services
        tool, result = services.tool, services.result
        return Performers(
            lambda wish: self._child(parent, wish),
            (lambda wish: tool(wish, parent.exchange, parent.notes.append)) if tool else None,
            services.embed,
            (lambda wish: result(wish, parent.exchange)) if result else None,
            early,
            say,
            lambda: services.journal(parent.exchange.request.caller, by),
        )

    async def _sent(self, passage: Passage) -> Reply:
        return await self._send(passage, passage.exchange.request)

    async def _errand(self, passage: Passage, policy: str, plan: Plan) -> Any:
        return await carry_out(plan, self._performers(passage, policy, "errand"), self._budget)

    async def _child(self, parent: Passage, wish: Call) -> Completion | Failure:
        """A call of a plan: a child exchange, recorded with its parent and charged to it; it never learns."""
        if parent.exchange.depth >= self._budget.depth:
            return Failure(f"deeper than {self._budget.depth}")
        passage = self._offspring(parent, wish.request, wish.purpose)
        if wish.purpose:
            self._prepare(passage)
        try:
            reply = await (self._answer(passage) if wish.purpose else self._send(passage, passage.exchange.request))
        except UpstreamError as fault:
            completion = await self._settlement.unanswered(passage, str(fault), fault.status, fault.upstream)
            parent.calls.append(Asked(passage.exchange.request, completion))
            return Failure(str(fault), completion)
        async for _ in self._relay(passage, reply).reply.chunks:
            pass
        completion = passage.completion
        parent.calls.append(Asked(passage.exchange.request, completion))
        failure = Failure(completion.error or f"status {completion.status}", completion)
        return completion if completion.answered else failure

    def _offspring(self, parent: Passage, request: Request, purpose: str) -> Passage:
        services = self._services
        exchange = parent.exchange.but(
            id=self._chance.take(8).hex(),
            request=services.read(request),
            asked=None,
            purpose=purpose,
            depth=parent.exchange.depth + 1,
            now=services.now(),
            notes=(),
            completion=None,
        )
        return Passage(exchange, services.forms(exchange.request.form), services.tick(), 0, [], parent)

    async def _carry(self, parent: Passage, request: Request, upstream: str) -> Reply:
        """The next reply of an exchange whose own tools were called: a child exchange, answered by the same upstream,
        whose state and signatures it holds."""
        purpose = parent.own[0].tool.name if parent.own else ""
        passage = self._offspring(parent, request, purpose)
        try:
            reply = await self._send(passage, passage.exchange.request, "" if upstream == PLANNED else upstream)
        except UpstreamError as fault:
            await self._settlement.unanswered(passage, str(fault), fault.status, fault.upstream)
            raise
        except asyncio.CancelledError:
            await self._settlement.unanswered(passage, "client left", 499, "")
            raise
        passage.reply = reply
        passage.tap = passage.seen = Tap(reply, passage.form, self._services.tick, limit=self._services.most_kept)
        return reply._replace(chunks=taken(reply, passage.tap, self._settlement.once(passage)))

    async def _whole(self, passage: Passage, reply: Reply) -> Answered:
        """The answer once all of it is there: only then is it known which reply's head is the client's."""
        answered = self._relay(passage, reply)
        try:
            first = await anext(answered.reply.chunks, None)
        except Broken as broken:
            raise broken.__cause__ or broken from None
        head = passage.head or reply
        chunks = Begun(first, answered.reply.chunks)
        whole = head._replace(headers=_unsized(head.headers), chunks=chunks)
        return answered._replace(exchange=passage.told(), reply=whole)

    def _relay(self, passage: Passage, reply: Reply) -> Answered:
        services = self._services
        passage.reply = reply
        tap = passage.tap = passage.seen = Tap(reply, passage.form, services.tick, limit=services.most_kept)
        seats, asides = self._guests.seats(passage), passage.form.asides
        passing = reply
        if asides is not None and may_carry(passage, reply):
            carriage = Carriage(passage, asides, reply, tap, self.guard, self._carry)
            passing = reply._replace(headers=_unsized(reply.headers), chunks=carriage.chunks())
            tap = passage.seen = Tap(passing, passage.form, services.tick, limit=services.most_kept)
        if seats:
            passing = passing._replace(headers=_unsized(reply.headers))
            passage.seen = Tap(passing, passage.form, services.tick, limit=services.most_kept)
        if passage.parent is None:
            passage.seen.listener = services.listen(passage.exchange, passing, passage.notes.append)
        chain = Chain(self.guard, seats, passage.notes)
        settle = self._settlement.once(passage)
        steps = flow(passing, tap, passage.seen, chain, settle, shared=services.patience_s > 0)
        chunks = steps if seats else Flow(steps, passing.chunks, tap)
        passage.overhead_s = services.tick() - passage.arrived - passage.waited
        reply = Reply(passing.status, passing.headers, chunks, passing.upstream)
        return Answered(passage.told(), reply, passage.overhead_s)


def _unsized(headers: Headers) -> Headers:
    """Headers of a reply that may become shorter or longer on its way."""
    return tuple(pair for pair in headers if pair[0] != b"content-length")


def _origin(request: Request) -> bytes:
    return request.turns[-1].strict if request.turns else b""

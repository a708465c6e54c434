"""The guests: asks them moment by moment, and shows each the exchange as the one before has left it.

It must not know what is done with a decision beyond the exchange itself: no store, no pool, no stream.
"""

from typing import Any

from proxy.exchange import Exchange, Note, Request
from proxy.guard import Guard, asked_moments
from proxy.naming import named
from proxy.passage import Owned, Passage
from proxy.policy import Claim, Decision, Filter, Policy
from proxy.relay import Seat


class Guests:
    """The policies of a proxy, in order."""

    def __init__(self, policies: tuple[Policy, ...], guard: Guard) -> None:
        self.guard = guard
        self.moments = asked_moments(policies)

    def identify(self, request: Request, notes: list[Note]) -> Claim:
        """Whose request it is: the first who knows."""
        for policy, ask in self.moments["identify"]:
            decision = self._ask(policy, "identify", ask, request, notes)
            if decision is not None and decision.session is not None:
                return decision.session
        return Claim()

    def _ask(self, policy: Policy, moment: str, ask: Any, subject: Any, notes: list[Note]) -> Decision | None:
        decision, note = self.guard.ask(policy, moment, ask, subject)
        if note is not None:
            notes.append(note)
        return decision

    def asked(self, moment: str, passage: Passage) -> list[tuple[Policy, Decision]]:
        """What the policies of a moment decide about the exchange as it stands for each of them."""
        decisions = []
        for policy, ask in self.moments[moment]:
            if passage.exchange.purpose not in policy.purposes:
                continue
            decision = self._ask(policy, moment, ask, passage.exchange, passage.notes)
            if decision is None:
                continue
            decisions.append((policy, decision))
            if moment == "prepare":
                passage.exchange = self._prepared(passage, policy.name, decision)
        return decisions

    def seats(self, passage: Passage) -> list[Seat]:
        """Filters in the order in which the upstream's bytes meet them: up the list of policies."""
        if not self.moments["relay"]:
            return []
        filters: list[tuple[str, Filter]] = [
            (policy.name, decision.filter)
            for policy, decision in self.asked("relay", passage)
            if decision.filter is not None
        ]
        return [Seat(name, each) for name, each in reversed(filters)]

    def _prepared(self, passage: Passage, policy: str, decision: Decision) -> Exchange:
        """The exchange as the next policy sees it."""
        exchange = passage.exchange
        if decision.memory is not None:
            exchange = exchange.but(memory={**exchange.memory, policy: decision.memory})
        if decision.request is not None:
            exchange = exchange.but(request=decision.request, notes=tuple(passage.notes))
        if decision.model:
            passage.model, passage.instead = decision.model, decision.instead
            exchange = exchange.but(request=named(exchange.request, decision.model), notes=tuple(passage.notes))
        tool, asides = decision.tool, passage.form.asides
        if tool is None or asides is None:
            return exchange
        try:
            body = asides.offer(exchange.request.body, tool.name, tool.description, tool.parameters)
        except ValueError as fault:
            passage.notes.append(self.guard.blame(policy, "prepare", fault))
            return exchange
        passage.own.append(Owned(policy, tool))
        return exchange.but(request=exchange.request.but(body=body))

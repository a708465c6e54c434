"""The guest that sees teams: it notices when a request quotes several earlier outputs, and examines what came of them.

It must not know the road, nor what the checks look for. Where nobody asked for more, it changes nothing and no client
waits for it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from policies.inner.billing import FORMS
from policies.inner.bodies import PATHS
from policies.inner.spent import words_of
from policies.inner.telling import billed, told
from policies.noise.accounts import account, fold, spending, spent
from policies.noise.acting import Case, acted
from policies.noise.aggregation import Json, Reading, noted
from policies.noise.looking import SAMPLES, Look, looked, with_report
from policies.noise.named import named
from policies.noise.quotations import SHORT, fresh
from policies.noise.wishes import Wishes
from proxy.exchange import Completion, Exchange
from proxy.policy import Decision, Policy

LEAST_CHARS = 4 * SHORT
"""Characters below which nothing can hold two outputs, …"""
LEAST_TOLD = 160
"""… and below which it is not worth a client's time to look."""
PLANNED = "plan"
"""`Exchange.spoke` where a plan has made the reply, or passed one on."""


class Noise(Policy):
    """What gets lost, added and changed where several outputs are made into one; see `docs/policies/noise.md`."""

    name = "noise"

    def __init__(self, wishes: Wishes | None = None) -> None:
        self.wishes = wishes or Wishes()

    def answer(self, exchange: Exchange) -> Decision | None:
        """A plan for what may be an aggregation of an agent for whom more is wanted than a look afterwards."""
        request, session = exchange.request, exchange.session
        action = self.wishes.action(exchange.asked or request, session.agent)
        holds = self.wishes.hold or not request.stream
        if not (action == "prepare" or (action and holds)) or request.path not in PATHS:
            return None
        reading = asked(exchange)
        if reading is None or request.conversation is None or request.header(b"content-encoding"):
            return None
        if (len(reading.told) < LEAST_TOLD and not reading.named) or request.conversation.fields.get("n", 1) != 1:
            return None
        case = Case(request, reading, action, holds, self._affords(exchange, 1))
        return Decision("looked for workers", answer=acted(case), quiet=True)

    def relay(self, exchange: Exchange) -> Decision | None:
        """Puts both calls on the bill that the client is shown."""
        return billed(exchange, self.name)

    def learn(self, exchange: Exchange) -> Decision | None:
        """Writes down what was said, as hashes; looks, beside the client, whether it was made of what others said."""
        if not self.wishes.looks(exchange.session.agent):
            return None
        facts, refused = told(exchange, self.name)
        if refused:
            report = _known(json.loads(refused[0]), exchange, facts)
            return with_report(report, facts["figures"], exchange.memory.get(self.name))
        reading = read(exchange)
        if reading is None or exchange.completion is None:
            return _counted(exchange, facts)
        entry = noted(reading, exchange.now + exchange.completion.total_s)
        looks = bool(reading.named) or len(reading.told) >= LEAST_CHARS
        if entry is None and not looks:
            return _counted(exchange, facts)
        errand = looked(self._look(exchange, reading, facts)) if looks else None
        decision = _counted(exchange, facts) or Decision("noted", quiet=True)
        return decision._replace(journal=(entry,) if entry else (), errand=errand)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """Who reads whom, how often something was lost, and at what length."""
        return fold(lesson, told)

    def account(self, lesson: Any) -> Mapping[str, Any]:
        """The same, by the agent that reads."""
        return account(lesson)

    def _look(self, exchange: Exchange, reading: Reading, facts: Mapping[str, Any]) -> Look:
        sampled = bool(self.wishes.sample) and exchange.draw("noise.sample") < self.wishes.sample
        request = exchange.request if sampled and self._affords(exchange, SAMPLES) else None
        return Look(reading, _known({}, exchange, facts), request)

    def _affords(self, exchange: Exchange, calls: int) -> bool:
        today = spent(exchange.shared.get(self.name), exchange.now)
        return today + calls <= self.wishes.calls_a_day


def asked(exchange: Exchange) -> Reading | None:
    """A request as far as it may quote; None for one that cannot be read. What counts is what the client asked, not
    what policies made of it."""
    request, session = exchange.asked or exchange.request, exchange.session
    if request.form not in FORMS or request.conversation is None:
        return None
    told = fresh(request.conversation.turns)
    return Reading(exchange.id, session.id, session.agent, session.run, exchange.now, told, "", named(request))


def read(exchange: Exchange) -> Reading | None:
    """An exchange as far as it may quote, or be quoted; None for one without a whole, readable reply."""
    completion = exchange.completion
    if completion is None or not completion.answered:
        return None
    made = words_of(completion.turns)
    reading = asked(exchange) if made else None
    return reading and reading._replace(made=made)


def _known(found: Json, exchange: Exchange, facts: Mapping[str, Any]) -> Json:
    """A report with what is known beside it: the model, the length, what was done."""
    usage = exchange.completion.usage if exchange.completion else None
    tokens = facts.get("tokens") or (usage.prompt if usage else 0) or len(exchange.request.body) // 4
    known = {"model": speaker(exchange), "tokens": tokens}
    if facts:
        known |= {"action": facts["action"], "done": facts["done"]}
    if facts.get("examined"):
        known |= {"first": facts["first"]}
    return found | known


def speaker(exchange: Exchange) -> str:
    """The model whose reply it is: a plan may have asked another one last than was asked for, or have passed on what
    one of its calls brought."""
    if exchange.spoke not in ("", PLANNED):
        return exchange.spoke
    said = _said(exchange.completion)
    passed_on = (each.request.model for each in exchange.calls if said and _said(each.completion) == said)
    return next(passed_on, exchange.request.model)


def _said(completion: Completion | None) -> list[str]:
    return [turn.text for turn in completion.turns] if completion else []


def _counted(exchange: Exchange, facts: Mapping[str, Any]) -> Decision | None:
    """What the plan has counted, if it has anything."""
    if not facts:
        return None
    calls = int(facts["figures"].get("extra_calls", 0))
    tell = spending(exchange.now, calls) if calls else None
    return Decision("noted", figures=facts["figures"], tell=tell, quiet=True)

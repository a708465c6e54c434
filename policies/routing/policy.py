"""The guest that chooses a model by its card, its price and what came of earlier choices.

It must not know the road or any other policy. Its models are `auto`, `auto/cheap` and `auto/best`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.inner.bodies import PATHS
from policies.inner.headers import FEEDBACK
from policies.inner.telling import billed
from policies.inner.telling import told as plan_told
from policies.routing.choice import Candidate, Field, sifted
from policies.routing.exploring import unknown
from policies.routing.judging import judged
from policies.routing.lesson import fold, told
from policies.routing.meaning import INSTEAD, by_meaning
from policies.routing.need import Need
from policies.routing.outcomes import Outcome
from policies.routing.saying import described, refusal
from policies.routing.sighting import sightings
from policies.routing.signs import MOST, POOR, TAKEN, place, poor
from policies.routing.spending import spent
from policies.routing.wishes import NAMES, Wishes, answered
from proxy.exchange import Exchange, Request
from proxy.policy import Decision, Policy

FORMS = ("chat", "responses", "messages")
STICKY = 0.15
"""Utility by which another model must be worth more than the session's own: a switch pays for a lost prompt cache."""

LEAST = 2
"""Models between which a judge can choose."""


class Routing(Policy):
    """Sends `auto` to the model that is worth most; see `docs/policies/routing.md`."""

    name = "routing"
    purposes = ("", "consolidate")

    def __init__(self, wishes: Wishes | None = None) -> None:
        self.wishes = wishes or Wishes()
        names = (*NAMES, *(f"auto:{agent}" for agent in self.wishes.agents))
        self.models = names if self.wishes.mode != "off" else ()

    def prepare(self, exchange: Exchange) -> Decision | None:
        """The model for a request that leaves it open; in shadow, for others, which would have been taken."""
        request = exchange.request
        if not self._concerns(request):
            return None
        if not answered(request.model):
            return self._compared(exchange)
        need = Need.of(request)
        field = self.field(exchange, need)
        if not field.candidates:
            return None
        chosen, reason = self._kept(exchange, need, field)
        others = [each.model.name for each in field.candidates if each is not chosen]
        instead = () if need.bound else tuple(others[:INSTEAD])
        before = exchange.memory.get(self.name)
        kept = {"before": before} if before else {}
        if not before and chosen is not field.candidates[0]:
            kept["explored"] = True
        return Decision(
            reason, model=chosen.model.name, instead=instead, memory={**kept, **served(chosen.model.name, need)}
        )

    def answer(self, exchange: Exchange) -> Decision | None:
        """Refuses where no model can serve, naming what excluded each; asks the judge, where there is one."""
        request = exchange.request
        if self.wishes.mode == "off":
            return None
        if not answered(request.model):
            return self._looked_into(exchange)
        if not self._concerns(request):
            said = "a readable chat, responses or messages request is needed"
        else:
            excluded = self.field(exchange, Need.of(request)).excluded
            said = "; ".join(f"{name}: {reason}" for name, reason in excluded) or "OUTRIDER_MODELS lists no model"
        return Decision("no model can serve", answer=refusal(request, f"no model for {request.model!r} ({said})"))

    def learn(self, exchange: Exchange) -> Decision | None:
        """Remembers who answered, takes the score of the reply before that the client sent or its request shows, and
        sees how the model that was asked is doing, whoever named it."""
        if self.wishes.mode == "off":
            return None
        asked = exchange.asked or exchange.request
        seeing, tokens = sightings(exchange), counted(exchange, asked)
        if not answered(asked.model) or answered(exchange.request.model):
            return Decision("seen", tell=told((), seeing, tokens), quiet=True) if seeing or tokens else None
        before = (exchange.memory.get(self.name) or {}).get("before") or {}
        given = outcome_of(before, asked.header(FEEDBACK))
        shown = None if given else shown_by(before, asked, exchange.now)
        found = [each for each in (given, shown) if each]
        bad = int(shown is not None and not shown.score)
        memory = served(answerer(exchange), Need.of(asked))
        if before.get("judged") or plan_told(exchange, self.name).facts.get("judged"):
            memory["judged"] = True
        memory |= stands(exchange, asked) | {"poor": before.get("poor", 0) + bad}
        figures = {"routed": 1.0, "scores": float(given is not None), "put_right": float(bad)}
        figures = {name: figure for name, figure in figures.items() if figure}
        return Decision(
            "remembered", memory=memory, tell=told(found, seeing, tokens) or None, figures=figures, quiet=True
        )

    def relay(self, exchange: Exchange) -> Decision | None:
        """Puts the judge's call on the bill that the client is shown."""
        return billed(exchange, self.name)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """How well each model did, on each kind of question, and how it is doing."""
        return fold(lesson, told)

    def _looked_into(self, exchange: Exchange) -> Decision | None:
        """At the beginning of a session the judge is asked, or for the question's embedding; what was chosen then is
        the session's own from then on."""
        asked, memory = exchange.asked or exchange.request, exchange.memory.get(self.name)
        judge, foreteller = self.wishes.judge, self.wishes.foreteller
        if not judge and not (foreteller and foreteller.deep):
            return None
        if not answered(asked.model) or not memory or "before" in memory or memory.get("explored"):
            return None
        need = Need.of(exchange.request)
        field = self.field(exchange, need)
        if need.bound or len(field.candidates) < LEAST or exchange.request.path not in PATHS:
            return None
        if judge:
            return Decision(f"{judge} is asked which fits", answer=judged(exchange.request, field.candidates, judge))
        plan = by_meaning(exchange.request, need, lambda need: self.field(exchange, need))
        return Decision("the question is compared with scored ones", answer=plan)

    def _concerns(self, request: Request) -> bool:
        named = answered(request.model) or self.wishes.mode == "shadow"
        readable = request.form in FORMS and request.conversation is not None
        return self.wishes.mode != "off" and named and readable

    def field(self, exchange: Exchange, need: Need) -> Field:
        """All models of the roster, sifted for a request."""
        wishes = self.wishes
        lesson = exchange.shared.get(self.name)
        asked = exchange.asked or exchange.request
        name = asked.model if answered(asked.model) else exchange.request.model
        wish = wishes.weight(name, exchange.session.agent)
        need = need._replace(pin=own_model(exchange.memory.get(self.name)) if need.bound else "")
        agent = exchange.session.agent
        checks = {name: wishes.checks(exchange.shared, agent, name, need.tokens) for name in exchange.roster.models}
        return sifted(exchange.roster, need, wish, lesson, wishes, exchange.now, checks)

    def _kept(self, exchange: Exchange, need: Need, field: Field) -> tuple[Candidate, str]:
        """The session's own model while nothing is much better, or nothing else can read its items; else the best."""
        best = field.candidates[0]
        named = own_model(exchange.memory.get(self.name))
        if not named and (other := self._explored(exchange, need, field)):
            return other, f"{other.model.name}: asked to be known better, in place of {described(best, field)}"
        own = next((each for each in field.candidates if each.model.name == named), None)
        if own is None:
            return best, described(best, field) + gone(named, exchange, field)
        if own is best:
            return best, described(best, field)
        if need.bound:
            return own, f"{own.model.name}: the session is bound to it"
        if (exchange.memory.get(self.name) or {}).get("judged"):
            return own, f"{own.model.name}: the session's own, as the judge chose"
        if best.utility - own.utility < STICKY:
            return own, f"{own.model.name}: the session's own, {best.model.name} is not worth the switch"
        return best, described(best, field) + f"; worth the switch from {own.model.name}"

    def _explored(self, exchange: Exchange, need: Need, field: Field) -> Candidate | None:
        """At the beginning of some sessions, as many as the user wants."""
        wishes = self.wishes
        if need.bound or exchange.draw("routing.explore") >= wishes.explore:
            return None
        return unknown(field, wishes.weight(exchange.request.model, exchange.session.agent))

    def _compared(self, exchange: Exchange) -> Decision | None:
        """What would have been taken in place of a model of the roster that the client named."""
        request = exchange.request
        field = self.field(exchange, Need.of(request))
        if request.model not in exchange.roster.models or not field.candidates:
            return None
        best = field.candidates[0]
        if best.model.name == exchange.roster.models[request.model].name:
            return None
        return Decision(f"would take {described(best, field)}")


def answerer(exchange: Exchange) -> str:
    """The model that gave the reply: the one that was asked, or the last one that a plan did."""
    return exchange.spoke if exchange.spoke in exchange.roster.models else exchange.request.model


def own_model(memory: object) -> str:
    """The model that gave a session's last reply; empty at its beginning."""
    named = memory.get("model") if isinstance(memory, Mapping) else None
    return named if isinstance(named, str) else ""


def gone(name: str, exchange: Exchange, field: Field) -> str:
    """Why a session loses its own model, where the description of the choice does not say it."""
    if not name:
        return ""
    if name not in exchange.roster.models:
        return f"; {name} is no longer listed"
    why = dict(field.excluded).get(name)
    return f"; {name}: {why}" if why and name not in dict(field.out) else ""


def served(model: str, need: Need) -> dict[str, Any]:
    """What a session remembers of its last reply: who gave it, and to what kind of question."""
    return {"model": model, "topics": sorted(need.asks)}


def scored(memory: object, score: str) -> Any:
    """What to tell `fold` of a score for the reply that a session remembers; None where there is nothing to tell."""
    outcome = outcome_of(memory, score)
    return told([outcome]) if outcome else None


def counted(exchange: Exchange, asked: Request) -> Outcome | None:
    """The tokens of a reply of a model of the roster, as an outcome; None where they are not known."""
    model = exchange.roster.models.get(exchange.spoke or exchange.request.model)
    if model is None or exchange.completion is None or asked.form not in FORMS or asked.conversation is None:
        return None
    return spent(model.name, sorted(Need.of(asked).asks), exchange.completion)


def outcome_of(memory: object, score: str) -> Outcome | None:
    """The outcome of the exchange that a session remembers; None where there is none, or the score is no number from
    0 to 1."""
    if not isinstance(memory, Mapping) or not isinstance(memory.get("model"), str):
        return None
    try:
        number = float(score)
    except ValueError:
        return None
    return Outcome(memory["model"], tuple(memory.get("topics", ())), number) if 0.0 <= number <= 1.0 else None


def stands(exchange: Exchange, asked: Request) -> dict[str, Any]:
    """Where the session stands after a good reply; a request that failed is repeated for that, and shows nothing."""
    completion = exchange.completion
    if completion is None or not completion.whole or completion.status >= 400:
        return {}
    return {**place(asked), "at": exchange.now + completion.total_s}


def shown_by(before: Mapping[str, Any], asked: Request, now: float) -> Outcome | None:
    """What a request shows of the reply before, as a score that counts little; None: nothing."""
    sign = poor(before, asked, now)
    if sign is None or (sign and before.get("poor", 0) >= MOST):
        return None
    return Outcome(before["model"], tuple(before.get("topics", ())), 1.0 - sign, POOR if sign else TAKEN)

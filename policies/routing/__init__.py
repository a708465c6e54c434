"""The guest that chooses a model by its card, its price and what came of earlier choices.

It must not know the road or any other policy. Its models are `auto`, `auto/cheap` and `auto/best`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from policies.routing.choice import Candidate, Field, sifted
from policies.routing.need import Need
from policies.routing.outcomes import Outcome, fold
from policies.routing.wishes import NAMES, Wishes
from proxy.exchange import Completion, Exchange, Request
from proxy.policy import Decision, Policy

FORMS = ("chat", "responses", "messages")
FEEDBACK = b"x-outrider-feedback"
STICKY = 0.15
"""Utility by which another model must be worth more than the session's own: a switch pays for a lost prompt cache."""


class Routing(Policy):
    """Sends `auto` to the model that is worth most; see `docs/policies/routing.md`."""

    name = "routing"
    purposes = ("", "consolidate")

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()
        self.models = NAMES if self._wishes.mode != "off" else ()

    def prepare(self, exchange: Exchange) -> Decision | None:
        """The model for a request that leaves it open; in shadow, for others, which would have been taken."""
        request = exchange.request
        if not self._concerns(request):
            return None
        if request.model not in NAMES:
            return self._compared(exchange)
        need = Need.of(request)
        candidates = self._field(exchange, need).candidates
        if not candidates:
            return None
        chosen, reason = self._kept(exchange, need, candidates)
        before = exchange.memory.get(self.name)
        told = {"before": before} if before and request.header(FEEDBACK) else {}
        return Decision(reason, model=chosen.model.name, memory={**told, **served(chosen.model.name, need)})

    def answer(self, exchange: Exchange) -> Decision | None:
        """Refuses where no model can serve, naming what excluded each."""
        request = exchange.request
        if self._wishes.mode == "off" or request.model not in NAMES:
            return None
        if not self._concerns(request):
            said = "a readable chat, responses or messages request is needed"
        else:
            excluded = self._field(exchange, Need.of(request)).excluded
            said = "; ".join(f"{name}: {reason}" for name, reason in excluded) or "OUTRIDER_MODELS lists no model"
        return Decision("no model can serve", answer=refusal(request, f"no model for {request.model!r} ({said})"))

    def learn(self, exchange: Exchange) -> Decision | None:
        """Remembers who answered, and takes the score that the client sent for the reply before."""
        asked = exchange.asked or exchange.request
        if self._wishes.mode == "off" or asked.model not in NAMES or exchange.request.model in NAMES:
            return None
        memory = exchange.memory.get(self.name) or {}
        outcome = scored(memory.get("before"), asked.header(FEEDBACK))
        told = outcome.told() if outcome else None
        figures = {"routed": 1.0, **({"scores": 1.0} if outcome else {})}
        memory = served(exchange.request.model, Need.of(asked))
        return Decision("remembered", memory=memory, tell=told, figures=figures, quiet=True)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """How well each model did, on each kind of question."""
        return fold(lesson, told)

    def _concerns(self, request: Request) -> bool:
        named = request.model in NAMES or self._wishes.mode == "shadow"
        readable = request.form in FORMS and request.conversation is not None
        return self._wishes.mode != "off" and named and readable

    def _field(self, exchange: Exchange, need: Need) -> Field:
        wishes = self._wishes
        lesson = exchange.shared.get(self.name)
        wish = wishes.weight(exchange.request.model)
        return sifted(exchange.roster, need, wish, lesson, wishes.price, wishes.window, exchange.now)

    def _kept(self, exchange: Exchange, need: Need, candidates: Sequence[Candidate]) -> tuple[Candidate, str]:
        """The session's own model while nothing is much better, or nothing else can read its items; else the best."""
        best = candidates[0]
        memory = exchange.memory.get(self.name) or {}
        own = next((each for each in candidates if each.model.name == memory.get("model")), None)
        if own is None or own is best:
            return best, described(best, len(candidates))
        if need.bound:
            return own, f"{own.model.name}: the session is bound to it"
        if best.utility - own.utility < STICKY:
            return own, f"{own.model.name}: the session's own, {best.model.name} is not worth the switch"
        return best, described(best, len(candidates)) + f", worth the switch from {own.model.name}"

    def _compared(self, exchange: Exchange) -> Decision | None:
        """What would have been taken in place of a model of the roster that the client named."""
        request = exchange.request
        candidates = self._field(exchange, Need.of(request)).candidates
        if request.model not in exchange.roster.models or not candidates:
            return None
        best = candidates[0]
        if best.model.name == exchange.roster.models[request.model].name:
            return None
        return Decision(f"would take {described(best, len(candidates))}")


def served(model: str, need: Need) -> dict[str, Any]:
    """What a session remembers of its last reply: who gave it, and to what kind of question."""
    return {"model": model, "topics": sorted(need.asks)}


def scored(memory: object, score: str) -> Outcome | None:
    """The outcome of the exchange that a session remembers; None where there is none, or the score is no number from
    0 to 1."""
    if not isinstance(memory, Mapping) or not isinstance(memory.get("model"), str):
        return None
    try:
        number = float(score)
    except ValueError:
        return None
    return Outcome(memory["model"], tuple(memory.get("topics", ())), number) if 0.0 <= number <= 1.0 else None


def described(candidate: Candidate, among: int) -> str:
    """The choice in a few words: no user content."""
    cost = "price unknown" if candidate.cost is None else f"about ${candidate.cost:.2g}"
    rests = f"{candidate.scores} scores" if candidate.scores else "its card"
    return f"{candidate.model.name} of {among}: quality {candidate.quality:.2f} by {rests}, {cost}"


def refusal(request: Request, message: str) -> Completion:
    """A 400 in the shape of the request's API."""
    said = f"Outrider: {message}"
    error: dict[str, Any] = {"message": said, "type": "outrider_error", "param": "model", "code": "no_model_fits"}
    document: dict[str, Any] = {"error": error}
    if request.form == "messages":
        document = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
    headers = ((b"content-type", b"application/json"), (b"x-outrider-error", b"no_model_fits"))
    return Completion(400, headers, json.dumps(document, ensure_ascii=False).encode())


__all__ = ["NAMES", "Routing", "Wishes", "scored"]

"""What an exchange shows of its model's condition.

It must not know what is made of it.
"""

from collections.abc import Mapping
from typing import Any

from policies.routing.condition import Sighting
from policies.routing.limits import limit
from proxy.exchange import Completion, Exchange, Request

LEFT, ROAD = "client left", "road"
TIMED_OUT, LIMITED, BUSY = 408, 429, 503
UNKNOWN = (404, 410)


def seen(exchange: Exchange) -> Sighting | None:
    """The sighting, of a model of the roster that an upstream was asked for; None where nothing speaks of one."""
    completion = exchange.completion
    return _seen(exchange, exchange.spoke or exchange.request.model, exchange.request, completion)


def sightings(exchange: Exchange) -> list[Sighting]:
    """That of the model that answered; before it those of the models in whose place it was asked, and of all that a
    plan asked. Of its own waiting nothing is told then: it waited for them, too."""
    last = seen(exchange)
    before = [found for note in exchange.notes if note.by == ROAD and (found := _missed(exchange, note.facts))]
    before += [
        found
        for request, completion in exchange.calls
        if (found := _seen(exchange, request.model, request, completion))
    ]
    if not before:
        return [last] if last else []
    return [*before, last._replace(waited_s=0.0)] if last else before


def _seen(exchange: Exchange, name: str, request: Request, completion: Completion | None) -> Sighting | None:
    model = exchange.roster.models.get(name)
    if model is None or completion is None or completion.error == LEFT:
        return None
    became = what_became(completion)
    if not became:
        return None
    at = exchange.now + completion.total_s
    told = limit(completion.headers, at, refused=completion.status in (LIMITED, BUSY))
    waited = completion.first_byte_s if request.stream else completion.total_s
    return Sighting(model.name, at, became, request.caller, told, "stream" if request.stream else "whole", waited)


def _missed(exchange: Exchange, facts: Mapping[str, Any]) -> Sighting | None:
    """That of a model that had no answer, as the road tells it; None for what was wrong with the request."""
    model = exchange.roster.models.get(str(facts.get("failed", "")))
    status, caller = facts.get("status", 0), exchange.request.caller
    if model is None or (400 <= status < 500 and status not in (TIMED_OUT, LIMITED, *UNKNOWN)):
        return None
    became = {LIMITED: "limited", **dict.fromkeys(UNKNOWN, "gone")}.get(status, "failed")
    headers = tuple((name.encode(), value.encode()) for name, value in facts.get("limits", {}).items())
    told = limit(headers, exchange.now, refused=status in (LIMITED, BUSY))
    return Sighting(model.name, exchange.now, became, caller, told)


def what_became(completion: Completion) -> str:
    """`well`, `limited`, `failed`, `gone`; empty where the reply says nothing of the model: the client's own mistake,
    or an answer that no upstream gave."""
    status = completion.status
    if status == LIMITED:
        return "limited"
    if status >= 500 or status == TIMED_OUT:
        return "failed"
    if status in UNKNOWN and b"model" in completion.body:
        return "gone"
    if status >= 400 or not completion.upstream:
        return ""
    return "well" if completion.whole else "failed"

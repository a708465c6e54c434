"""What an exchange shows of its model's condition.

It must not know what is made of it.
"""

from policies.routing.condition import Sighting
from policies.routing.limits import limit
from proxy.exchange import Completion, Exchange

LEFT = "client left"
LIMITED, BUSY = 429, 503
UNKNOWN = (404, 410)


def seen(exchange: Exchange) -> Sighting | None:
    """The sighting, of a model of the roster that an upstream was asked for; None where nothing speaks of one."""
    request, completion = exchange.request, exchange.completion
    model = exchange.roster.models.get(request.model)
    if model is None or completion is None or completion.error == LEFT:
        return None
    became = what_became(completion)
    if not became:
        return None
    at = exchange.now + completion.total_s
    told = limit(completion.headers, at, refused=completion.status in (LIMITED, BUSY))
    waited = completion.first_byte_s if request.stream else completion.total_s
    return Sighting(model.name, at, became, request.caller, told, "stream" if request.stream else "whole", waited)


def what_became(completion: Completion) -> str:
    """`well`, `limited`, `failed`, `gone`; empty where the reply says nothing of the model: the client's own mistake,
    or an answer that no upstream gave."""
    status = completion.status
    if status == LIMITED:
        return "limited"
    if status >= 500 or status == 408:
        return "failed"
    if status in UNKNOWN and b"model" in completion.body:
        return "gone"
    if status >= 400 or not completion.upstream:
        return ""
    return "well" if completion.whole else "failed"

"""The memory of a session: the sum of its exchanges, small and JSON-able, without any content.

It must not know how the session was found, only what was found.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from proxy.exchange import Completion, Exchange, Usage

MOST_MODELS = 8
SEALED = "reasoning.encrypted_content"
"""What a Responses request includes when it wants reasoning back that only its maker can read."""


class Summary(NamedTuple):
    """What is known of a session."""

    agent: str = ""
    run: str = ""
    parent: str = ""
    source: str = "new"
    confidence: float = 0.0
    """0 to 1, of the best evidence so far; the four fields above came with it."""
    started: float = 0.0
    """Epoch seconds at which its first request arrived."""
    last: float = 0.0
    """Epoch seconds at which its newest request arrived."""
    requests: int = 0
    errors: int = 0
    """Exchanges without a whole answer, or with a status from 400."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float = 0.0
    """US dollars, of the exchanges whose price is known."""
    unpriced: int = 0
    """Exchanges that were answered at an unknown price."""
    models: tuple[str, ...] = ()
    """Names asked for, newest last, at most 8."""
    pin: str = ""
    """Upstream that keeps state for this session, so that no other can carry it on; empty where any can."""
    head: str = ""
    """Place at which the session waits for its next request; see `Link.head`."""

    def memory(self) -> dict[str, Any]:
        """As the store keeps it."""
        told: dict[str, Any] = dict(zip(self._fields, self, strict=True))
        told["models"] = [*self.models]
        return told


BLANK = Summary()


def recall(memory: object) -> Summary:
    """The summary in a session's memory; what is missing there is blank."""
    if not isinstance(memory, Mapping):
        return BLANK
    told = {**memory, "models": tuple(memory.get("models", ()))}
    return Summary._make(map(told.get, Summary._fields, BLANK))


def fold(known: Summary, exchange: Exchange, completion: Completion, head: str) -> Summary:
    """The summary with one more exchange in it. Better evidence of who it is replaces what was known of that, lesser
    evidence fills what was blank."""
    session = exchange.session
    first, then = (session, known) if session.confidence > known.confidence else (known, session)
    usage = completion.usage or Usage()
    failed = not completion.answered
    now, cost = exchange.now, completion.cost
    return Summary(
        first.agent or then.agent,
        first.run or then.run,
        first.parent or then.parent,
        first.source,
        first.confidence,
        min(known.started or now, now),
        max(known.last, now),
        known.requests + 1,
        known.errors + failed,
        known.prompt_tokens + usage.prompt,
        known.completion_tokens + usage.completion,
        known.cached_tokens + usage.cached,
        known.cost + (cost or 0.0),
        known.unpriced + (cost is None and not failed),
        _newest(known.models, (exchange.asked or exchange.request).model),
        _pin(exchange, completion) or known.pin,
        head,
    )


def _newest(models: tuple[str, ...], model: str) -> tuple[str, ...]:
    if not model or models[-1:] == (model,):
        return models
    return (*(name for name in models if name != model), model)[-MOST_MODELS:]


def _pin(exchange: Exchange, completion: Completion) -> str:
    """The upstream of a reply that refers to state kept there, or bears state that only it can read."""
    request = exchange.request
    if request.form == "chat":
        return ""
    given = request.fields
    if request.form == "responses":
        kept = bool(completion.id) and given.get("store") is not False
        include = given.get("include")
        sealed = isinstance(include, list) and SEALED in include
        return completion.upstream if kept or sealed else ""
    signed = request.form == "messages" and any(turn.opaque for turn in completion.turns)
    return completion.upstream if signed else ""

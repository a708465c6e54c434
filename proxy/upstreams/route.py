"""Where a request may go: upstreams by model, preference and pin, with the model's name as each of them knows it.

It must not know health, connections or what an answer looks like. Pure.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson

from proxy.exchange import Request
from proxy.roster import Model
from proxy.upstreams import UpstreamError
from proxy.wire.edit import set_field

PREFERENCE = b"x-outrider-upstream"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
GENERATION = frozenset(("chat", "responses", "completions", "messages", "embeddings", "moderations"))
BOUND = (b'"encrypted_content"', b'"item_reference"', b'"file_id"', b'"compaction"')
"""Items that only the account that made them can read."""


class Place(NamedTuple):
    """One upstream that may answer, and the model's name there; empty: as the client wrote it."""

    upstream: str
    served_as: str = ""

    def asked(self, request: Request) -> Request:
        """The request as this upstream is to see it: only `model` differs, if anything."""
        if not self.served_as or self.served_as == request.model:
            return request
        body = set_field(request.body, "model", orjson.dumps(self.served_as))
        return request.but(body=body, model=self.served_as)


def by_name(models: Mapping[str, Model]) -> dict[str, tuple[Model, ...]]:
    """The models by every name they answer to, aliases included, each with its entries in the order given."""
    named: dict[str, tuple[Model, ...]] = {}
    for model in models.values():
        for name in dict.fromkeys((model.name, *model.aliases)):
            named[name] = (*named.get(name, ()), model)
    return named


def places(
    request: Request,
    named: Mapping[str, Sequence[Model]],
    upstreams: Collection[str],
    defaults: Sequence[str],
    *,
    pinned: str = "",
) -> tuple[Place, ...]:
    """Every place the request may go, best first.

    `pinned`, then the header `x-outrider-upstream`, leave one place. Else a listed model goes to its entries; a model
    `name/model` goes to the upstream `name`; any other goes to `defaults`. Raises `UpstreamError`,
    `unknown_upstream`.
    """
    wanted, model = pinned or request.header(PREFERENCE), request.model
    if not wanted and model not in named and "/" not in model:
        return tuple(map(Place, defaults))
    if wanted and wanted not in upstreams:
        raise UpstreamError(
            f"there is no upstream {wanted!r}; there are {', '.join(upstreams)}",
            code="unknown_upstream",
            status=404,
            sent=False,
        )
    prefix, slash, rest = request.model.partition("/")
    direct = bool(slash and rest and prefix in upstreams)
    listed = [Place(model.upstream, model.served_as or model.name) for model in named.get(request.model, ())]
    if wanted:
        own = [place for place in listed if place.upstream == wanted]
        return (own[0] if own else Place(wanted, rest if direct and prefix == wanted else ""),)
    if listed:
        return tuple(listed)
    if direct:
        return (Place(prefix, rest),)
    return tuple(Place(name) for name in defaults)


def may_repeat(request: Request, *, refused: bool) -> bool:
    """Whether another upstream may be asked after one that was reached.

    `refused` says that the first surely did nothing (429, 503); else it may have worked and charged (502, 504, a
    timeout). Reading is always repeated. A generation is not when it refers to state that one upstream keeps:
    `previous_response_id`, `conversation`, encrypted items, files. When the first may have worked, it is not when it
    would leave something behind: `store`, `background`, an `Idempotency-Key`. (Responses store unless told not to;
    what is left behind then is a response nobody knows the id of, which is taken to be harmless, unless `store` was
    asked for in so many words.) Everything else, uploads and batches say, is sent once.
    """
    if request.method in SAFE_METHODS:
        return True
    if request.method != "POST" or request.form not in GENERATION or request.conversation is None:
        return False
    fields = request.conversation.fields
    if fields.get("previous_response_id") or fields.get("conversation"):
        return False
    if any(sign in request.body for sign in BOUND):
        return False
    if refused:
        return True
    return not (fields.get("store") or fields.get("background") or request.header(b"idempotency-key"))

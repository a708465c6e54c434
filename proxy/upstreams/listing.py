"""GET /v1/models over several upstreams: one list of all that can be asked for.

It must not know health, failover or connections.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import orjson

from proxy.exchange import Reply, Request
from proxy.roster import Model
from proxy.upstreams import Upstream, UpstreamError

LISTING = "/v1/models"
CREDENTIALS = frozenset((b"authorization", b"x-api-key", b"api-key", b"cookie"))
PATIENCE_S = 10.0
"""Seconds that the slowest upstream is waited for."""

Entry = dict[str, Any]
"""A model in a listing, as its upstream wrote it."""


async def list_models(
    request: Request, upstreams: Mapping[str, Upstream], models: Mapping[str, Model], virtual: Sequence[str] = ()
) -> Reply:
    """One listing in OpenAI's shape: what policies answer to, what is listed, what each upstream has.

    The first upstream's models stand under their own ids, those of the others as `name/id`, which is how they can be
    asked for. An upstream that fails is left out; when there is nothing at all the first one's own answer is given.
    """
    # Others than the first are not shown the client's credentials; those with a key of their own need none.
    nameless = request.but(headers=tuple(pair for pair in request.headers if pair[0] not in CREDENTIALS))
    asked = [request, *[nameless] * (len(upstreams) - 1)]
    replies = await asyncio.gather(*map(_ask, upstreams.values(), asked))
    known = [_own(name, "outrider") for name in virtual]
    known += [_own(name, model.upstream) for model in models.values() for name in (model.name, *model.aliases)]
    for place, (name, (_, body)) in enumerate(zip(upstreams, replies, strict=True)):
        known += _entries(body, prefix=f"{name}/" if place else "")
    first, first_body = replies[0]
    if not known:
        if first is None:
            raise UpstreamError("no upstream could list its models", code="closed", status=502)
        return Reply(first.status, first.headers, _once(first_body), first.upstream)
    named: dict[str, Entry] = {}
    for entry in known:
        named.setdefault(entry["id"], entry)
    body = orjson.dumps({"object": "list", "data": list(named.values())})
    headers = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)))
    return Reply(200, headers, _once(body), next(iter(upstreams)))


async def _ask(upstream: Upstream, request: Request) -> tuple[Reply | None, bytes]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            reply = await upstream.send(request)
            return reply, b"".join([chunk async for chunk in reply.chunks])
    except (UpstreamError, TimeoutError):
        return None, b""


def _entries(body: bytes, prefix: str) -> Iterable[Entry]:
    try:
        told = orjson.loads(body)
    except ValueError:
        return []
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, list):
        return []
    entries = [entry for entry in data if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    return [{**entry, "id": prefix + entry["id"]} for entry in entries]


def _own(name: str, owner: str) -> Entry:
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body

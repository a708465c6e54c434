"""Replies that no upstream made: what a plan returned, as the client gets it; and whose reply counts where several may.

It must not know a plan, nor any single policy.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from proxy.exchange import Completion, Headers, Note, Reply, Request
from proxy.naming import named
from proxy.passage import Passage
from proxy.plans import Declined, PlanFailed
from proxy.policy import Call, Decision, Refusal
from proxy.relay import close
from proxy.upstreams import UpstreamError
from proxy.upstreams.route import may_repeat

PLANNED = "plan"
"""The upstream of an answer that a policy made."""
LIMIT = re.compile(rb"^retry-after|ratelimit-")
ERROR = 400
UNDONE = (404, 410, 429, 503)
"""After these surely nothing was done."""
JSON = (b"content-type", b"application/json")


def made(passage: Passage, said: Any) -> Reply:
    """A plan's `Completion`, or its `Refusal` in the shape of the request's form. Raises `Declined` for a `Decision`,
    and `PlanFailed` for anything else. The passage is marked: such an answer costs what the plan's calls cost, and
    nothing of its own."""
    if isinstance(said, Refusal):
        body = passage.form.failure(said.message, code=said.code, status=said.status)
        said = Completion(said.status, (JSON, (b"x-outrider-error", said.code.encode())), body)
    if isinstance(said, Decision):
        raise Declined(said.reason)
    if not isinstance(said, Completion):
        raise PlanFailed(f"returned {type(said).__name__}, not a Completion or a Call")
    passage.planned = True
    passage.hears(PLANNED)
    return Reply(said.status, said.headers, _once(said.body), said.upstream or PLANNED)


async def first_good(call: Call, send: Callable[[Request], Awaitable[Reply]], passage: Passage) -> Reply:
    """The reply to a tail call, or to what is to be sent instead: the first good one, else the last one's. The passage
    knows which model it is of. Raises `UpstreamError`, the last one's too."""
    requests = (call.request, *call.instead)
    for request in requests[:-1]:
        passage.hears(request.model)
        status = 0
        with suppress(UpstreamError):
            reply = await send(request)
            if reply.status < ERROR:
                return reply
            status = reply.status
            await close(reply.chunks)
        why = f"{request.model} has no answer; another one is asked"
        passage.notes.append(Note("road", "answer", why, facts={"failed": request.model, "status": status}))
    passage.hears(requests[-1].model)
    return await send(requests[-1])


async def first_well(
    passage: Passage, send: Callable[[Passage], Awaitable[Reply]], read: Callable[[Request], Request]
) -> Reply:
    """The reply of the model that is asked, or of the first one instead that is well; else the last one's. The passage
    holds the request that was answered. Raises `UpstreamError`, the last one's too."""
    for other in passage.instead:
        asked = passage.exchange.request
        facts: dict[str, Any] = {"failed": asked.model, "status": 0}
        try:
            reply = await send(passage)
        except UpstreamError as fault:
            if fault.sent and not may_repeat(asked, refused=False):
                raise
        else:
            if not is_unwell(reply.status) or not may_repeat(asked, refused=reply.status in UNDONE):
                return reply
            await close(reply.chunks)
            facts |= {"status": reply.status, "limits": _limits(reply.headers)}
        said = f"answered {facts['status']}" if facts["status"] else "has no answer"
        why = f"{asked.model} {said}; {other} is asked in its place"
        passage.now_asks(read(named(asked, other)), why, facts)
    return await send(passage)


def is_unwell(status: int) -> bool:
    """Whether another model may do better: this one is limited, failing, or not known."""
    return status >= 500 or status in (408, *UNDONE)


def _limits(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if LIMIT.search(name)}


async def _once(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body

"""Replies that no upstream made: what a plan returned, as the client gets it; and whose reply to its last call counts.

It must not know a plan, nor any single policy.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from proxy.exchange import Completion, Note, Reply, Request
from proxy.passage import Passage
from proxy.plans import PlanFailed
from proxy.policy import Call, Refusal
from proxy.relay import close
from proxy.upstreams import UpstreamError

PLANNED = "plan"
"""The upstream of an answer that a policy made."""
ERROR = 400
JSON = (b"content-type", b"application/json")


def made(passage: Passage, said: Any) -> Reply:
    """A plan's `Completion`, or its `Refusal` in the shape of the request's form. Raises `PlanFailed` for anything
    else. The passage is marked: such an answer costs what the plan's calls cost, and nothing of its own."""
    if isinstance(said, Refusal):
        body = passage.form.failure(said.message, code=said.code, status=said.status)
        said = Completion(said.status, (JSON, (b"x-outrider-error", said.code.encode())), body)
    if not isinstance(said, Completion):
        raise PlanFailed(f"returned {type(said).__name__}, not a Completion or a Call")
    passage.planned = True
    return Reply(said.status, said.headers, _once(said.body), said.upstream or PLANNED)


async def first_good(call: Call, send: Callable[[Request], Awaitable[Reply]], tell: Callable[[Note], None]) -> Reply:
    """The reply to a tail call, or to what is to be sent instead: the first good one, else the last one's. Raises
    `UpstreamError`, the last one's too."""
    requests = (call.request, *call.instead)
    for request in requests[:-1]:
        with suppress(UpstreamError):
            reply = await send(request)
            if reply.status < ERROR:
                return reply
            await close(reply.chunks)
        tell(Note("road", "answer", f"{request.model} has no answer; another one is asked"))
    return await send(requests[-1])


async def _once(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body

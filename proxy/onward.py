"""A reply carried on: calls of policies' own tools are answered here, and the next reply goes on for the client.

It must not know how replies of a form are joined, how a continuation is sent, nor any single policy: all are handed in.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Self

from proxy.conversation import ToolCall
from proxy.exchange import Aside, Note, Reply, Request, header
from proxy.guard import Guard
from proxy.passage import Owned, Passage
from proxy.relay import EVENTS, Tap, close
from proxy.upstreams import UpstreamError
from proxy.wire import Asides, Joined, Outcome, Round

GOOD, BAD = 200, 300
REJECTED = (400, 422)
DRAINED_S = 0.2
"""How long a reply may take to close its body behind its promised end; then its connection is given up."""
FAILED = "This could not be looked up."
ENOUGH = "No further look-up is possible in this reply; go on with what is there."

Ask = Callable[[Passage, Request, str], Awaitable[Reply]]
"""Sends the continuation of a passage's reply to the upstream of that name; its reply. Raises `UpstreamError`."""


def may_carry(passage: Passage, reply: Reply) -> bool:
    """Whether own tools were on offer and this reply can be read for calls of them."""
    kind = header(reply.headers, b"content-type")
    readable = kind.startswith(EVENTS) or "json" in kind
    plain = header(reply.headers, b"content-encoding") in ("", "identity")
    return bool(passage.own) and passage.form.asides is not None and GOOD <= reply.status < BAD and readable and plain


class Carriage:
    """One reply for the client, made of as many as it takes."""

    def __init__(self, passage: Passage, asides: Asides, reply: Reply, tap: Tap, guard: Guard, ask: Ask) -> None:
        """`tap` takes the first reply's bytes; the further ones are exchanges of their own."""
        self._reply = reply
        """The reply that is read now."""
        self._passage = passage
        self._asides = asides
        self._tap: Tap | None = tap
        self._guard = guard
        self._ask = ask
        self._events = tap.events
        self._upstream = reply.upstream
        self._request = passage.exchange.request
        self._own: dict[str, Owned] = {owned.tool.name: owned for owned in passage.own}
        self._joined: Joined = asides.joined(frozenset(self._own), events=self._events)
        self._rounds = 0

    async def chunks(self) -> AsyncGenerator[bytes]:
        """What the client is given. Raises `UpstreamError` when a continuation fails and nothing can be done."""
        try:
            async for out in self._one():
                yield out
            while self._joined.wanted is not None:
                await self._onward(self._joined.wanted)
                async for out in self._one():
                    yield out
        finally:
            await close(self._reply.chunks)

    async def _one(self) -> AsyncIterator[bytes]:
        """What the client is given of one reply."""
        async for chunk in self._reply.chunks:
            for out in self._take(chunk):
                yield out
            if self._joined.wanted is not None:
                await self._drain()
                break
        for out in self._joined.over():
            yield out

    def _take(self, chunk: bytes) -> Sequence[bytes]:
        if self._tap is not None:
            self._tap.take(chunk)
        return self._joined.feed(chunk)

    async def _drain(self) -> None:
        """Reads what stands behind the promised end, so that the connection can be used again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_S):
                while (chunk := await anext(self._reply.chunks, None)) is not None:
                    self._take(chunk)
        await close(self._reply.chunks)

    async def _onward(self, wanted: Round) -> None:
        """Answers the calls and has the reply carried on, or the request answered without the tool.

        After the last round the model is told that there is no more; tools are taken from it only if it calls again,
        for an agent's next step may well be another tool.
        """
        self._tap = None
        self._rounds += 1
        over = self._rounds - min(owned.tool.rounds for owned in self._own.values())
        if over > 2:
            await self._instead("the model went on calling a tool that it was asked to leave")
            return
        answers = [(call, ENOUGH if over > 0 else await self._answered(call)) for call in wanted.calls]
        items = (*wanted.items, *self._asides.results(answers))
        by = self._own[wanted.calls[0].name].policy
        results = () if over > 0 else tuple(text for _, text in answers)
        self._passage.asides.append(Aside(by, items, results, wanted.shown, wanted.parts))
        body = self._asides.continued(self._request.body, items, quiet=over > 1)
        self._request = self._request.but(body=body, origin=b"")
        await self._follow(self._request)

    async def _answered(self, call: ToolCall) -> str:
        """What a policy says to a call of its tool; a fault is its own, and the model is told."""
        owned = self._own[call.name]
        try:
            text = await asyncio.to_thread(owned.tool.answer, call.arguments)
        except Exception as fault:
            self._passage.notes.append(self._guard.blame(owned.policy, "relay", fault))
            return FAILED
        self._passage.notes.append(Note(owned.policy, "relay", f"answered a call of {call.name}"))
        return text

    async def _follow(self, request: Request) -> None:
        """The next reply in the place of the last one."""
        reply = await self._ask(self._passage, request, self._upstream)
        events = header(reply.headers, b"content-type").startswith(EVENTS)
        if GOOD <= reply.status < BAD and events == self._events:
            self._joined.next()
            self._reply = reply
            return
        if reply.status in REJECTED:
            why = f"the upstream said {reply.status} to a reply carried on; asked again as the client did"
            if await self._may_begin_anew(reply, why):
                return
        if self._events:
            raise await self._fault(reply)
        self._give(reply)

    async def _may_begin_anew(self, refused: Reply, why: str) -> bool:
        """Has the client's own request answered, if nothing was said yet; whether that could be."""
        if self._joined.spoken or self._passage.exchange.asked is None:
            return False
        await close(refused.chunks)
        await self._instead(why)
        return True

    async def _instead(self, why: str) -> None:
        """The answer to the client's own request, without the tool. Raises `UpstreamError`."""
        asked = self._passage.exchange.asked
        if self._joined.spoken or asked is None:
            raise UpstreamError(why, code="upstream_error", status=502, upstream=self._upstream)
        self._passage.back_to(asked, why)
        reply = await self._ask(self._passage, asked, self._upstream)
        events = header(reply.headers, b"content-type").startswith(EVENTS)
        if self._events and (reply.status >= BAD or not events):
            raise await self._fault(reply)
        if not self._events:
            self._give(reply)
            return
        self._joined.next()
        self._reply = reply

    def _give(self, reply: Reply) -> None:
        """Gives the client this reply instead, as it comes: nothing of another one has been given."""
        self._reply = self._passage.head = reply
        self._joined = self._asides.joined(frozenset(), events=False)

    async def _fault(self, reply: Reply) -> UpstreamError:
        """An error reply in the words of the upstream, for a stream that has begun."""
        body = b"".join([chunk async for chunk in reply.chunks])
        told: Outcome = self._passage.form.fold(body, events=False)
        why = told.error or f"the upstream said {reply.status} to a reply carried on"
        return UpstreamError(why, code="upstream_error", status=502, upstream=self._upstream)


class Begun:
    """Chunks of which the first has come: what is known only then (the last reply's head) can be told now."""

    __slots__ = ("_chunks", "_first")

    def __init__(self, first: bytes | None, chunks: AsyncIterator[bytes]) -> None:
        self._first = first
        self._chunks = chunks

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        first, self._first = self._first, None
        return await anext(self._chunks) if first is None else first

    async def aclose(self) -> None:
        """Closes what the chunks come from."""
        await close(self._chunks)

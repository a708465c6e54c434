"""Replies asked for before their request came: each is held, for a while, for the one request that is the same.

It must not know who wishes for them, nor how a request is sent or settled: both are handed in.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from proxy.exchange import Completion, Note, Reply
from proxy.passage import Passage
from proxy.policy import Failure
from proxy.relay import close
from proxy.sameness import digest
from proxy.upstreams import UpstreamError

HELD_S = 20.0
"""Seconds from its sending for which a reply is held."""
MOST_BYTES = 1 << 20
"""Of a reply that nobody has asked for yet."""
MOST = 64
GOOD = 200
Send = Callable[[Passage], Awaitable[Reply]]
UNASKED, LEFT = "not asked for", 499
"""What is said of a reply that answered nobody, and its status where not even a head had come."""
Drop = Callable[[Passage, Reply | None, list[bytes], str, int], Awaitable[Completion]]
"""Settles an early request of which nothing came: with what had been received, the error, and a status."""


class Unused(Exception):
    """It answers no request; the message says why."""

    status = LEFT


@dataclass(slots=True, eq=False)
class Held:
    """A reply on its way to a request that has not come."""

    digest: bytes
    deadline: float
    wanted: "asyncio.Future[float]"
    """The tick at which its request came; cancelled when it is clear that it will not."""
    handed: "asyncio.Future[Reply | None]"
    """The reply for that request; None where it failed. Cancelled when that client has left."""
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    over: bool = False
    coming: "asyncio.Task[bytes | None] | None" = None
    """The next piece."""

    async def head(self, sending: "asyncio.Future[Reply]") -> Reply:
        """The reply's head. Raises `Unused`, and what sending raises."""
        await self._until(sending)
        if not sending.done():
            both: set[asyncio.Future[Any]] = {sending, self.handed}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            raise Unused("its client left")
        reply = sending.result()
        if reply.status != GOOD:
            raise Unused(f"the upstream said {reply.status}")
        return reply

    async def fill(self, chunks: AsyncIterator[bytes]) -> None:
        """Takes what comes until the request is there. Raises `Unused`, `UpstreamError`."""
        while not self.wanted.done():
            if self.coming is None and not self.over:
                self.coming = asyncio.create_task(piece(chunks))
            await self._until(self.coming or self.wanted)
            if self.coming is not None and self.coming.done():
                self._take(self.coming.result())
        if self.wanted.cancelled():
            raise Unused("another request came")
        if self.handed.cancelled():
            raise Unused("its client left")

    def _take(self, part: bytes | None) -> None:
        self.coming = None
        if part is None:
            self.over = True
            return
        self.parts.append(part)
        self.size += len(part)
        if self.size > MOST_BYTES:
            raise Unused("it is too large to be held")

    async def _until(self, work: "asyncio.Future[Any]") -> None:
        """Waits for this, or for the request. Raises `Unused` when neither comes in time."""
        left = self.deadline - asyncio.get_running_loop().time()
        either: set[asyncio.Future[Any]] = {work, self.wanted}
        done, _ = await asyncio.wait(either, timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise Unused("its request did not come in time")
        if self.wanted.cancelled():
            raise Unused("another request came")


class Rest:
    """The chunks of a reply of which some have come already; closing it closes what the others come from."""

    def __init__(self, held: Held, chunks: AsyncIterator[bytes]) -> None:
        self._held = held
        self._chunks = chunks
        self._parts = iter(held.parts)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        part = next(self._parts, None)
        if part is not None:
            return part
        coming, self._held.coming = self._held.coming, None
        part = None if self._held.over else await (coming or piece(self._chunks))
        if part is None:
            raise StopAsyncIteration
        return part

    async def aclose(self) -> None:
        """Closes the upstream's side."""
        if self._held.coming is not None:
            self._held.coming.cancel()
            await asyncio.gather(self._held.coming, return_exceptions=True)
        await close(self._chunks)


class EarlyReplies:
    """The replies that are held, one for a session. Used inside one event loop."""

    def __init__(self, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._held: dict[tuple[str, str], Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    async def hold(self, passage: Passage, send: Send, drop: Drop) -> float | Failure:
        """Sends the request of `passage` now and holds its reply. Gives the seconds by which it was ahead of the
        request that took it, or why none did."""
        exchange = passage.exchange
        owner, mark = (exchange.request.caller, exchange.session.id), digest(exchange.request)
        if mark is None or owner in self._held or len(self._held) >= MOST:
            return Failure("there is no room for it")
        loop, began = asyncio.get_running_loop(), self._tick()
        held = self._held[owner] = Held(mark, loop.time() + HELD_S, loop.create_future(), loop.create_future())
        sending, reply = asyncio.ensure_future(send(passage)), None
        try:
            reply = await held.head(sending)
            await held.fill(reply.chunks)
            passage.settled = True  # from here on it is the reply of the exchange that took it
            held.handed.set_result(reply._replace(chunks=Rest(held, reply.chunks)))
            return held.wanted.result() - began
        except (Unused, UpstreamError) as fault:
            self._forget(owner, held)
            await ended(held, sending)
            error = UNASKED if isinstance(fault, Unused) else str(fault)
            return Failure(str(fault), await drop(passage, reply, held.parts, error, fault.status))
        except asyncio.CancelledError:
            await ended(held, sending)
            raise
        finally:
            self._forget(owner, held)

    async def reply_to(self, passage: Passage) -> Reply | None:
        """The reply that was asked for ahead of this passage's request; None where there is none, or one for another
        request, which is dropped. Only a request that went through unchanged is answered so."""
        exchange = passage.exchange
        held = self._held.pop((exchange.request.caller, exchange.session.id), None)
        if held is None:
            return None
        if passage.own or not _as_it_came(passage) or digest(exchange.request) != held.digest:
            held.wanted.cancel()
            passage.notes.append(Note("road", "early", "another request was expected; the reply to it is dropped"))
            return None
        held.wanted.set_result(self._tick())
        try:
            reply = await held.handed
        except asyncio.CancelledError:
            if held.handed.done() and not held.handed.cancelled() and (late := held.handed.result()):
                await close(late.chunks)
            raise
        if reply is not None:
            passage.notes.append(Note("road", "early", "the reply was under way before its request came"))
        return reply

    def _forget(self, owner: tuple[str, str], held: Held) -> None:
        """It answers nobody; who waits for it need not any more."""
        if self._held.get(owner) is held:
            del self._held[owner]
        if not held.handed.done():
            held.handed.set_result(None)

    def close(self) -> None:
        """Drops all."""
        for held in self._held.values():
            held.wanted.cancel()
        self._held.clear()


def _as_it_came(passage: Passage) -> bool:
    asked = passage.exchange.asked
    return asked is not None and asked.body == passage.exchange.request.body


async def piece(chunks: AsyncIterator[bytes]) -> bytes | None:
    """The next chunk; None at the end."""
    return await anext(chunks, None)


async def ended(held: Held, sending: "asyncio.Future[Reply]") -> None:
    """Stops what is under way and closes the upstream's side."""
    work = [each for each in (held.coming, sending) if each is not None]
    for each in work:
        each.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    if not sending.cancelled() and sending.exception() is None:
        await close(sending.result().chunks)

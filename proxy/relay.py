"""A reply on its way to the client: through the filters, with a bounded copy kept as it passes.

It must not know who filters, what a form's bytes mean beyond "has it ended", nor what happens after the last byte.
"""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from proxy.exchange import Note, Reply, header
from proxy.guard import Guard
from proxy.policy import Filter
from proxy.upstreams import UpstreamError
from proxy.wire import Form, Outcome

TAIL = 256
MOST_BEATS = 4096
MOST_INFLATED = 64 << 20
EVENTS = "text/event-stream"


class Broken(Exception):
    """The upstream died in the middle of a body; the client's connection must be broken, not ended."""


class Tap:
    """A bounded copy of a reply's bytes, when they came, and whether the promised end was among them."""

    __slots__ = (
        "_length",
        "_limit",
        "_parts",
        "_tail",
        "_tick",
        "beats",
        "ended",
        "events",
        "first",
        "form",
        "listener",
        "size",
    )

    def __init__(self, reply: Reply, form: Form, tick: Callable[[], float], *, limit: int) -> None:
        """`limit`: bytes kept at most; of a longer body nothing is kept and nothing is read."""
        length = header(reply.headers, b"content-length")
        self.form = form
        self.events = header(reply.headers, b"content-type").startswith(EVENTS)
        self.size = 0
        self.first = 0.0
        self.ended = False
        self.beats: list[tuple[float, int]] = []
        self.listener: Callable[[bytes], None] | None = None
        """Hears every chunk before it is handed on; it must not raise."""
        self._length = int(length) if length.isdigit() else -1
        self._limit = limit
        self._parts: list[bytes] = []
        self._tail = b""
        self._tick = tick

    def take(self, chunk: bytes) -> bool:
        """Notes one chunk; True once the end has been seen."""
        self.ended = self.ends(chunk)
        self.note(chunk)
        return self.ended

    def ends(self, chunk: bytes) -> bool:
        """Whether the end is seen with this next chunk."""
        if self.events:
            return self.form.ends(self._tail_after(chunk))
        return self.ended or self.size + len(chunk) == self._length

    def note(self, chunk: bytes) -> None:
        """Notes one chunk that holds no end."""
        now = self._tick()
        if not self.size:
            self.first = now
        self.size += len(chunk)
        if self.listener is not None:
            self.listener(chunk)
        if len(self.beats) < MOST_BEATS:
            self.beats.append((now - self.first, len(chunk)))
        if self.size <= self._limit:
            self._parts.append(chunk)
        else:
            self._parts.clear()
        if self.events:
            self._tail = self._tail_after(chunk)

    def _tail_after(self, chunk: bytes) -> bytes:
        return chunk[-TAIL:] if len(chunk) >= TAIL else (self._tail + chunk)[-TAIL:]

    def body(self) -> bytes:
        """What was kept."""
        return b"".join(self._parts)

    def between_events(self) -> bool:
        """Whether the stream so far was cut at the border of an event."""
        return not self.size or self._tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))


def read(tap: Tap, body: bytes, encoding: str) -> Outcome:
    """What the kept body says; content encodings that cannot be undone read as nothing."""
    if encoding and encoding != "identity":
        body = inflate(body, encoding)
    if not body and tap.size:
        return Outcome()
    return tap.form.fold(body, events=tap.events)


def inflate(body: bytes, encoding: str, limit: int = MOST_INFLATED) -> bytes:
    """A gzip or deflate body undone (RFC 9110 §8.4), up to `limit` bytes; empty when that cannot be done."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return b""
    for window in (47, -15):
        try:
            machine = zlib.decompressobj(window)
            plain = machine.decompress(body, limit)
        except zlib.error:
            continue
        return b"" if machine.unconsumed_tail else plain
    return b""


@dataclass(slots=True)
class Seat:
    """A filter and the policy it belongs to."""

    policy: str
    filter: Filter
    well: bool = True


@dataclass(slots=True)
class Chain:
    """The filters of one reply, upstream's side first. One that faults gives back what it held and steps aside."""

    guard: Guard
    seats: Sequence[Seat] = ()
    notes: list[Note] = field(default_factory=list)

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """What goes on to the client for this chunk."""
        chunks: Sequence[bytes] = (chunk,)
        for seat in self.seats:
            chunks = [out for part in chunks for out in self._feed(seat, part)]
        return chunks

    def end(self) -> Sequence[bytes]:
        """What the filters still held, as the upstream has ended."""
        chunks: Sequence[bytes] = ()
        for seat in self.seats:
            chunks = [out for part in chunks for out in self._feed(seat, part)]
            chunks = [*chunks, *self._end(seat)]
        return chunks

    def _feed(self, seat: Seat, chunk: bytes) -> Sequence[bytes]:
        if not seat.well:
            return (chunk,)
        try:
            return tuple(seat.filter.feed(chunk))
        except Exception as fault:
            return self._aside(seat, fault, chunk)

    def _end(self, seat: Seat) -> Sequence[bytes]:
        if not seat.well:
            return ()
        try:
            return tuple(seat.filter.end())
        except Exception as fault:
            return self._aside(seat, fault, b"")

    def _aside(self, seat: Seat, fault: Exception, chunk: bytes) -> Sequence[bytes]:
        seat.well = False
        self.notes.append(self.guard.blame(seat.policy, "relay", fault))
        held = getattr(seat.filter, "held", b"")
        return tuple(part for part in (held, chunk) if part)


Settle = Callable[[str], Awaitable[None]]
"""Told why the reply ended: empty for a good end, else `client left` or the upstream's fault. Only the first counts."""


async def flow(
    reply: Reply, tap: Tap, seen: Tap, chain: Chain, settle: Settle, *, shared: bool = False
) -> AsyncGenerator[bytes]:
    """The chunks for the client. `tap` sees the upstream's bytes, `seen` the client's (the same without filters).

    The exchange is settled as soon as the promised end has been handed on, before the upstream's end of body: what
    is remembered is then in place when the client's next request comes. That request may come to another replica, so
    where the store is `shared` the last chunk waits for the write. Raises `Broken`.
    """
    try:
        passing = _filtered(reply, tap, seen, chain) if chain.seats else reply.chunks
        async for chunk in passing:
            if not chain.seats:
                tap.take(chunk)
            if shared and seen.ended:
                await settle("")
            yield chunk
            if seen.ended:
                await settle("")
        await settle("")
    except UpstreamError as fault:
        await settle(f"upstream {fault.code}: {fault}")
        if seen.ended:
            return
        if not (seen.events and seen.between_events()):
            raise Broken(str(fault)) from fault
        yield seen.form.stream_failure(str(fault), code=fault.code)
    finally:
        await close(reply.chunks)
        await settle("client left")


async def taken(reply: Reply, tap: Tap, settle: Settle) -> AsyncGenerator[bytes]:
    """The chunks of a reply that no client sees as it is: counted and settled, faults passed on."""
    try:
        async for chunk in reply.chunks:
            tap.take(chunk)
            if tap.ended:
                await settle("")
            yield chunk
        await settle("")
    except UpstreamError as fault:
        await settle(f"upstream {fault.code}: {fault}")
        raise
    finally:
        await close(reply.chunks)
        await settle("client left")


async def _filtered(reply: Reply, tap: Tap, seen: Tap, chain: Chain) -> AsyncIterator[bytes]:
    async for chunk in reply.chunks:
        tap.take(chunk)
        for out in chain.feed(chunk):
            seen.take(out)
            yield out
    for out in chain.end():
        seen.take(out)
        yield out


async def close(chunks: AsyncIterator[bytes]) -> None:
    """Closes the upstream's side of a stream, read to its end or not."""
    aclose = getattr(chunks, "aclose", None)
    if aclose is not None:
        await aclose()

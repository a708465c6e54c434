"""One HTTP/1.1 connection to an upstream (RFC 9112): a request written, its answer handed on as it arrives.

It must not know upstreams, names, keys or who keeps connections. It is the only room of httptools.
"""

import asyncio
import select
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from proxy.exchange import Headers
from proxy.upstreams import Take, UpstreamError

MOST_WAITING = 256 << 10
"""Bytes of an answer that may wait for a slow reader before the upstream is made to wait too."""
LONGEST_HEAD = 256 << 10
ONE_WRITE = 64 << 10
"""Bodies up to this size are written together with their head: one system call, one packet."""
GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR
"""What the socket says when the other side has closed; the loop may not have come round to telling us yet."""


class Answer:
    """What the parser has said of one answer so far."""

    def __init__(self, *, bodiless: bool) -> None:
        self.bodiless = bodiless
        """No body follows the head, whatever the head says (HEAD)."""
        self.status = 0
        """0 until the head is in."""
        self.headers: list[tuple[bytes, bytes]] = []
        self.head_bytes = 0
        self.framed = False
        """Whether the head tells where the body ends; else the end of the connection does (RFC 9112 §6.3)."""
        self.pieces: list[bytes] = []
        self.waiting = 0
        """Bytes in `pieces`."""
        self.begun = False
        """Whether a byte of the body has come."""
        self.done = False
        self.stays = False
        """Whether the upstream keeps the connection after the answer."""
        self.parser: HttpResponseParser | None = HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Raises `HttpParserError`."""
        if self.parser is None:
            return
        self.parser.feed_data(data)
        self.head_bytes += 0 if self.status else len(data)
        if self.head_bytes > LONGEST_HEAD:
            raise HttpParserError("the head of the answer is too long")
        if self.done:
            # Parser and answer hold each other; let go, so that no garbage collection is needed for it.
            self.parser = None

    def take(self) -> bytes:
        """The body's bytes that wait."""
        pieces, self.pieces, self.waiting = self.pieces, [], 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def on_message_begin(self) -> None:
        if self.done:
            # A second answer nobody asked for: what follows on this connection cannot be trusted.
            self.stays = False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if self.status:
            return  # a trailer: it belongs to this hop
        self.headers.append((name, value))
        if name in (b"content-length", b"transfer-encoding"):
            self.framed = True

    def on_headers_complete(self) -> None:
        assert self.parser is not None
        status = self.parser.get_status_code()
        if self.done:
            return
        if 100 <= status < 200:
            # An interim answer (RFC 9110 §15.2); the real one follows.
            self.headers.clear()
            self.framed = False
            return
        self.status = status
        self.framed = self.framed or self.bodiless or status in (204, 304)
        if self.bodiless:
            self._end()

    def on_body(self, piece: bytes) -> None:
        if self.done:
            return
        self.begun = True
        self.pieces.append(piece)
        self.waiting += len(piece)

    def on_message_complete(self) -> None:
        if self.status and not self.done:
            self._end()

    def _end(self) -> None:
        # Asked here, while the parser still remembers the answer.
        self.stays = self.framed and self.parser is not None and self.parser.should_keep_alive()
        self.done = True


class Connection(asyncio.Protocol):
    """Carries one exchange at a time: `ask`, then `read` until it gives nothing.

    Cancelling either, or `abort`, closes the socket at once, so that the upstream stops working for nobody. One
    timer serves a whole answer: bytes only note when they came; when it runs out it looks, and sets itself again.
    """

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.lost = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._fault: UpstreamError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._take: Take | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._heard = self._first_byte_s = self._between_s = 0.0

    # What the keeper of connections asks

    @property
    def reusable(self) -> bool:
        """Whether another request may be written: the last answer ended well, the upstream stays, and it did not
        answer before it had the whole request."""
        answer, transport = self._answer, self._transport
        if answer is None or transport is None or self._fault is not None or self.lost:
            return False
        return answer.done and answer.stays and not answer.pieces and not transport.get_write_buffer_size()

    def closed_by_peer(self) -> bool:
        """Asks the socket itself."""
        raw = self._transport.get_extra_info("socket") if self._transport is not None else None
        if raw is None or raw.fileno() < 0:
            return True
        ask = select.poll()
        ask.register(raw.fileno(), GONE)
        return bool(ask.poll(0))

    def abort(self) -> None:
        """Closes the socket now."""
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()

    # What an exchange asks

    async def ask(
        self, head: bytes, body: bytes, *, first_byte_s: float, between_s: float, bodiless: bool = False
    ) -> tuple[int, Headers]:
        """Writes the request and waits for the head of the answer: status, headers with names in lower case.

        `bodiless` says that no body follows the head. Raises `UpstreamError`: `timeout` or `closed`.
        """
        if self._transport is None or self.lost or self._transport.is_closing():
            raise UpstreamError("was gone before anything was sent", code="closed", status=502, sent=False)
        self._answer = answer = Answer(bodiless=bodiless)
        self._take = None
        self._first_byte_s, self._between_s = first_byte_s, between_s
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(min(first_byte_s, between_s), self._look)
        if len(body) <= ONE_WRITE:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        while not answer.status:
            await self._wait()
        return answer.status, tuple(answer.headers)

    async def read(self) -> bytes:
        """What has arrived of the body since the last call, waiting for at least a byte; empty at the end."""
        answer = self._answer
        if answer is None:
            return b""
        while not answer.pieces:
            if answer.done:
                self._stop_timer()
                return b""
            await self._wait()
        if self._paused and self._transport is not None:
            self._paused = False
            self._heard = self._loop.time()
            self._transport.resume_reading()
        return answer.take()

    def bypass(self, take: Take) -> None:
        """From now on, for this answer, `take` is asked for each piece that comes while `read` waits."""
        self._take = take

    async def _wait(self) -> None:
        if self._fault is not None:
            self._stop_timer()
            raise self._fault
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        except asyncio.CancelledError:
            self.abort()
            raise
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """The timer ran out: too long a silence, or only the time to look again."""
        self._timer = None
        if self._answer is None or self._answer.done or self._fault is not None:
            return
        limit = self._between_s if self._answer.begun else self._first_byte_s
        if self._paused:
            # It is our reader who is slow.
            self._heard = self._loop.time()
        left = self._heard + limit - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(min(left, self._between_s), self._look)
            return
        self._fail(f"said nothing for {limit:g} s", code="timeout", status=504)
        self.abort()

    def _fail(self, message: str, *, code: str = "closed", status: int = 502) -> None:
        if self._fault is None:
            self._fault = UpstreamError(message, code=code, status=status)
        self._wake()

    # What the socket says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not `isinstance`: uvloop's transports only look like asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.done:
            # Nobody asked for these bytes: nothing that follows on this connection can be trusted.
            self._fail("spoke out of turn")
            self.abort()
            return
        self._heard = self._loop.time()
        try:
            answer.feed(data)
        except (HttpParserError, HttpParserUpgrade) as wrong:
            self._fail(f"does not speak HTTP/1.1: {wrong}")
            self.abort()
        if self._take is not None and answer.pieces and self._waiter is not None:
            self._offer(answer, self._take)
            if not (answer.pieces or answer.done or self._fault):
                return
        if answer.waiting > MOST_WAITING and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def _offer(self, answer: Answer, take: Take) -> None:
        piece = answer.take()
        if not take(piece):
            answer.pieces, answer.waiting = [piece], len(piece)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        answer = self._answer
        if answer is not None and answer.status and not answer.framed and exc is None:
            answer.done = True
        self._fail(f"closed the connection ({exc})" if exc else "closed the connection")

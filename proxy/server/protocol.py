"""uvicorn's HTTP/1.1 protocol with four things more: it says when a client hangs up and when the server ends, writes
head and body at once, and takes pieces of a stream without a task.

It must not know the road. It is the only room that leans on uvicorn's insides, and only on those of its protocol class
(`http=` takes one); without it the road works the same by ASGI alone, a little slower.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

HANGUP = "outrider.hangup"
"""ASGI extension, a dictionary whose `listen` takes a function of no arguments to call when the client hangs up;
None: nobody listens any more."""

ENDING = "outrider.ending"
"""ASGI extension, a dictionary whose `listen` takes a function of no arguments to call when the server is about to end:
for a stream that would not end by itself."""

WRITING = "outrider.writing"
"""ASGI extension, a dictionary whose `writer` gives the `Writer` of the answer to a scope."""

HEAD = b"HTTP/1.1 "
CHUNKED = b"transfer-encoding: chunked"
UNUSUAL = frozenset((b"connection", b"transfer-encoding"))
PLAIN = frozenset(STATUS_LINE) - {*range(200), 204, 304}
"""Statuses after whose head a body comes."""
Hear = Callable[[], None]
Headers = Sequence[tuple[bytes, bytes]]


class Protocol(HttpToolsProtocol):
    """One client's connection.

    To wait for `http.disconnect` costs a task and several wake-ups for each request; to be told costs a call.
    """

    _hear: Hear | None = None
    _end: Hear | None = None
    _extensions: dict[str, dict[object, object]]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        self._extensions = {
            HANGUP: {"listen": self.listen},
            ENDING: {"listen": self.until},
            WRITING: {"writer": self.writer},
        }
        super().connection_made(Corked(transport, self.loop))  # type: ignore[arg-type]

    def on_headers_complete(self) -> None:
        """See `httptools`."""
        self.scope["extensions"] = self._extensions
        super().on_headers_complete()

    def listen(self, hear: Hear | None) -> None:
        """Whom to call when the client hangs up."""
        self._hear = hear
        if hear is not None:
            self.flow.resume_reading()  # a socket that is not read does not tell

    def until(self, end: Hear | None) -> None:
        """Whom to call when the server ends."""
        self._end = end

    def shutdown(self) -> None:
        """See uvicorn's: no further request is taken; what is under way may end."""
        end, self._end = self._end, None
        super().shutdown()
        if end is not None:
            end()

    def writer(self, scope: object) -> "Writer | None":
        """See `WRITING`; None for an answer that is not the one under way."""
        cycle = self.cycle
        return Writer(cycle, self.flow, self.transport) if cycle.scope is scope else None

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        hear, self._hear = self._hear, None
        super().connection_lost(exc)
        if hear is not None:
            hear()


class Writer:
    """Writes one answer without a step of its task. The last piece has to be sent (`http.response.body`)."""

    __slots__ = ("_cycle", "_flow", "_transport")

    def __init__(self, cycle: RequestResponseCycle, flow: FlowControl, transport: asyncio.Transport) -> None:
        self._cycle = cycle
        self._flow = flow
        self._transport = transport

    def begin(self, status: int, headers: Headers) -> bool:
        """Writes the head (names in lower case) and says True; False where it has to be sent (`http.response.start`):
        the server has to think about it."""
        cycle, names = self._cycle, dict(headers)
        if cycle.response_started or cycle.disconnected or not cycle.keep_alive or not UNUSUAL.isdisjoint(names):
            return False
        length = names.get(b"content-length")
        if cycle.scope["method"] == "HEAD" or status not in PLAIN:
            return False
        lines = [*map(b": ".join, (*cycle.default_headers, *headers))]
        if length is None:
            lines.append(CHUNKED)
        head = STATUS_LINE[status] + b"\r\n".join(lines) + b"\r\n\r\n"
        if len(head.splitlines()) != len(lines) + 2:
            return False  # a line end inside a value would smuggle in a header
        cycle.chunked_encoding = length is None
        cycle.expected_content_length = int(length or 0)
        cycle.response_started, cycle.waiting_for_100_continue = True, False
        self._transport.write(head)
        return True

    def take(self, piece: bytes) -> bool:
        """Writes a piece of the body and says True, or False where it has to be sent: the client is slow or has left,
        or the piece is the last."""
        cycle = self._cycle
        if self._flow.write_paused or cycle.disconnected or cycle.response_complete or not cycle.response_started:
            return False
        if cycle.chunked_encoding:
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            return True
        if len(piece) >= cycle.expected_content_length:
            return False
        cycle.expected_content_length -= len(piece)
        self._transport.write(piece)
        return True


class Corked:
    """A transport that holds the head of an answer until its body begins, or the loop's next step comes.

    A short answer then leaves by one system call and in one packet.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """See `asyncio.Transport.write`."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """See `asyncio.Transport.close`."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

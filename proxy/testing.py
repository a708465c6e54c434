"""A scripted upstream for tests: a real HTTP/1.1 server on a port of its own that can misbehave in every way.

It must not know the road: no client, no pool, no wire form. It speaks sockets, so that what it says is exactly what
is on the wire, and what it heard is exactly what was sent.

    async with Script() as upstream:
        upstream.say(Line(body=b'{"ok": true}'))
        ...                                   # send something to upstream.url
        assert upstream.heard[0].body == b"{}"
"""

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

Framing = Literal["length", "chunked", "close"]
"""How the end of the body is told: `content-length`, chunks, or by closing the connection."""
Ending = Literal["well", "fin", "rst", "stay"]
"""What follows the last piece: a proper end, a close or a reset in the middle, or silence with the connection open."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a body, written by themselves, `after_s` seconds after the piece before them."""

    data: bytes
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of the script. As it stands: 200 with an empty body, at once."""

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | Sequence[bytes | Piece] = b""
    framing: Framing = "length"
    ending: Ending = "well"
    wait_s: float = 0.0
    """Seconds before the head."""
    silent: bool = False
    """True: not even the head is sent; only `wait_s` and `ending` count (`stay` never answers)."""
    bare: bool = False
    """True: the body is all there is, head and framing included, byte for byte."""
    keep_alive: bool = True
    """False: the connection is closed after the answer, without having said so."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The body as pieces, whatever way it was given."""
        body = (self.body,) if isinstance(self.body, bytes) else self.body
        return tuple(piece if isinstance(piece, Piece) else Piece(piece) for piece in body)

    def head(self) -> bytes:
        """Status line and headers as they go on the wire."""
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in self.headers)]
        if self.framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
        if self.framing == "length" and not self._unframed():
            lines.append(f"Content-Length: {sum(len(piece.data) for piece in self.pieces)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _unframed(self) -> bool:
        named = any(name.lower() == "content-length" for name, _ in self.headers)
        return named or self.status in (204, 304)


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it reached the script."""

    head: bytes
    """Request line and headers, raw, without the empty line."""
    body: bytes
    """Decoded when it came in chunks."""
    at: float
    """The loop's time when the last byte was in, in seconds."""
    connection: int
    """Number of the connection it came on, from 1."""

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> str:
        """Path and query as they were sent."""
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Names and values in the order and spelling of the wire."""
        pairs = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return [(name.decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in pairs]

    def header(self, name: str) -> str:
        """The first value of that header, whatever its case, or the empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


Handler = Callable[[Heard], Line | Awaitable[Line]]


@dataclass(slots=True)
class Script:
    """The upstream. Lines said beforehand are given in order; when there are none left, `handler` is asked, and
    without one the answer is an empty 200."""

    handler: Handler | None = None
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    """How many connections were opened so far."""
    _lines: deque[Line] = field(default_factory=deque)
    _open: set["_Connection"] = field(default_factory=set)
    _hangups: "asyncio.Queue[float]" = field(default_factory=asyncio.Queue)
    _server: asyncio.Server | None = None
    _port: int = 0

    @property
    def url(self) -> str:
        """`http://127.0.0.1:port`, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    def say(self, *lines: Line) -> Self:
        """Puts lines at the end of the script."""
        self._lines.extend(lines)
        return self

    async def hangup(self, within_s: float = 5.0) -> float:
        """Waits for the next time that a client leaves before its answer has ended; the loop's time at which it did.

        Raises `TimeoutError` when nobody leaves within `within_s` seconds.
        """
        async with asyncio.timeout(within_s):
            return await self._hangups.get()

    def drop_idle(self) -> None:
        """Closes the kept connections on which nothing is under way, as servers do after a while."""
        for connection in [each for each in self._open if not each.busy]:
            connection.transport.close()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=4096)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._open):
            connection.transport.abort()
        await asyncio.sleep(0)

    async def next_line(self, heard: Heard) -> Line:
        """The answer to a request: the next line of the script, else the handler's."""
        self.heard.append(heard)
        if self._lines:
            return self._lines.popleft()
        if self.handler is None:
            return Line()
        line = self.handler(heard)
        return line if isinstance(line, Line) else await line

    @staticmethod
    def sse(*events: Mapping[str, Any] | str, named: bool = False, after_s: float = 0.0, **line: Any) -> Line:
        """An event stream: each event a chunk of its own, `after_s` apart. `named` adds `event:` with the event's
        `type`, as Responses and Messages streams have it; a string stands for itself (`"[DONE]"`)."""
        pieces = [Piece(_event(event, named), after_s if place else 0.0) for place, event in enumerate(events)]
        headers = (("Content-Type", "text/event-stream"), *line.pop("headers", ()))
        return Line(headers=headers, body=pieces, framing="chunked", **line)

    @staticmethod
    def json(value: Any, **line: Any) -> Line:
        """A JSON document."""
        headers = (("Content-Type", "application/json"), *line.pop("headers", ()))
        return Line(headers=headers, body=json.dumps(value).encode(), **line)


def _event(event: Mapping[str, Any] | str, named: bool) -> bytes:
    data = event if isinstance(event, str) else json.dumps(event)
    name = f"event: {event['type']}\n" if named and not isinstance(event, str) else ""
    return f"{name}data: {data}\n\n".encode()


class _Connection(asyncio.Protocol):
    """One connection: reads requests, gives lines, notices when the client leaves."""

    transport: asyncio.Transport

    def __init__(self, script: Script) -> None:
        self.script = script
        self.buffer = b""
        self.busy = False
        self.number = 0
        self.answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.script.connections += 1
        self.number = self.script.connections
        self.script._open.add(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self.script._open.discard(self)
        if self.busy:
            self.script._hangups.put_nowait(asyncio.get_running_loop().time())
        if self.answering is not None:
            self.answering.cancel()

    def _begin(self) -> None:
        request = None if self.busy else take_request(self.buffer)
        if request is None:
            return
        head, body, self.buffer = request
        heard = Heard(head, body, asyncio.get_running_loop().time(), self.number)
        self.busy = True
        self.answering = asyncio.create_task(self._answer(heard))

    async def _answer(self, heard: Heard) -> None:
        line = await self.script.next_line(heard)
        await asyncio.sleep(line.wait_s)
        if not line.silent:
            self.transport.write(b"" if line.bare else line.head())
            await self._write_body(line, bodiless=heard.method == "HEAD")
        if line.ending == "stay":
            return
        self.busy = False
        if line.ending != "well" or line.framing == "close" or not line.keep_alive:
            self._leave(reset=line.ending == "rst")
            return
        self._begin()

    async def _write_body(self, line: Line, *, bodiless: bool) -> None:
        if bodiless:
            return
        chunked = line.framing == "chunked" and not line.bare
        for piece in line.pieces:
            if piece.after_s:
                await asyncio.sleep(piece.after_s)
            size = b"%x\r\n" % len(piece.data)
            self.transport.write(size + piece.data + b"\r\n" if chunked else piece.data)
        if chunked and line.ending == "well":
            self.transport.write(b"0\r\n\r\n")

    def _leave(self, *, reset: bool) -> None:
        if not reset:
            self.transport.close()
            return
        raw: socket.socket = self.transport.get_extra_info("socket")
        # Linger on, zero seconds: closing sends RST instead of FIN.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def take_request(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The first request in the buffer as head, body and what follows; None while it is not complete (RFC 9112 §6)."""
    head, found, rest = buffer.partition(b"\r\n\r\n")
    if not found:
        return None
    fields = {name.strip().lower(): value.strip() for name, _, value in _fields(head)}
    if fields.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
        chunked = _take_chunks(rest)
        return None if chunked is None else (head, *chunked)
    length = int(fields.get(b"content-length", b"0"))
    return None if len(rest) < length else (head, rest[:length], rest[length:])


def _fields(head: bytes) -> list[tuple[bytes, bytes, bytes]]:
    return [line.partition(b":") for line in head.split(b"\r\n")[1:]]


def _take_chunks(rest: bytes) -> tuple[bytes, bytes] | None:
    body = b""
    while True:
        size_line, found, rest = rest.partition(b"\r\n")
        size = int(size_line.split(b";")[0], 16) if found else 0
        if not found or len(rest) < size + 2:
            return None
        body, rest = body + rest[:size], rest[size + 2 :]
        if size == 0:
            return body, rest

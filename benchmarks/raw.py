"""A second floor: the relay without an HTTP client library, its upstream connections on the server's own event loop.

It must not know what a request says. It has no TLS, no proxy, no timeouts and no retries: it tells what a library and
its threads cost, and is no way to reach a provider.
"""

import asyncio
from typing import cast
from urllib.parse import urlsplit

import httptools

from benchmarks.relay import HOP, UPSTREAM, Message, Receive, Send, whole

PLACE = urlsplit(UPSTREAM)
idle: list["Line"] = []


class Line(asyncio.Protocol):
    """A keep-alive connection to the upstream, one request at a time."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.arrival: asyncio.Future[None] | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []
        self.ended = False
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is none of asyncio's

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self.arrival and not self.arrival.done():
            self.arrival.set_exception(exc or ConnectionResetError("closed before the answer's end"))

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)
        if self.arrival and not self.arrival.done():
            self.arrival.set_result(None)

    def on_header(self, name: bytes, value: bytes) -> None:
        if (name := name.lower()) != b"transfer-encoding":
            self.headers.append((name, value))

    def on_body(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        self.ended = True

    def send(self, request: bytes) -> None:
        """Writes a request and forgets the last answer."""
        self.headers, self.pieces, self.ended = [], [], False
        self.transport.write(request)

    async def read(self) -> bytes:
        """All that has arrived of the body since the last call; empty at its end. Raises OSError."""
        while not self.pieces and not self.ended:
            self.arrival = asyncio.get_running_loop().create_future()
            await self.arrival
        data, self.pieces = b"".join(self.pieces), []
        return data


async def relay(scope: Message, receive: Receive, send: Send) -> None:
    """Passes the request on and the response back."""
    body = await whole(receive)
    line = await free()
    line.send(head(scope, len(body)) + body)
    data = await line.read()
    status = line.parser.get_status_code()
    await send({"type": "http.response.start", "status": status, "headers": line.headers})
    while not line.ended:
        await send({"type": "http.response.body", "body": data, "more_body": True})
        data = await line.read()
    await send({"type": "http.response.body", "body": data})
    idle.append(line)


async def free() -> Line:
    """A connection that nobody uses."""
    while idle:
        if (line := idle.pop()).open:
            return line
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(Line, PLACE.hostname or "", PLACE.port or 80))[1]


def head(scope: Message, length: int) -> bytes:
    """The request up to its body."""
    headers, path = scope["headers"], scope["raw_path"]
    assert isinstance(headers, list)
    assert isinstance(path, bytes)
    passed = b"".join([b"%b: %b\r\n" % pair for pair in headers if pair[0] not in HOP])
    start = b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (str(scope["method"]).encode(), path, PLACE.netloc.encode())
    return start + passed + b"content-length: %d\r\n\r\n" % length

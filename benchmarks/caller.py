"""A client's keep-alive connection, HTTP/1.1 over a raw protocol: cheap enough to leave the cores to the proxy.

It must not know what is asked, or why.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

import httptools

from benchmarks.bodies import HEADERS
from benchmarks.job import Target

STAMP = b'"t='
STAMP_LENGTH = 17
PATIENCE_S = 120.0


@dataclass(slots=True)
class Heard:
    """A response as it arrived. Times are seconds of `time.monotonic`."""

    sent: float
    status: int = 0
    last: float = 0.0
    body: list[bytes] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    """For each event that carries a stamp: seconds between its writing and its arrival."""


class Caller(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.answer: asyncio.Future[Heard] | None = None
        self.heard = Heard(0.0)
        self.now = 0.0
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is none of asyncio's
        self.open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(exc or ConnectionResetError("closed before the answer's end"))

    def data_received(self, data: bytes) -> None:
        self.now = time.monotonic()
        self.parser.feed_data(data)

    def on_body(self, piece: bytes) -> None:
        self.heard.body.append(piece)
        found = piece.find(STAMP)
        start = found + len(STAMP)
        if found >= 0 and start + STAMP_LENGTH <= len(piece):  # else the stamp is cut: another event will tell
            self.heard.delays.append(self.now - float(piece[start : start + STAMP_LENGTH]))

    def on_message_complete(self) -> None:
        self.heard.status = self.parser.get_status_code()
        self.heard.last = self.now
        if not self.parser.should_keep_alive():
            self.transport.close()
        if self.answer and not self.answer.done():
            self.answer.set_result(self.heard)

    async def ask(self, request: bytes) -> Heard:
        """Sends and waits for the whole answer. Raises OSError when the connection breaks, TimeoutError."""
        self.answer = asyncio.get_running_loop().create_future()
        self.heard = Heard(time.monotonic())
        self.transport.write(request)
        return await asyncio.wait_for(self.answer, PATIENCE_S)


async def connect(port: int) -> Caller:
    """Opens a connection to a port of the loopback device. Raises OSError."""
    _, caller = await asyncio.get_running_loop().create_connection(Caller, "127.0.0.1", port)
    return caller


def head(target: Target) -> bytes:
    """Everything of a request that stands before the value of its Content-Length."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in target.headers.items())
    start = f"POST {target.path} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n{extra}"
    return start.encode("ascii") + HEADERS + b"Content-Length: "

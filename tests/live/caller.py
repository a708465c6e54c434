"""A client that speaks sockets: what it sends is exactly what is on the wire, what it got is exactly what came.

It must not know the proxy, nor any wire form.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Pairs = Sequence[tuple[str, str]]
MOST_LINE = 1 << 20
PATIENCE_S = 20.0


class Broke(Exception):
    """The connection ended before the body did; `args[0]` is what had come until then."""


@dataclass(frozen=True, slots=True)
class Got:
    """One answer. Names of headers as they came; the body without its framing."""

    status: int
    headers: Pairs
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of that header, whatever its case, or the empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        """Every value of that header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[str]:
        """The payloads of an event stream."""
        lines = self.body.decode().splitlines()
        return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


class Caller:
    """One connection; one request after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._method = ""
        self._head = Got(0, ())
        self._left = 0

    async def send(self, method: str, target: str, body: bytes = b"", headers: Pairs = ()) -> None:
        """Writes a request; `content-length` and `host` are added where they are not given."""
        given = {name.lower() for name, _ in headers}
        framed = given & {"content-length", "transfer-encoding"}
        lines = [f"{method} {target} HTTP/1.1", *([] if "host" in given else ["host: localhost"])]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"content-length: {len(body)}"] if not framed and (body or method == "POST") else []
        self._method = method
        await self.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)

    async def write(self, data: bytes) -> None:
        """Any bytes, as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def head(self) -> Got:
        """Status and headers of the answer; interim answers (1xx) are passed over."""
        while True:
            lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
            self._head = Got(status, pairs)
            if status >= 200:
                self._left = int(self._head.header("content-length") or 0)
                return self._head

    async def chunk(self) -> bytes:
        """The next piece of the body as it comes, empty at the end. Raises `Broke`."""
        if self._method == "HEAD" or self._head.status in (204, 304):
            return b""
        try:
            return await (self._piece() if self._head.header("transfer-encoding") else self._part())
        except (asyncio.IncompleteReadError, ConnectionError) as fault:
            raise Broke from fault

    async def answer(self) -> Got:
        """The whole answer. Raises `Broke` with what had come."""
        head = await self.head()
        body = b""
        try:
            while chunk := await self.chunk():
                body += chunk
        except Broke as fault:
            raise Broke(body) from fault
        return Got(head.status, head.headers, body)

    async def closed(self, within_s: float = 5.0) -> bool:
        """Whether the proxy closes the connection."""
        try:
            async with asyncio.timeout(within_s):
                return not await self._reader.read(1)
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def leave(self) -> None:
        """Hangs up at once."""
        self._writer.transport.abort()

    async def _piece(self) -> bytes:
        size = int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16)
        return (await self._reader.readexactly(size + 2))[:-2]

    async def _part(self) -> bytes:
        if not self._left:
            return b""
        data = await self._reader.read(self._left)
        if not data:
            raise asyncio.IncompleteReadError(b"", self._left)
        self._left -= len(data)
        return data


async def until(true: Callable[[], object], within_s: float = 5.0) -> None:
    """Waits until something is so. Raises `TimeoutError`."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.005)


@asynccontextmanager
async def calling(url: str) -> AsyncIterator[Caller]:
    """A connection to the proxy at `url`."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=MOST_LINE)
    try:
        yield Caller(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


async def ask(url: str, method: str, target: str, body: bytes = b"", headers: Pairs = ()) -> Got:
    """One request on a connection of its own. Raises `TimeoutError` where a test would hang."""
    async with asyncio.timeout(PATIENCE_S), calling(url) as caller:
        await caller.send(method, target, body, headers)
        return await caller.answer()


async def post(url: str, target: str, value: Mapping[str, Any] | bytes, headers: Pairs = ()) -> Got:
    """A JSON request on a connection of its own; bytes stand for themselves."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return await ask(url, "POST", target, body, [("content-type", "application/json"), *headers])

"""How a tool server is reached: a program of our own over its pipes, or HTTP.

It must not know what is said, nor when to try again. One of the rooms of the MCP library.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TextIO

import httpx2
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from proxy.tools import UNAVAILABLE
from proxy.tools.config import Server

IDLE_S = 4.0
"""Seconds that an idle connection is kept: many servers close theirs after 5, and what is sent just then is lost."""
SILENT_S = 3_600.0
"""Seconds that a server may think about a call without sending anything."""
LAST_WORDS_S = 0.5
"""Seconds that an ended program's last words may take to be heard."""
Streams = AbstractAsyncContextManager[Any]
Overhear = Callable[[str], None]


def reach(server: Server, overhear: Overhear, patience_s: float) -> Streams:
    """The streams to a server, for as long as the block; `overhear` is told what a program says on stderr."""
    if server.command:
        return _program(server, overhear)
    timeout = httpx2.Timeout(patience_s, read=SILENT_S, pool=None)
    client = httpx2.AsyncClient(headers=dict(server.headers), timeout=timeout, transport=_Apart())
    return _over_http(server.url, client)


@asynccontextmanager
async def _program(server: Server, overhear: Overhear) -> AsyncIterator[Any]:
    asked = StdioServerParameters(
        command=server.command, args=list(server.args), env=dict(server.env), cwd=server.cwd or None
    )
    async with _Overheard(overhear) as errors, stdio_client(asked, errlog=errors) as streams:
        yield streams


class _Apart(httpx2.AsyncHTTPTransport):
    """HTTP in which one request that breaks off breaks no other: to the library a raised fault is the end of all.

    That nobody answers at all is still raised.
    """

    def __init__(self) -> None:
        super().__init__(
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=IDLE_S)
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        try:
            return await super().handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            raise
        except httpx2.TransportError as fault:
            if request.method != "POST":
                raise
            error = {"code": UNAVAILABLE, "message": f"the request broke off: {type(fault).__name__}"}
            return httpx2.Response(502, json={"jsonrpc": "2.0", "id": None, "error": error}, request=request)


@asynccontextmanager
async def _over_http(url: str, client: httpx2.AsyncClient) -> AsyncIterator[Any]:
    async with client, streamable_http_client(url, http_client=client) as streams:
        yield streams


@asynccontextmanager
async def watched(streams: Streams, ended: asyncio.Event) -> AsyncIterator[Any]:
    """The streams, and an event that is set when the server ends them."""
    async with streams as (read, write):
        yield _Watched(read, ended), write


class _Watched:
    """A read stream that tells of its end."""

    def __init__(self, stream: Any, ended: asyncio.Event) -> None:
        self._stream = stream
        self._ended = ended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> "_Watched":
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except BaseException:
            self._ended.set()
            raise

    async def __aenter__(self) -> "_Watched":
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> None:
        await self._stream.__aexit__(*raised)


class _Overheard:
    """A file whose lines are overheard, in a thread, until the last one who writes to it has closed it.

    The block ends when all is heard, or shortly after: a program's children may keep the file open.
    """

    def __init__(self, hear: Overhear) -> None:
        self._hear = hear

    async def __aenter__(self) -> TextIO:
        reading, writing = os.pipe()
        self._file = os.fdopen(writing, "w")
        self._thread = threading.Thread(target=self._read, args=(reading,), daemon=True)
        self._thread.start()
        return self._file

    async def __aexit__(self, *raised: object) -> None:
        self._file.close()
        await asyncio.to_thread(self._thread.join, LAST_WORDS_S)

    def _read(self, reading: int) -> None:
        with os.fdopen(reading, "r", errors="replace") as lines:
            for line in lines:
                if line.strip():
                    self._hear(line.rstrip())

"""A gateway with its tool side and a ledger behind it, on ports of their own, for as long as a block.

It must not know what is asked of them.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from benchmarks.gateway.ledger import Ledger, build
from proxy.server.gate import Gate
from proxy.server.mcp import Mcp
from proxy.settings import Settings
from proxy.tools import Called, Prefetched
from proxy.tools.opening import Side, opened
from proxy.wire.forms import Forms


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """An ASGI app behind HTTP; gives its port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on"))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells it in no other way)
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await serving


class Wire:
    """A wire to a server that can be cut: then nothing listens, and every connection is reset."""

    def __init__(self, onward: int) -> None:
        self._onward = onward
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> None:
        """Listens, on the same port each time."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Cuts it."""
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._onward)
        ends = {writer, back}
        self._open |= ends
        with suppress(ConnectionError):
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        for end in ends:
            end.transport.abort()
        self._open -= ends


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Bytes from one to the other until either ends; then both do."""
    while piece := await source.read(1 << 16):
        target.write(piece)
        await target.drain()
    raise ConnectionResetError


@dataclass(slots=True)
class Stand:
    """What stands there."""

    url: str
    side: Side
    wire: Wire
    """Between the gateway and the server."""
    told: list[Called | Prefetched]


@asynccontextmanager
async def standing(ledger: Ledger) -> AsyncIterator[Stand]:
    """The ledger's server, and the gateway before it with calls ahead allowed."""
    safe = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    told: list[Called | Prefetched] = []
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(served(build(ledger).streamable_http_app(transport_security=safe)))
        wire = Wire(port)
        await wire.mend()
        stack.callback(wire.cut)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        side = await stack.enter_async_context(opened(_settings(folder, wire.port), Forms().named, told.append))
        assert side is not None
        port = await stack.enter_async_context(served(_Alone(Mcp(side.gateway, Gate(), shared=False))))
        await side.gateway.links["ledger"].tried.wait()
        yield Stand(f"http://127.0.0.1:{port}/mcp", side, wire, told)


def _settings(folder: str, port: int) -> Settings:
    path = f"{folder}/mcp.json"
    Path(path).write_text(json.dumps({"mcpServers": {"ledger": {"url": f"http://127.0.0.1:{port}/mcp"}}}))
    given: dict[str, Any] = {"prefetch": "on", "prefetch_tools": "ledger/read", "prefetch_probation": 0}
    return Settings(_env_file=None, mcp_config=path, **given)


class _Alone:
    """An app and nothing else: no lifespan of its own."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})

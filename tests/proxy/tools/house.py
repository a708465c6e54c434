"""Tool servers and a proxy in front of them, for as long as a block: real processes, real HTTP, the official client.

It must not know what is tested.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult

from policies import Session
from proxy.compose import running
from proxy.engine import Engine
from proxy.policy import Policy
from proxy.reader import Reader
from proxy.server.app import Apps, Outrider
from proxy.server.gate import Gate, caller
from proxy.server.intake import Receive, Scope, Send
from proxy.server.mcp import Mcp
from proxy.server.protocol import Protocol
from proxy.server.road import Road
from proxy.services import Services
from proxy.settings import Settings
from proxy.store import Limits as StoreLimits
from proxy.store.embedded import EmbeddedStore
from proxy.tools import Called, Owner, Prefetched
from proxy.tools.ahead import Entry, Refused
from proxy.tools.opening import Side, opened
from proxy.upstreams.http import HttpUpstream
from proxy.upstreams.pool import Pool
from proxy.wire.forms import Forms
from tests.live.caller import until
from tests.proxy.tools.shop import Shop, build

SHOP = str(Path(__file__).parent / "shop.py")
NO_UPSTREAM = "http://127.0.0.1:9/v1"
KEY = "Bearer sk-me"
ME = caller(((b"authorization", KEY.encode()),))


def program(*arguments: str, **more: Any) -> dict[str, Any]:
    """The entry of a shop that is started as a program."""
    return {"command": sys.executable, "args": [SHOP, *arguments], **more}


@asynccontextmanager
async def served(shop: Shop, name: str = "shop", port: int = 0) -> AsyncIterator[str]:
    """A shop behind HTTP in this process; gives its URL."""
    open_to_all = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = build(shop, name).streamable_http_app(transport_security=open_to_all)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.started or serving.done())
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = server.force_exit = True
        await serving


@asynccontextmanager
async def gateway(folder: Path, servers: dict[str, Any], **settings: Any) -> AsyncIterator[str]:
    """A proxy with these tool servers; gives its URL without a path."""
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    given = {"log": "off", "upstream": NO_UPSTREAM, "mcp_config": str(path), **settings}
    async with running(Settings(_env_file=None, **given)) as url:
        yield url


@asynccontextmanager
async def client(
    url: str, mode: str = "auto", headers: dict[str, str] | None = None, **more: Any
) -> AsyncIterator[Client]:
    """The official client; `mode` is `auto` (the stateless protocol) or `legacy` (the one with a handshake)."""
    http = httpx2.AsyncClient(headers=headers or {}, timeout=30)
    streams = streamable_http_client(url, http_client=http)
    async with http, Client(streams, mode=mode, cache=None, **more) as client:
        yield client


def of(session: str, key: str = KEY) -> dict[str, str]:
    """Headers of a client that names its session."""
    return {"authorization": key, "x-outrider-session": session}


def text(result: CallToolResult) -> str:
    """The text of a result."""
    return "".join(getattr(part, "text", "") for part in result.content)


@dataclass
class Ride:
    """A proxy with tool servers, its insides in reach."""

    url: str
    side: Side
    told: list[Called | Prefetched]
    """Every call and every call ahead that has ended."""

    def ahead(self, name: str, session: str = "s1", caller: str = ME, **arguments: Any) -> Entry:
        """Makes a call ahead for a session; raises `Refused`."""
        return self.side.prefetch.launch(Owner(caller, session), name, arguments, "x1")

    def why_not(self, name: str, session: str = "s1", **arguments: Any) -> str:
        """Why a call is not made ahead; empty when it is."""
        try:
            self.ahead(name, session, **arguments)
        except Refused as refusal:
            return str(refusal)
        return ""

    def uses(self) -> list[str]:
        """What became of the calls ahead."""
        return [each.use for each in self.told if isinstance(each, Prefetched)]

    def answers(self) -> list[str]:
        """Who answered the calls."""
        return [each.by for each in self.told if isinstance(each, Called)]


@asynccontextmanager
async def riding(
    folder: Path, servers: dict[str, Any], *policies: Policy, upstream: str = NO_UPSTREAM, **given: Any
) -> AsyncIterator[Ride]:
    """A proxy with these policies and tool servers."""
    path = folder / "mcp.json"
    told: list[Called | Prefetched] = []
    sides: list[Side] = []
    path.write_text(json.dumps({"mcpServers": servers}))
    plain = {"prefetch": "on", "prefetch_tools": "shop/read,shop/search,shop/peek,shop/write", "prefetch_probation": 0}
    settings = Settings(_env_file=None, log="off", mcp_config=str(path), **{**plain, **given})

    @asynccontextmanager
    async def house() -> AsyncIterator[Apps]:
        forms, gate = Forms(), Gate([key.get_secret_value() for key in settings.keys])
        pool = Pool({"default": HttpUpstream("default", upstream)}, {}, time.time)
        read = Reader(forms, most=1 << 20)
        services = Services(EmbeddedStore(StoreLimits()), pool, forms.named, read, time.time, time.perf_counter)
        async with opened(settings, forms.named, told.append) as side:
            assert side is not None
            sides.append(side)
            services = replace(services, tool=side.prefetch.perform, listen=side.lookout)
            engine = Engine((Session(), *policies), services)
            yield Apps(
                Road(engine, services, forms, gate, most=1 << 20),
                _nobody,
                _nobody,
                Mcp(side.gateway, gate, shared=False),
            )
            await engine.aclose()
            await pool.close()

    config = uvicorn.Config(
        Outrider(house),
        port=0,
        lifespan="on",
        http=Protocol,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.started or serving.done())
    try:
        links = sides[0].gateway.links.values()
        await until(lambda: all(link.up for link in links))
        yield Ride(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", sides[0], told)
    finally:
        server.should_exit = True
        await serving


async def _nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """No admin pages and no WebSockets in this house."""

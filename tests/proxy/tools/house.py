"""Tool servers and a proxy in front of them, for as long as a block: real processes, real HTTP, the official client.

It must not know what is tested.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from mcp import Client
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult

from proxy.compose import running
from proxy.settings import Settings
from tests.live.caller import until
from tests.proxy.tools.shop import Shop, build

SHOP = str(Path(__file__).parent / "shop.py")
NO_UPSTREAM = "http://127.0.0.1:9/v1"


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
async def client(url: str, mode: str = "auto", **more: Any) -> AsyncIterator[Client]:
    """The official client; `mode` is `auto` (the stateless protocol) or `legacy` (the one with a handshake)."""
    async with Client(url, mode=mode, cache=None, **more) as client:
        yield client


def text(result: CallToolResult) -> str:
    """The text of a result."""
    return "".join(getattr(part, "text", "") for part in result.content)

"""A proxy with guests made for a test: the real road, engine, store and pool, and policies of one's own.

It must not know what the guests do.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from proxy.engine import Engine
from proxy.policy import Policy
from proxy.reader import Reader
from proxy.server.app import Apps, Outrider
from proxy.server.gate import Gate
from proxy.server.intake import Receive, Scope, Send
from proxy.server.road import Road
from proxy.services import Services
from proxy.store import Limits
from proxy.store.embedded import EmbeddedStore
from proxy.upstreams.http import HttpUpstream
from proxy.upstreams.pool import Pool
from proxy.wire.forms import Forms
from tests.live.caller import until

MOST = 1 << 20


@asynccontextmanager
async def guests(upstream: str, *policies: Policy) -> AsyncIterator[str]:
    """A proxy in front of `upstream` with these policies; gives its URL without `/v1`."""

    @asynccontextmanager
    async def house() -> AsyncIterator[Apps]:
        forms = Forms()
        reader = Reader(forms, most=MOST)
        pool = Pool({"default": HttpUpstream("default", f"{upstream}/v1")}, {}, time.time)
        services = Services(EmbeddedStore(Limits()), pool, forms.named, reader, time.time, time.perf_counter)
        engine = Engine(policies, services)
        yield Apps(Road(engine, services, forms, Gate(), most=MOST), _nobody, _nobody)
        await engine.aclose()
        await pool.close()
        await services.store.close()

    server = uvicorn.Server(uvicorn.Config(Outrider(house), port=0, lifespan="on", log_config=None, access_log=False))
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def _nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """No admin pages and no WebSockets in this house."""

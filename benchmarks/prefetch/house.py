"""A whole proxy around one recorded session: its model speaks at its pace, its tools are a real MCP server.

It must not know what is measured. All times are those of the recording, made shorter alike: generation, tools, and all
that a rule of calls ahead knows.
"""

import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mcp.server.transport_security import TransportSecuritySettings

from benchmarks.gateway.stand import served
from benchmarks.prefetch.toolserver import Recorded, build
from policies import Session
from proxy.engine import Engine
from proxy.policy import Policy
from proxy.reader import Reader
from proxy.server.app import Apps, Outrider
from proxy.server.gate import Gate
from proxy.server.intake import Receive, Scope, Send
from proxy.server.mcp import Mcp
from proxy.server.road import Road
from proxy.services import Services
from proxy.settings import Settings
from proxy.store import Limits as StoreLimits
from proxy.store.embedded import EmbeddedStore
from proxy.tools import Called, Prefetched
from proxy.tools.opening import Side, opened
from proxy.tools.pace import Limits
from proxy.upstreams.pool import Pool
from proxy.upstreams.recorded import RecordedUpstream
from proxy.wire.forms import Forms

MOST = 1 << 22
TTL_S = 10.0
SERVER = "desk"
PLENTY: dict[str, Any] = {"per_session": 64, "per_server": 64, "per_exchange": 1 << 20, "rate": 1e6, "burst": 1e6}


@dataclass(slots=True)
class Time:
    """Seconds that pass, and those that are skipped because nothing would happen in them."""

    skipped: float = 0.0

    def tick(self) -> float:
        """Monotonic seconds."""
        return time.monotonic() + self.skipped

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self.skipped


@dataclass(slots=True)
class House:
    """What stands there."""

    url: str
    time: Time
    side: Side
    told: list[Called | Prefetched]


@dataclass(frozen=True, slots=True)
class Furniture:
    """What a house is made of."""

    trace: str
    """The recorded session as one line."""
    recorded: Recorded
    tools: Sequence[str]
    guests: tuple[Policy, ...]
    windows: Sequence[str]
    speed: float
    lesson: Any
    ttl_s: float = TTL_S
    bounded: bool = True
    """False: calls ahead have no bounds but those of safety."""


@asynccontextmanager
async def standing(furniture: Furniture) -> AsyncIterator[House]:
    """The house, for as long as the block."""
    safe = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = build(furniture.recorded, furniture.tools, SERVER).streamable_http_app(transport_security=safe)
    hours, told, sides = Time(), list[Called | Prefetched](), list[Side]()
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            port = await stack.enter_async_context(served(app))
            settings = _settings(furniture, Path(folder), port)

            @asynccontextmanager
            async def apps() -> AsyncIterator[Apps]:
                forms = Forms()
                async with opened(settings, forms.named, told.append, tick=hours.tick) as side:
                    assert side is not None
                    side.prefetch.shelf.limits = limits(furniture)
                    sides.append(side)
                    services = _services(furniture, Path(folder), forms, hours)
                    services = replace(services, tool=side.prefetch.perform, listen=side.lookout)
                    engine, gate = Engine((Session(), *furniture.guests), services), Gate()
                    road = Road(engine, services, forms, gate, most=MOST)
                    yield Apps(road, _nobody, _nobody, Mcp(side.gateway, gate, shared=False))
                    await engine.aclose()

            port = await stack.enter_async_context(served(Outrider(apps)))
            await sides[0].gateway.links[SERVER].tried.wait()
            yield House(f"http://127.0.0.1:{port}", hours, sides[0], told)


def _settings(furniture: Furniture, folder: Path, port: int) -> Settings:
    (folder / "trace.jsonl").write_text(furniture.trace)
    servers = {SERVER: {"url": f"http://127.0.0.1:{port}/mcp"}}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    given: dict[str, Any] = {
        "prefetch": "on",
        "prefetch_tools": ",".join(f"{SERVER}/{name}" for name in furniture.tools if name in furniture.recorded.reads),
        "prefetch_windows": ",".join(furniture.windows) or "off",
        "prefetch_ttl_s": furniture.ttl_s / furniture.speed,
    }
    return Settings(_env_file=None, log="off", mcp_config=str(folder / "mcp.json"), **given)


def _services(furniture: Furniture, folder: Path, forms: Forms, hours: Time) -> Services:
    upstream = RecordedUpstream("default", [str(folder / "trace.jsonl")], speed=furniture.speed, forms=forms)
    return Services(
        EmbeddedStore(StoreLimits()),
        Pool({"default": upstream}, {}, time.time),
        forms.named,
        Reader(forms, most=MOST),
        hours.now,
        time.perf_counter,
        shared=lambda: {"prefetch": furniture.lesson},
    )


def limits(furniture: Furniture) -> Limits:
    """The limits as they stand, at the pace of the house; no tool is on trial any more."""
    plain, speed = Limits(probation=0), furniture.speed
    first, most = plain.pause_s
    paced = replace(
        plain,
        rate=plain.rate * speed,
        patience_s=plain.patience_s / speed,
        pause_s=(first / speed, most / speed),
        doubt_s=plain.doubt_s / speed,
    )
    return paced if furniture.bounded else replace(paced, **PLENTY)


async def _nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """No admin pages and no WebSockets in this house."""

"""Puts all together: settings in, a running proxy out. The one place that knows every room.

It must not decide anything itself; what it chooses between is named in the settings. A room that only some settings
ask for is imported when they do (`import_module`): the room of Redis alone would cost every start 0.1 s and 7 MB.
"""

import asyncio
import logging
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from proxy.audience import Sink
from proxy.charge import Charge
from proxy.embeddings import embedding
from proxy.engine import Engine
from proxy.foreteller import Foreteller, foretelling
from proxy.garbage import paced
from proxy.invitation import beliefs_in, invited, prefetching, scoring
from proxy.lessons import Lessons
from proxy.opening import open_pool, read_models
from proxy.pins import pinned
from proxy.policy import Budget, Claim, Policy
from proxy.prices import Prices
from proxy.reader import Reader
from proxy.recorder import Recorder
from proxy.redact import Redactor
from proxy.server.admin import Facts, admin
from proxy.server.app import Apps, Outrider
from proxy.server.gate import Gate
from proxy.server.mcp import Mcp
from proxy.server.protocol import Protocol
from proxy.server.realtime import Realtime
from proxy.server.road import Road
from proxy.services import Services
from proxy.settings import Settings
from proxy.store import Limits, Store
from proxy.store.embedded import EmbeddedStore
from proxy.telemetry.log import configure
from proxy.telemetry.prometheus import Metrics
from proxy.tokens import Tokens
from proxy.tools.opening import Side, opened
from proxy.upstreams.follow import following
from proxy.upstreams.pool import Pool
from proxy.upstreams.realtime import relay
from proxy.version import installed
from proxy.wire.forms import Forms

if TYPE_CHECKING:
    from proxy.store.redis import RedisStore

MB = 1_000_000
GREETING_S = 2.0
log = logging.getLogger("outrider")


def limits(settings: Settings) -> Limits:
    """The store's bounds."""
    return Limits(session_ttl_s=settings.session_ttl_s, recording_ttl_s=settings.record_ttl_s)


def open_store(settings: Settings) -> Store:
    """The store that the settings name. Raises `StoreError`."""
    url = settings.redis_url.get_secret_value()
    if url:
        shared: type[RedisStore] = import_module("proxy.store.redis").RedisStore
        return shared.connect(url, limits(settings))
    path = Path(settings.state_file).expanduser() if settings.state_file else None
    return EmbeddedStore(limits(settings), path)


def recorder(settings: Settings) -> Recorder | None:
    """What makes a line of an exchange, or None where nothing is recorded."""
    if settings.record == "off":
        return None
    return Recorder(settings.record, Redactor(settings.redact) if settings.redact else None)


@asynccontextmanager
async def house(settings: Settings) -> AsyncIterator[Apps]:
    """Everything behind one port, for as long as it is open."""
    tokens, prices = await _counted(settings)
    forms = Forms(int(settings.parse_cache_mb * MB))
    foreteller = Foreteller()
    guests = invited(settings, tokens.count, prices, foreteller)
    metrics = Metrics() if settings.metrics else None
    virtual = tuple(name for guest in guests for name in guest.models)
    pool = open_pool(settings, tokens.count, virtual)
    store = open_store(settings)
    lessons = await _remembered(store, guests)
    services = outfit(settings, store, pool, forms, Charge(tokens.count, prices, _urls(settings)), metrics)
    services = replace(services, shared=lessons.known, teach=lessons.hear)
    gate = Gate([key.get_secret_value() for key in settings.keys])
    async with (
        opened(settings, forms.named, metrics.tool if metrics else None, prefetching(settings)) as side,
        following(settings.models, partial(read_models, settings, virtual), pool.relist),
        embedding(settings.embeddings) as embed,
        foretelling(settings.route_scores, foreteller, embed),
    ):
        services = replace(services, embed=embed)
        if side:
            result = side.board.perform if side.board else None
            services = replace(services, tool=side.prefetch.perform, listen=side.lookout, result=result)
        engine = Engine(guests, services, budget=Budget(settings.plan_calls, settings.plan_seconds))
        beat = settings.sse_keepalive_s
        road = Road(engine, services, forms, gate, most=_most(settings), heartbeat_s=beat, traffic=metrics)
        tools = Mcp(side.gateway if side else None, gate, shared=settings.shares)
        sockets = Realtime(settings.places, gate, relay)
        try:
            with paced():
                yield Apps(road, sockets, admin(_known(settings, services, metrics, lessons, side)), tools)
        finally:
            if side and side.board:
                side.board.outcomes.close()
            await engine.aclose()
            await lessons.close()
            await pool.close()
            await services.store.close()
            for sink in services.sinks:
                getattr(sink, "close", getattr(sink, "flush", _nothing))()


async def _remembered(store: Store, guests: Sequence[Policy]) -> Lessons:
    """What the policies have learned, as the store has it."""
    lessons = Lessons(store, guests)
    await _greet(store)
    await lessons.renew()
    return lessons


async def _counted(settings: Settings) -> tuple[Tokens, Prices]:
    """What counts tokens and money, as far as it must be loaded before the first request."""
    tokens, prices = Tokens(), Prices()
    await prices.ready()  # 0.1 s at the start, so that no request ever goes without its cost
    condenses = {"on", "tagged"} & {settings.consolidate, *settings.consolidate_agents.values()}
    if condenses or any(place.recordings for place in settings.places):
        await tokens.ready()  # what is decided by a count must not begin with a guess
    return tokens, prices


def _known(
    settings: Settings, services: Services, metrics: Metrics | None, lessons: Lessons, side: Side | None
) -> Facts:
    """What the admin pages may ask about."""
    facts = replace(_facts(settings, services, metrics), accounts=lessons.accounts, score=scoring(lessons.hear))
    return replace(facts, ahead=side.accounts.of) if side else facts


async def _greet(store: Store) -> None:
    """The first connection, and a look whether anyone is there: both take longer than a request would wait."""
    try:
        async with asyncio.timeout(GREETING_S):
            await store.load("", Claim(), "nobody")
    except Exception as fault:
        log.warning("the store does not answer (%s); requests go on without memory until it does", fault or "timeout")


def outfit(
    settings: Settings, store: Store, pool: Pool, forms: Forms, charge: Charge, metrics: Metrics | None
) -> Services:
    """What the engine works with."""
    return Services(
        store,
        pool,
        forms.named,
        Reader(forms, most=_most(settings)),
        time.time,
        time.perf_counter,
        recorder(settings),
        charge,
        pinned,
        sinks=_sinks(settings, metrics),
        patience_s=settings.store_budget_ms / 1e3 if settings.redis_url.get_secret_value() else 0.0,
    )


def _facts(settings: Settings, services: Services, metrics: Metrics | None) -> Facts:
    key = settings.admin_key.get_secret_value()
    return Facts(
        services.store,
        lambda: services.pool.roster().health,
        metrics.render if metrics else None,
        key,
        settings.shares and not key,
        installed(),
        beliefs_in(services.store),
    )


def _urls(settings: Settings) -> Callable[[str], str]:
    urls = {place.name: place.url for place in settings.places}
    return lambda name: urls.get(name, "")


def _most(settings: Settings) -> int:
    return int(settings.max_body_mb * MB)


def _nothing() -> None:
    """For sinks that keep nothing back."""


def _sinks(settings: Settings, metrics: Metrics | None) -> list[Sink]:
    sinks: list[Sink] = [metrics] if metrics else []
    if settings.log != "off":
        sinks.append(configure(settings.log, settings.log_level))
    if settings.otlp_endpoint:
        headers = {name: value.get_secret_value() for name, value in settings.otlp_headers.items()}
        sinks.append(import_module("proxy.telemetry.otlp").make_sink(settings.otlp_endpoint, headers))
    return sinks


def build(settings: Settings) -> Outrider:
    """The ASGI app of one worker."""
    return Outrider(partial(house, settings))


def server_config(settings: Settings, host: str, port: int, workers: int = 1) -> uvicorn.Config:
    """uvicorn as the road wants it: nothing added to replies, nothing logged twice, long keep-alive, big frames."""
    return uvicorn.Config(
        partial(build, settings),
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=Protocol,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=int(settings.max_body_mb * MB),
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=settings.keepalive_s,
        timeout_graceful_shutdown=30,
        backlog=4096,
    )


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Runs until told to stop. Exits with 1 when the server cannot start."""
    config = server_config(settings, host, port, workers)
    if workers == 1:
        signal.signal(signal.SIGTERM, _end)
        server = uvicorn.Server(config)
        server.run()
        if not server.started:
            raise SystemExit(1)
        return
    with tempfile.TemporaryDirectory(prefix="outrider-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        socket = config.bind_socket()
        Multiprocess(config, sockets=[socket]).run()


def _end(_number: int, _frame: object) -> None:
    """SIGTERM, once uvicorn has shut down and raises it again: a good end."""
    raise SystemExit(0)


@asynccontextmanager
async def running(settings: Settings, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """A proxy in this process, for as long as the block; gives its base URL without `/v1`."""
    server = uvicorn.Server(server_config(settings, host, port))
    serving = asyncio.ensure_future(server.serve())
    try:
        while not server.started:
            if serving.done():
                raise RuntimeError(f"the proxy did not start: {serving.exception() or 'see the log'}")
            await asyncio.sleep(0.005)
        yield f"http://{host}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving

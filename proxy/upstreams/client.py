"""The client's side of HTTP: opens connections to upstreams, keeps them for the next request, closes them in time.

It must not know models, keys, health or what is sent. There is no bound on the number of connections: a thousand
agents may stream at once, each over its own.

Why it is our own and no library: a client who leaves before the first byte must cost the upstream nothing more. The
fastest library tried (pyreqwest 0.15) leaves a cancelled request running until the head of its answer comes, which for
a reply that is not streamed is the whole of the work; it also adds headers and cannot read those that are not ASCII.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi

from proxy.upstreams import UpstreamError
from proxy.upstreams.connection import Connection

IDLE_S = 4.0
"""Seconds that an unused connection is kept: below the 5 s of uvicorn (vLLM) and Node, because a connection that the
upstream closes just as we write loses the request."""
IDLE_TLS_S = 50.0
"""The same behind TLS: hosted APIs keep theirs for 60 s and more, and a new handshake costs round trips."""
RECENT_S = 0.02
"""A connection used so lately is not asked whether it is still open: the loop would have told us."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an upstream is waited for, in seconds; nothing bounds the whole reply."""

    connect_s: float = 5.0
    """Name look-up, TCP and TLS together."""
    first_byte_s: float = 600.0
    """From sending to the first byte of the body."""
    between_s: float = 300.0
    """From one piece of the body to the next."""


class Origin(NamedTuple):
    """Where connections go; those of one origin are alike."""

    host: str
    port: int
    tls: bool


class Client:
    """Connections by origin. Make it inside a running loop; close it before the loop ends.

    A forward proxy is used where the environment names one (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    Certificates are checked against the system's and certifi's; `SSL_CERT_FILE` adds to them.
    """

    def __init__(
        self, timeouts: Timeouts | None = None, *, idle_s: float | None = None, proxies: Mapping[str, str] | None = None
    ) -> None:
        self.timeouts = timeouts or Timeouts()
        self._loop = asyncio.get_running_loop()
        self._idle_s = idle_s
        self._proxies = getproxies() if proxies is None else dict(proxies)
        self._kept: dict[Origin, list[Connection]] = {}
        self._out: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None

    def kept(self, origin: Origin) -> Connection | None:
        """A connection used before and still open, the one used last; or None."""
        connections = self._kept.get(origin)
        now = self._loop.time()
        oldest, recent = now - self._limit(origin), now - RECENT_S
        while connections:
            connection = connections.pop()
            used = connection.idle_since
            if used > oldest and connection.reusable and (used > recent or not connection.closed_by_peer()):
                self._out.add(connection)
                return connection
            connection.abort()
        return None

    async def opened(self, origin: Origin) -> Connection:
        """A new connection. Raises `UpstreamError`, code `connect`."""
        try:
            async with asyncio.timeout(self.timeouts.connect_s):
                connection = await self._dial(origin)
        except TimeoutError:
            message = f"took more than {self.timeouts.connect_s:g} s to connect"
            raise UpstreamError(message, code="connect", status=504, sent=False) from None
        except (OSError, ssl.SSLError) as error:
            raise UpstreamError(f"cannot be reached: {error}", code="connect", status=502, sent=False) from error
        self._out.add(connection)
        return connection

    def release(self, origin: Origin, connection: Connection) -> None:
        """Takes a connection back: kept when it can be used again, else closed."""
        self._out.discard(connection)
        if not connection.reusable:
            connection.abort()
            return
        connection.idle_since = self._loop.time()
        self._kept.setdefault(origin, []).append(connection)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(1.0, self._sweep)

    async def close(self) -> None:
        """Closes every connection, also those in use."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in [*self._out, *(each for kept in self._kept.values() for each in kept)]:
            connection.abort()
        self._kept.clear()
        self._out.clear()
        # The loop closes the sockets in its next turn.
        await asyncio.sleep(0)

    def _limit(self, origin: Origin) -> float:
        return self._idle_s or (IDLE_TLS_S if origin.tls else IDLE_S)

    def _sweep(self) -> None:
        """Closes what was idle for too long: the oldest stand in front."""
        for origin, connections in list(self._kept.items()):
            oldest = self._loop.time() - self._limit(origin)
            while connections and (connections[0].lost or connections[0].idle_since <= oldest):
                connections.pop(0).abort()
            if not connections:
                del self._kept[origin]
        self._sweeper = self._loop.call_later(1.0, self._sweep) if self._kept else None

    async def _dial(self, origin: Origin) -> Connection:
        forward = self._forward(origin)
        if forward is not None:
            return await self._tunnel(origin, forward)
        tls = self._tls if origin.tls else None
        _, connection = await self._loop.create_connection(Connection, origin.host, origin.port, ssl=tls)
        return connection

    def _forward(self, origin: Origin) -> SplitResult | None:
        url = self._proxies.get("https" if origin.tls else "http") or self._proxies.get("all")
        if not url or proxy_bypass(f"{origin.host}:{origin.port}", self._proxies):
            return None
        return urlsplit(url if "://" in url else f"http://{url}")

    async def _tunnel(self, origin: Origin, forward: SplitResult) -> Connection:
        """A connection through a forward proxy (RFC 9110 §9.3.6), with TLS inside it where the origin wants that."""
        loop = self._loop
        tls = self._tls if forward.scheme == "https" else None
        port = forward.port or (443 if tls else 80)
        transport, tunnel = await loop.create_connection(lambda: _Tunnel(loop), forward.hostname or "", port, ssl=tls)
        try:
            await tunnel.open(_connect_head(origin, forward))
            connection = Connection()
            if not origin.tls:
                transport.set_protocol(connection)
                connection.connection_made(transport)
                return connection
            inner = await loop.start_tls(transport, connection, self._tls, server_hostname=origin.host)
        except BaseException:
            transport.abort()
            raise
        assert inner is not None
        connection.connection_made(inner)
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        context.set_alpn_protocols(["http/1.1"])
        return context


def make_client(timeouts: Timeouts | None = None, *, idle_s: float | None = None) -> Client:
    """The connections of one process; see `Client`."""
    return Client(timeouts, idle_s=idle_s)


class _Tunnel(asyncio.Protocol):
    """Asks a forward proxy for a connection and waits for its leave."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._answer: asyncio.Future[bytes] = loop.create_future()
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        if b"\r\n\r\n" in self._read and not self._answer.done():
            self._answer.set_result(self._read.split(b"\r\n", 1)[0])

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(ConnectionError("the forward proxy closed the connection"))

    async def open(self, head: bytes) -> None:
        assert self._transport is not None
        self._transport.write(head)
        status = (await self._answer).split(b" ")[1:2]
        if status != [b"200"]:
            raise ConnectionError(f"the forward proxy answered {b''.join(status).decode('latin-1')}")


def _connect_head(origin: Origin, forward: SplitResult) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    lines = [f"CONNECT {host}:{origin.port} HTTP/1.1", f"host: {host}:{origin.port}"]
    if forward.username:
        pair = f"{unquote(forward.username)}:{unquote(forward.password or '')}"
        lines.append(f"proxy-authorization: Basic {b64encode(pair.encode()).decode()}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

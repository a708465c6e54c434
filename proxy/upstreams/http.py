"""An upstream behind HTTP: one request out, one reply in, each byte handed on as it comes.

It must not know models, health, the pool or a wire form's insides. This is the only room of pyreqwest (and
`httpx_client` beside it, which lends its connections to SDKs).

Two things the library does to headers, known and harmless: headers of one name are sent side by side, in their
order, where the first of them stood (RFC 9110 §5.3 gives both the same meaning); and a request without `accept` or
`user-agent` gets `*/*`, which means the same as none (RFC 9110 §12.5.1), and `outrider`.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectError, ConnectTimeoutError, PyreqwestError, RequestTimeoutError
from pyreqwest.http import HeaderMap
from pyreqwest.request import StreamRequest
from pyreqwest.response import ResponseBodyReader

from proxy.exchange import Headers, Reply, Request
from proxy.upstreams import UpstreamError
from proxy.upstreams.address import Address
from proxy.upstreams.watchdog import Watchdog

T = TypeVar("T")

HOP_BY_HOP = frozenset(
    b"connection proxy-connection keep-alive te trailer transfer-encoding upgrade"
    b" proxy-authenticate proxy-authorization".split()
)
"""RFC 9110 §7.6.1, and what RFC 2616 §13.5.1 had besides."""
NOT_FORWARDED = HOP_BY_HOP | {b"host", b"content-length", b"accept-encoding", b"expect"}
CREDENTIALS = frozenset((b"authorization", b"x-api-key", b"api-key"))
OWN = b"x-outrider-"
WITH_BODY = frozenset(("POST", "PUT", "PATCH"))

IDLE_S = 4.0
"""Seconds that a connection is kept for the next request: below the 5 s of uvicorn (vLLM) and Node, because a
connection closed by the upstream just as we write loses the request."""
IDLE_TLS_S = 50.0
"""The same where the upstream is behind TLS: hosted APIs keep for 60 s and more, and a new handshake costs."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an upstream is waited for, in seconds; nothing bounds the whole reply."""

    connect_s: float = 5.0
    first_byte_s: float = 600.0
    """From sending to the first byte of the body."""
    between_s: float = 300.0
    """From one piece of the body to the next."""


def make_client(timeouts: Timeouts | None = None, *, idle_s: float = IDLE_S) -> Client:
    """The pool of connections, without a bound on their number; close it before the process ends.

    It adds nothing to a request and undoes nothing in a reply: no redirects, cookies, referer, decompression. A
    forward proxy is used where the environment names one (`HTTPS_PROXY`, `NO_PROXY`, …). By itself it repeats a
    request only when the kept connection turned out closed before anything was written.
    """
    builder = ClientBuilder().follow_redirects(False).referer(False).error_for_status(False)
    builder = builder.gzip(False).brotli(False).zstd(False).deflate(False)
    builder = builder.http1_lower_case_headers().user_agent("outrider")
    builder = builder.pool_idle_timeout(timedelta(seconds=idle_s))
    return builder.connect_timeout(timedelta(seconds=(timeouts or Timeouts()).connect_s)).build()


class HttpUpstream:
    """The upstream at `url`; see `Address` for how request paths are joined to it.

    With a `key` the client's credentials never leave: they are replaced by `authorization: Bearer`, or `x-api-key`
    for Anthropic messages.
    """

    def __init__(
        self, name: str, url: str, *, key: str = "", timeouts: Timeouts | None = None, client: Client | None = None
    ) -> None:
        self.name = name
        self.url = url
        self.key = key
        self._address = Address(url)
        self._timeouts = timeouts or Timeouts()
        self._own = client is None
        idle_s = IDLE_TLS_S if url.startswith("https:") else IDLE_S
        self._client = client or make_client(self._timeouts, idle_s=idle_s)

    async def send(self, request: Request) -> Reply:
        """Sends, and returns with the head of the answer.

        Raises `UpstreamError`: `connect` (nothing was sent), `timeout`, `closed`. In mid-stream `Reply.chunks` raises
        the same. Cancelling closes the connection at once.
        """
        watchdog = Watchdog()
        sending = self._build(request)
        response = await self._guarded(watchdog, self._timeouts.first_byte_s, sending.__aenter__())
        chunks = Chunks(self, sending, response.body_reader, watchdog)
        return Reply(response.status, read_headers(response.headers), chunks, self.name)

    async def close(self) -> None:
        """Gives back the connections, if they are not shared."""
        if self._own:
            await self._client.close()

    def _build(self, request: Request) -> StreamRequest:
        builder = self._client.request(request.method, self._address.join(request.path, request.query))
        try:
            builder = builder.headers(write_headers(request, self.key))
        except ValueError as wrong:
            raise UpstreamError(
                f"a header cannot be sent on: {wrong}", code="closed", status=502, sent=False, upstream=self.name
            ) from wrong
        if request.body:
            builder = builder.body_bytes(request.body)
        return builder.streamed_read_buffer_limit(0).build_streamed()

    async def _guarded(self, watchdog: Watchdog, seconds: float, work: Awaitable[T]) -> T:
        """What `work` gives, within `seconds`; its failure in our own words."""
        watchdog.watch(seconds)
        try:
            return await work
        except asyncio.CancelledError:
            if watchdog.caught():
                raise self._error(f"said nothing for {seconds:g} s", "timeout") from None
            raise
        except ConnectTimeoutError:
            message = f"took more than {self._timeouts.connect_s:g} s to connect"
            raise self._error(message, "connect", status=504, sent=False) from None
        except ConnectError as error:
            raise self._error(f"cannot be reached: {_cause(error)}", "connect", sent=False) from error
        except RequestTimeoutError as error:
            raise self._error(f"took too long: {_cause(error)}", "timeout") from error
        except PyreqwestError as error:
            raise self._error(f"broke off: {_cause(error)}", "closed") from error
        finally:
            watchdog.rest()

    def _error(self, message: str, code: str, *, status: int = 0, sent: bool = True) -> UpstreamError:
        status = status or (504 if code == "timeout" else 502)
        return UpstreamError(f"upstream {self.name} {message}", code=code, status=status, sent=sent, upstream=self.name)


class Chunks:
    """The body of a reply as it comes. Closing it, or cancelling whoever waits in it, closes the connection."""

    __slots__ = ("_reader", "_seconds", "_sending", "_upstream", "_watchdog")

    def __init__(
        self, upstream: HttpUpstream, sending: StreamRequest, reader: ResponseBodyReader, watchdog: Watchdog
    ) -> None:
        self._upstream = upstream
        self._sending: StreamRequest | None = sending
        self._reader = reader
        self._watchdog = watchdog
        self._seconds = upstream._timeouts.first_byte_s

    def __aiter__(self) -> "Chunks":
        return self

    async def __anext__(self) -> bytes:
        if self._sending is None:
            raise StopAsyncIteration
        try:
            chunk = await self._upstream._guarded(self._watchdog, self._seconds, self._reader.read_chunk())
        except BaseException:
            await self.aclose()
            raise
        if chunk is None:
            await self.aclose()
            raise StopAsyncIteration
        self._seconds = self._upstream._timeouts.between_s
        return chunk.to_bytes()

    async def aclose(self) -> None:
        """Ends the reply; harmless when it has ended."""
        sending, self._sending = self._sending, None
        if sending is None:
            return
        self._watchdog.stop()
        await sending.__aexit__(None, None, None)


def write_headers(request: Request, key: str) -> list[tuple[str, str]]:
    """The request's headers as they go to an upstream: the client's own, less what belongs to this hop or to us."""
    named = request.header(b"connection")
    skipped = NOT_FORWARDED if not named else NOT_FORWARDED | _tokens(named)
    if key:
        skipped = skipped | CREDENTIALS
    kept = [
        (name.decode("latin-1"), _text(value))
        for name, value in request.headers
        if name not in skipped and not name.startswith(OWN)
    ]
    kept.append(("accept-encoding", "identity"))
    if key:
        kept.append(("x-api-key", key) if request.form == "messages" else ("authorization", f"Bearer {key}"))
    if not request.body and request.method in WITH_BODY:
        # RFC 9110 §8.6: without it some servers answer 411.
        kept.append(("content-length", "0"))
    return kept


def read_headers(headers: HeaderMap) -> Headers:
    """A reply's headers less those of this hop; `content-length` stays."""
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _readable(headers)]
    named = next((value for name, value in pairs if name == b"connection"), b"")
    skipped = HOP_BY_HOP | _tokens(named.decode("latin-1")) if named else HOP_BY_HOP
    return tuple(pair for pair in pairs if pair[0] not in skipped)


def _readable(headers: HeaderMap) -> list[tuple[str, str]]:
    """All headers; where a value is not ASCII the library cannot give it, and that header alone is left out."""
    try:
        return list(headers.items())
    except ValueError:
        return [(name, value) for name in dict.fromkeys(headers.keys()) for value in _values(headers, name)]


def _values(headers: HeaderMap, name: str) -> list[str]:
    try:
        return headers.getall(name)
    except ValueError:
        return []


def _tokens(value: str) -> frozenset[bytes]:
    return frozenset(token.strip().lower().encode("latin-1") for token in value.split(","))


def _text(value: bytes) -> str:
    # The library writes text as UTF-8, so bytes that are UTF-8 leave as they came.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _cause(error: PyreqwestError) -> str:
    """The innermost cause in the library's own words; the outer ones hold the URL."""
    details = getattr(error, "details", None) or {}
    causes = details.get("causes") or [{"message": error.message}]
    return str(causes[-1]["message"])

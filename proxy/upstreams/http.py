"""An upstream behind HTTP: one request out, one reply in, each byte handed on as it comes.

It must not know models, health, the pool of upstreams or a wire form's insides.
"""

from proxy.exchange import Headers, Reply, Request
from proxy.memo import Memo
from proxy.upstreams import Take, UpstreamError
from proxy.upstreams.address import Address
from proxy.upstreams.client import Client, Timeouts, make_client
from proxy.upstreams.connection import Connection

HOP_BY_HOP = frozenset(
    b"connection proxy-connection keep-alive te trailer transfer-encoding upgrade"
    b" proxy-authenticate proxy-authorization".split()
)
"""RFC 9110 §7.6.1, and what RFC 2616 §13.5.1 had besides."""
NOT_FORWARDED = HOP_BY_HOP | {b"host", b"content-length", b"accept-encoding", b"expect"}
CREDENTIALS = frozenset((b"authorization", b"x-api-key", b"api-key"))
OWN = b"x-outrider-"
WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))
"""RFC 9110 §9.2.2: what a client may send twice."""


class HttpUpstream:
    """The upstream at `url`; see `Address.target` for how request paths are joined to it.

    With a `key` the client's credentials never leave: they are replaced by `authorization: Bearer`, or by `x-api-key`
    for Anthropic messages. Without a `client` it has connections of its own.
    """

    def __init__(
        self, name: str, url: str, *, key: str = "", timeouts: Timeouts | None = None, client: Client | None = None
    ) -> None:
        self.name = name
        self.url = url
        self._key = key.encode()
        self._address = Address.of(url)
        self._own = client is None
        self._client = client or make_client(timeouts)
        self._timeouts = timeouts or self._client.timeouts

    async def send(self, request: Request) -> Reply:
        """Sends, and returns with the head of the answer.

        Raises `UpstreamError`: `connect` (nothing was sent), `timeout`, `closed`; in mid-stream `Reply.chunks` raises
        the last two. Cancelling closes the connection at once. A kept connection that turns out closed costs one more
        try, and only if nothing was written or the method may be repeated.
        """
        head = self._head(request)
        try:
            return await self._exchange(request, head)
        except UpstreamError as error:
            error.args = (f"upstream {self.name} {error}",)
            error.upstream = self.name
            raise

    async def close(self) -> None:
        """Gives back the connections, if they are not shared."""
        if self._own:
            await self._client.close()

    async def _exchange(self, request: Request, head: bytes) -> Reply:
        origin = self._address.origin
        connection = self._client.kept(origin)
        if connection is None:
            return await self._ask(await self._client.opened(origin), request, head)
        try:
            return await self._ask(connection, request, head)
        except UpstreamError as error:
            if error.sent and (error.code != "closed" or request.method not in IDEMPOTENT):
                raise
        return await self._ask(await self._client.opened(origin), request, head)

    async def _ask(self, connection: Connection, request: Request, head: bytes) -> Reply:
        limits = self._timeouts
        try:
            status, headers = await connection.ask(
                head,
                request.body,
                first_byte_s=limits.first_byte_s,
                between_s=limits.between_s,
                bodiless=request.method == "HEAD",
            )
        except BaseException:
            self._client.release(self._address.origin, connection)
            raise
        return Reply(status, read_headers(headers), Chunks(self, connection), self.name)

    def _head(self, request: Request) -> bytes:
        headers = write_headers(request, self._key)
        target = self._address.target(request.path, request.query)
        lines = [b"%b %b HTTP/1.1\r\nhost: %b" % (request.method.encode(), target, self._address.host)]
        head = b"\r\n".join((*lines, *map(b": ".join, headers)))
        # A line break inside a value would smuggle in a header, or a whole request.
        if len(head.splitlines()) != len(headers) + 2:
            raise UpstreamError("header with a line break", code="closed", status=502, sent=False, upstream=self.name)
        return head + b"\r\n\r\n"

    def ended(self, connection: Connection) -> None:
        """A reply is over, in whatever way."""
        self._client.release(self._address.origin, connection)


class Chunks:
    """The body of a reply as it comes. Closing it, cancelling whoever waits in it, or forgetting it closes the
    connection, unless the reply has ended; then the connection is kept for the next request."""

    __slots__ = ("_connection", "_upstream")

    def __init__(self, upstream: HttpUpstream, connection: Connection) -> None:
        self._upstream = upstream
        self._connection: Connection | None = connection

    def __aiter__(self) -> "Chunks":
        return self

    async def __anext__(self) -> bytes:
        if self._connection is None:
            raise StopAsyncIteration
        try:
            chunk = await self._connection.read()
        except UpstreamError as error:
            self._end()
            error.args = (f"upstream {self._upstream.name} {error}",)
            error.upstream = self._upstream.name
            raise
        except BaseException:
            self._end()
            raise
        if not chunk:
            self._end()
            raise StopAsyncIteration
        return chunk

    def bypass(self, take: Take) -> None:
        """From now on `take` is asked for each piece that comes while the reader waits."""
        if self._connection is not None:
            self._connection.bypass(take)

    async def aclose(self) -> None:
        """Ends the reply; harmless when it has ended."""
        self._end()

    def __del__(self) -> None:
        self._end()

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._upstream.ended(connection)


def write_headers(request: Request, key: bytes = b"") -> Headers:
    """The request's headers as they go to an upstream: the client's own in their order, less what belongs to this hop
    or to us; `accept-encoding` and `content-length` anew."""
    kept = [pair for pair in request.headers if _goes_on[pair[0]]]
    named = request.header(b"connection")
    if named:
        skipped = _tokens(named)
        kept = [pair for pair in kept if pair[0] not in skipped]
    if key:
        kept = [pair for pair in kept if pair[0] not in CREDENTIALS]
        kept.append((b"x-api-key", key) if request.form == "messages" else (b"authorization", b"Bearer " + key))
    kept.append((b"accept-encoding", b"identity"))
    if request.body or request.method in WITH_BODY:
        kept.append((b"content-length", b"%d" % len(request.body)))
    return tuple(kept)


def _forwarded(name: bytes) -> bool:
    """Whether a client's header goes on to an upstream."""
    return name not in NOT_FORWARDED and not name.startswith(OWN)


def _returned(name: bytes) -> bool:
    """Whether an upstream's header comes back to a client."""
    return name not in HOP_BY_HOP and not name.startswith(OWN)


_goes_on, _comes_back = Memo(_forwarded), Memo(_returned)


def read_headers(headers: Headers) -> Headers:
    """A reply's headers less those of this hop, and less those by which we speak; `content-length` stays."""
    kept = tuple([pair for pair in headers if _comes_back[pair[0]]])
    if len(kept) == len(headers) or not any(name == b"connection" for name, _ in headers):
        return kept
    named = [_tokens(value.decode("latin-1")) for name, value in headers if name == b"connection"]
    skipped = frozenset[bytes]().union(*named)
    return tuple([pair for pair in kept if pair[0] not in skipped])


def _tokens(value: str) -> frozenset[bytes]:
    return frozenset(token.strip().lower().encode("latin-1") for token in value.split(","))


__all__ = ["Chunks", "Client", "HttpUpstream", "Timeouts", "make_client", "read_headers", "write_headers"]

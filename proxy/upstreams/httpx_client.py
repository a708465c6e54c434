"""An httpx client over the proxy's own connections, for SDKs that want one.

It must not be used on the road, where httpx costs more than all the rest. Apart from `http`, so that the proxy does
not pay for the import of httpx when it starts.
"""

from collections.abc import AsyncIterator

import httpx

from proxy.exchange import Reply, Request
from proxy.upstreams import UpstreamError
from proxy.upstreams.client import Client
from proxy.upstreams.http import HttpUpstream


def httpx_client(client: Client) -> httpx.AsyncClient:
    """Uses the connections of `client`, and its timeouts; leaves them open when it is closed. Streams as bytes come."""
    return httpx.AsyncClient(transport=Transport(client), timeout=None)


class Transport(httpx.AsyncBaseTransport):
    """httpx's transport over a `Client`. Raises `httpx.ConnectError`, `httpx.ReadTimeout`, `httpx.ReadError`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        upstream = HttpUpstream(url.host, f"{url.scheme}://{url.netloc.decode()}", client=self._client)
        headers = tuple((name.lower(), value) for name, value in request.headers.raw)
        body = await request.aread()
        sent = Request(request.method, url.path, headers, body, url.query.decode())
        try:
            reply = await upstream.send(sent)
        except UpstreamError as error:
            raise _in_httpx_words(error, request) from error
        return httpx.Response(reply.status, headers=list(reply.headers), stream=_Stream(reply, request))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, reply: Reply, request: httpx.Request) -> None:
        self._chunks = reply.chunks
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._chunks:
                yield chunk
        except UpstreamError as error:
            raise _in_httpx_words(error, self._request) from error

    async def aclose(self) -> None:
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()


def _in_httpx_words(error: UpstreamError, request: httpx.Request) -> httpx.TransportError:
    kinds = {"connect": httpx.ConnectError, "timeout": httpx.ReadTimeout}
    return kinds.get(error.code, httpx.ReadError)(str(error), request=request)

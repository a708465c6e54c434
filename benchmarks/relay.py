"""The floor: ASGI apps that do nothing but what no proxy can do without.

They must not know anything of what a request says. `nothing` answers by itself; `relay` passes bytes to the upstream
and back; `parsing` also reads every request body as JSON, once. The upstream's URL is in `BENCH_UPSTREAM`.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping

import orjson
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.request import RequestBuilder

Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

UPSTREAM = os.environ.get("BENCH_UPSTREAM", "http://127.0.0.1:9")
"""Without the `/v1`."""
HOP = frozenset(
    (b"connection", b"keep-alive", b"transfer-encoding", b"te", b"trailer", b"upgrade", b"host", b"content-length")
)
ANSWER = b'{"id":"chatcmpl-0","object":"chat.completion","choices":[]}'
clients: list[Client] = []


def client() -> Client:
    """The one client, made where its event loop is running."""
    if not clients:
        clients.append(ClientBuilder().gzip(False).brotli(False).deflate(False).zstd(False).build())
    return clients[0]


async def whole(receive: Receive) -> bytes:
    """The request's body."""
    body, more = b"", True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        assert isinstance(piece, bytes)
        body, more = body + piece if body else piece, bool(message.get("more_body"))
    return body


async def nothing(scope: Message, receive: Receive, send: Send) -> None:
    """Reads the request, answers from memory."""
    await whole(receive)
    length = str(len(ANSWER)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


async def relay(scope: Message, receive: Receive, send: Send) -> None:
    """Passes the request on and the response back."""
    await forward(scope, await whole(receive), send)


async def parsing(scope: Message, receive: Receive, send: Send) -> None:
    """The same, with the body read as JSON in between."""
    body = await whole(receive)
    if body:
        orjson.loads(body)
    await forward(scope, body, send)


async def forward(scope: Message, body: bytes, send: Send) -> None:
    """To the upstream and back: read at once, or piece by piece where a stream was asked for."""
    headers = scope["headers"]
    assert isinstance(headers, list)
    passed = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name not in HOP]
    request = client().request(str(scope["method"]), f"{UPSTREAM}{scope['path']}").headers(passed).body_bytes(body)
    if b'"stream":true' in body:
        await stream(request, send)
        return
    response = await request.build().send()
    await send({"type": "http.response.start", "status": response.status, "headers": back(response.headers.items())})
    await send({"type": "http.response.body", "body": bytes(await response.bytes())})


async def stream(request: RequestBuilder, send: Send) -> None:
    """Hands each network chunk on as it comes."""
    async with request.streamed_read_buffer_limit(0).build_streamed() as response:
        headers = back(response.headers.items())
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        while (chunk := await response.body_reader.read_chunk()) is not None:
            await send({"type": "http.response.body", "body": bytes(chunk), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def back(headers: object) -> list[tuple[bytes, bytes]]:
    """Response headers for the client; the server frames the body anew where the length is not known."""
    assert hasattr(headers, "__iter__")
    return [(name.encode(), value.encode()) for name, value in headers if name not in ("transfer-encoding",)]

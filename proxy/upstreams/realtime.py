"""A WebSocket relayed to an upstream: both directions, text and binary, subprotocols, close codes (RFC 6455).

It must not know what is said, nor the server's library: the client's side is ASGI messages as plain mappings. This is
the only room of `websockets`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from proxy.exchange import Request
from proxy.upstreams.address import Address
from proxy.upstreams.client import Timeouts
from proxy.upstreams.http import read_headers, write_headers

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HANDSHAKE = b"sec-websocket-"
NOT_FORWARDED = frozenset((b"accept-encoding", b"content-length"))
PROTOCOLS = b"sec-websocket-protocol"
KEY_PROTOCOL = "openai-insecure-api-key."
"""Browsers cannot set headers, so OpenAI takes a key as a subprotocol."""
UNSENDABLE = {1005: 1000, 1006: 1011, 1015: 1011}
"""Codes that only describe what was seen and may not be sent (RFC 6455 §7.4.1), and what is said instead."""
NO_UPSTREAM = 1014
"""Bad gateway, in the registry of close codes."""


async def relay(
    request: Request,
    url: str,
    key: str,
    receive: Receive,
    send: Send,
    *,
    timeouts: Timeouts | None = None,
    denial: bool = False,
) -> None:
    """Connects to the upstream at `url`, accepts the client, and carries messages until one side closes.

    The client's `websocket.connect` must not have been received yet. Path and query are joined as for HTTP; a `key`
    replaces the client's credentials. An upstream that refuses is told with its own status and body where the server
    can do so (`denial`: the ASGI extension `websocket.http.response`), else by closing before accepting, which is a
    403. Raises nothing but cancellation, which closes both sides.
    """
    await receive()
    limits = timeouts or Timeouts()
    try:
        upstream = await _open(request, url, key, limits)
    except InvalidStatus as refused:
        reply = refused.response
        headers = tuple((name.lower().encode("latin-1"), value.encode()) for name, value in reply.headers.raw_items())
        await _refuse(send, denial, reply.status_code, read_headers(headers), bytes(reply.body or b""))
        return
    except (OSError, TimeoutError, WebSocketException) as error:
        body = str(error).encode("utf-8", "replace")
        await _refuse(send, denial, 502, ((b"content-type", b"text/plain; charset=utf-8"),), body)
        return
    async with upstream:
        await send({"type": "websocket.accept", "subprotocol": upstream.subprotocol, "headers": []})
        await _pump(upstream, receive, send)


async def _open(request: Request, url: str, key: str, limits: Timeouts) -> ClientConnection:
    address = Address.of(url)
    scheme = "wss" if address.origin.tls else "ws"
    target = address.target(request.path, request.query).decode()
    offered = [
        Subprotocol(name.strip())
        for header, value in request.headers
        if header == PROTOCOLS
        for name in value.decode("latin-1").split(",")
    ]
    if key:
        offered = [name for name in offered if not name.startswith(KEY_PROTOCOL)]
    kept = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in write_headers(request, key.encode())
        if not name.startswith(HANDSHAKE) and name not in NOT_FORWARDED
    ]
    return await connect(
        f"{scheme}://{address.host.decode()}{target}",
        additional_headers=kept,
        subprotocols=offered or None,
        user_agent_header=None,
        compression=None,
        open_timeout=limits.connect_s,
        # What the two sides ask of each other is theirs: no size of ours, no pings of ours.
        max_size=None,
        ping_interval=None,
    )


async def _refuse(send: Send, denial: bool, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
    if not denial:
        await send({"type": "websocket.close", "code": NO_UPSTREAM, "reason": f"the upstream answered {status}"})
        return
    await send({"type": "websocket.http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "websocket.http.response.body", "body": body})


async def _pump(upstream: ClientConnection, receive: Receive, send: Send) -> None:
    """Both directions at once; when one has ended so has the other."""
    outward = asyncio.create_task(_outward(upstream, receive))
    inward = asyncio.create_task(_inward(upstream, send))
    try:
        await asyncio.wait((outward, inward), return_when=asyncio.FIRST_COMPLETED)
        if not inward.done() and not outward.result():
            await inward
    finally:
        for task in (outward, inward):
            task.cancel()
        await asyncio.gather(outward, inward, return_exceptions=True)


async def _outward(upstream: ClientConnection, receive: Receive) -> bool:
    """From the client to the upstream. True when the client has left; False when the upstream has, of which the other
    direction tells the client."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            await upstream.close(_sendable(message), str(message.get("reason") or ""))
            return True
        text = message.get("text")
        try:
            await upstream.send(text if text is not None else message["bytes"])
        except ConnectionClosed:
            return False


async def _inward(upstream: ClientConnection, send: Send) -> None:
    """From the upstream to the client, until the upstream leaves; then the client is told in the same words."""
    try:
        while True:
            said = await upstream.recv()
            await send({"type": "websocket.send", "text" if isinstance(said, str) else "bytes": said})
    except ConnectionClosed:
        code = upstream.close_code or 1006
        reason = upstream.close_reason or ""
        await send({"type": "websocket.close", "code": UNSENDABLE.get(code, code), "reason": reason})


def _sendable(message: Mapping[str, Any]) -> int:
    code = int(message.get("code") or 1000)
    return UNSENDABLE.get(code, code)

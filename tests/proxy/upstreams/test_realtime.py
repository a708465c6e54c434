"""Claims about relayed WebSockets, told by a real client to a real server through uvicorn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request as Asked
from websockets.http11 import Response
from websockets.typing import Subprotocol

from proxy.exchange import Request
from proxy.upstreams.realtime import relay

pytestmark = pytest.mark.anyio
Speak = Callable[[ServerConnection], Awaitable[None]]


async def echo(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(message)


@asynccontextmanager
async def between(url: str, key: str = "", *, denial: bool = True) -> AsyncIterator[str]:
    """The URL of a proxy that relays to `url`."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        headers = tuple(scope["headers"])
        request = Request("GET", scope["path"], headers, query=scope["query_string"].decode())
        await relay(request, url, key, receive, send, denial=denial)

    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def upstream(speak: Speak = echo, **options: Any) -> AsyncIterator[str]:
    async with serve(speak, "127.0.0.1", 0, **options) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1"


async def test_text_and_bytes_both_ways() -> None:
    """Messages of either kind pass unchanged, large ones too."""
    async with (
        upstream(max_size=None) as url,
        between(url) as proxy,
        connect(f"{proxy}/v1/realtime", max_size=None) as client,
    ):
        for message in ("text \u00e9", b"\x00\xff", "x" * 3_000_000):
            await client.send(message)
            assert await client.recv() == message


async def test_headers_query_and_subprotocol_arrive() -> None:
    """The upstream sees path, query, headers and the offered subprotocols; its choice reaches the client."""
    seen: list[Any] = []

    async def speak(socket: ServerConnection) -> None:
        seen.append(socket.request)
        await socket.wait_closed()

    offered = [Subprotocol("realtime"), Subprotocol("other")]
    async with (
        upstream(speak, subprotocols=[Subprotocol("realtime")]) as url,
        between(url) as proxy,
        connect(
            f"{proxy}/v1/realtime?model=gpt-realtime",
            additional_headers={"Authorization": "Bearer c", "OpenAI-Beta": "realtime=v1", "X-Outrider-Session": "s"},
            subprotocols=offered,
        ) as client,
    ):
        assert client.subprotocol == "realtime"
    headers = seen[0].headers
    assert seen[0].path == "/v1/realtime?model=gpt-realtime"
    assert (headers["Authorization"], headers["OpenAI-Beta"]) == ("Bearer c", "realtime=v1")
    assert "X-Outrider-Session" not in headers
    assert headers["Sec-WebSocket-Protocol"] == "realtime, other"


async def test_a_key_replaces_the_clients() -> None:
    """Neither the header nor the subprotocol that carries a browser's key leaves."""
    seen: list[Any] = []

    async def speak(socket: ServerConnection) -> None:
        seen.append(socket.request)
        await socket.wait_closed()

    offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.c")]
    async with (
        upstream(speak, subprotocols=[Subprotocol("realtime")]) as url,
        between(url, "ours") as proxy,
        connect(
            f"{proxy}/v1/realtime", additional_headers={"Authorization": "Bearer c"}, subprotocols=offered
        ) as client,
    ):
        assert client.subprotocol == "realtime"
    assert seen[0].headers.get_all("Authorization") == ["Bearer ours"]
    assert "insecure" not in seen[0].headers["Sec-WebSocket-Protocol"]


async def test_the_upstreams_close_reaches_the_client() -> None:
    """Code and reason are the upstream's."""

    async def speak(socket: ServerConnection) -> None:
        await socket.send("bye")
        await socket.close(4001, "session expired")

    async with upstream(speak) as url, between(url) as proxy, connect(f"{proxy}/v1/realtime") as client:
        assert await client.recv() == "bye"
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4001, "session expired")


async def test_an_upstream_that_dies_is_an_error() -> None:
    """A connection that breaks without a close is not a normal end for the client."""

    async def speak(socket: ServerConnection) -> None:
        socket.transport.abort()

    async with upstream(speak) as url, between(url) as proxy, connect(f"{proxy}/v1/realtime") as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1011


async def test_the_clients_close_reaches_the_upstream() -> None:
    """Code and reason are the client's."""
    closed: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()

    async def speak(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closed.put_nowait((socket.close_code, socket.close_reason))

    async with upstream(speak) as url, between(url) as proxy:
        async with connect(f"{proxy}/v1/realtime") as client:
            await client.close(4002, "done here")
        assert await asyncio.wait_for(closed.get(), 5) == (4002, "done here")


async def refuse(socket: ServerConnection, _request: Asked) -> Response:
    return socket.respond(HTTPStatus.UNAUTHORIZED, "who are you")


@pytest.mark.parametrize(("denial", "status"), [(True, 401), (False, 403)])
async def test_a_refusal_is_the_upstreams_own(denial: bool, status: int) -> None:
    """Status and body of a refused handshake reach the client, where the server can tell them."""
    async with upstream(process_request=refuse) as url, between(url, denial=denial) as proxy:
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"{proxy}/v1/realtime")
        assert caught.value.response.status_code == status
        assert not denial or caught.value.response.body == b"who are you"


async def test_nobody_there() -> None:
    """An upstream that cannot be reached is a 502."""
    async with between("http://127.0.0.1:1/v1") as proxy:
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"{proxy}/v1/realtime")
        assert caught.value.response.status_code == 502

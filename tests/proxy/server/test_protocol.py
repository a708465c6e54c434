"""The client's connection: hang-ups are told, and a short answer leaves in one piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from proxy.server.protocol import HANGUP, Protocol

pytestmark = pytest.mark.anyio

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n"


class App:
    """Answers as its next script says, and takes down which clients left."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.held = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        scope["extensions"][HANGUP]["listen"](self.left.set)
        length = (b"content-length", b"4")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        if scope["path"] == "/held":
            await self.held.wait()
        await send({"type": "http.response.body", "body": b"body"})


@pytest.fixture
async def app() -> App:
    return App()


@pytest.fixture
async def port(app: App) -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=0, http=Protocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event to wait for)
        await asyncio.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    app.held.set()
    server.should_exit = True
    await serving


async def test_a_short_answer_leaves_in_one_piece(port: int) -> None:
    """Head and body are one write; answer after answer on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(HEAD % 0)
        piece = await reader.read(65_536)
        assert piece.startswith(b"HTTP/1.1 200")
        assert piece.endswith(b"\r\n\r\nbody")
    writer.close()


async def test_a_head_does_not_wait_for_its_body(port: int, app: App) -> None:
    """A stream that says nothing yet has begun all the same."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((HEAD % 0).replace(b"/", b"/held", 1))
    async with asyncio.timeout(5):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        app.held.set()
        assert await reader.readexactly(4) == b"body"
    writer.close()


@pytest.mark.parametrize("size", [0, 5_000_000])
async def test_a_hang_up_is_told(port: int, app: App, size: int) -> None:
    """Also after a body so large that the server had stopped reading."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((HEAD % size).replace(b"/", b"/held", 1) + bytes(size))
    await writer.drain()
    await asyncio.sleep(0.1)
    assert not app.left.is_set()
    writer.close()
    async with asyncio.timeout(5):
        await app.left.wait()

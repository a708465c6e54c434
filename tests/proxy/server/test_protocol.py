"""The client's connection: hang-ups are told, and a short answer leaves in one piece."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from proxy.server.protocol import HANGUP, WRITING, Protocol

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


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """The app behind the protocol, on a port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Protocol, lifespan="off", log_config=None))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event to wait for)
        await asyncio.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@pytest.fixture
async def port(app: App) -> AsyncIterator[int]:
    async with served(app) as port:
        yield port
        app.held.set()


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


def said(number: int) -> bytes:
    """A piece of 20 kB."""
    return b"%04d" % number * 5_000


class Passer:
    """Begins an answer, then writes pieces past its task until it is refused, and sends the rest."""

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.headers = headers
        self.passed = 0
        self.sent = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        writer_of = scope["extensions"][WRITING]["writer"]
        assert writer_of(dict(scope)) is None  # another request's
        writer = writer_of(scope)
        take = writer.take
        assert not take(b"too early")
        assert writer.begin(200, self.headers)
        assert not writer.begin(200, self.headers)
        for number in range(1_000):
            piece = said(number)
            if take(piece):
                self.passed += 1
            else:
                self.sent += 1
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})
        assert not take(b"too late")


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"20000000")]])
async def test_pieces_pass_until_the_client_is_slow(headers: list[tuple[bytes, bytes]]) -> None:
    """Chunked or with a length, all of it comes in order; a client that does not read is waited for."""
    app = Passer(headers)
    async with (
        served(app) as port,
        httpx.AsyncClient() as client,
        client.stream("GET", f"http://127.0.0.1:{port}/") as a,
    ):
        await asyncio.sleep(0.1)
        assert await a.aread() == b"".join(map(said, range(1_000)))
    assert (app.passed + app.sent, app.passed > 0, app.sent > 0) == (1_000, True, True)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (204, []),
        (304, []),
        (200, [(b"connection", b"close")]),
        (200, [(b"transfer-encoding", b"chunked")]),
        (200, [(b"x", b"a\r\nset-cookie: b=1")]),
        (200, [(b"x\n", b"a")]),
        (700, []),
    ],
)
async def test_an_unusual_head_is_left_to_the_server(status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """What frames the answer otherwise, and a line end in a header, which the server refuses."""
    begun: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        begun.append(scope["extensions"][WRITING]["writer"](scope).begin(status, headers))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"all is well"})

    async with served(app) as port, httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/")
    assert (begun, answer.status_code, answer.text) == ([False], 200, "all is well")

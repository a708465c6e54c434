"""WebSockets ride through as they are: text and bytes, subprotocols, close codes, refusals, both ways of hanging up.

It must not know what is said over them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import AsyncOpenAI
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.live.conftest import Ride

pytestmark = pytest.mark.anyio
Handle = Callable[[ServerConnection], Awaitable[None]]
CHOPPED = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@asynccontextmanager
async def upstream(handle: Handle, refuse: int = 0) -> AsyncIterator[str]:
    """A WebSocket server that speaks as `handle` does, or refuses with a status; gives its URL."""

    async def answer(connection: ServerConnection, _: Request) -> Response | None:
        return connection.respond(refuse, "sorry") if refuse else None

    def choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return Subprotocol("realtime") if "realtime" in offered else None

    async with serve(
        handle, "127.0.0.1", 0, process_request=answer, select_subprotocol=choose, max_size=None
    ) as server:
        yield f"http://127.0.0.1:{_port(server)}/v1"


def _port(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


async def echo(connection: ServerConnection) -> None:
    """Says back what it hears."""
    async for said in connection:
        await connection.send(said)


async def test_messages_pass_both_ways(ride: Ride) -> None:
    """Text stays text and bytes stay bytes, of any length; path, query and headers reach the upstream, ours do not."""
    seen: list[Request] = []

    async def note(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request)
        await echo(connection)

    async with upstream(note) as url:
        place = (await ride(upstream=url)).replace("http", "ws")
        headers = {"Authorization": "Bearer sk-client", "x-outrider-agent": "scout", "openai-beta": "realtime=v1"}
        target = f"{place}/s/one/v1/realtime?model=gpt-realtime&a[]=1"
        async with connect(target, additional_headers=headers, max_size=None) as client:
            for said in ("{}", "é🐎", b"", bytes(range(256)), "x" * 3_000_000):
                await client.send(said)
                assert await client.recv() == said
    assert seen[0].path == "/v1/realtime?model=gpt-realtime&a[]=1"
    assert seen[0].headers["authorization"] == "Bearer sk-client"
    assert seen[0].headers["openai-beta"] == "realtime=v1"
    assert not [name for name, _ in seen[0].headers.raw_items() if name.lower().startswith("x-outrider")]


async def test_subprotocols_are_agreed_with_the_upstream(ride: Ride) -> None:
    """The upstream's choice among the client's subprotocols is the client's."""
    async with upstream(echo) as url:
        place = (await ride(upstream=url)).replace("http", "ws")
        offered = [Subprotocol("tomorrow"), Subprotocol("realtime")]
        async with connect(f"{place}/v1/realtime", subprotocols=offered) as client:
            assert client.subprotocol == "realtime"


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1008, "quota"), (4001, "é")])
async def test_the_upstreams_goodbye_is_the_clients(ride: Ride, code: int, reason: str) -> None:
    """Code and reason with which the upstream closes reach the client."""

    async def leave(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.close(code, reason)

    async with upstream(leave) as url:
        place = (await ride(upstream=url)).replace("http", "ws")
        async with connect(f"{place}/v1/realtime") as client:
            await client.send("go")
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert (client.close_code, client.close_reason) == (code, reason)


@pytest.mark.parametrize("politely", [True, False])
async def test_the_clients_goodbye_is_the_upstreams(ride: Ride, politely: bool) -> None:
    """A client that closes, or is simply gone, ends the upstream's connection."""
    over = asyncio.Event()

    async def listen(connection: ServerConnection) -> None:
        try:
            await echo(connection)
        finally:
            over.set()

    async with upstream(listen) as url:
        place = (await ride(upstream=url)).replace("http", "ws")
        async with connect(f"{place}/v1/realtime", close_timeout=1) as client:
            await client.send("hello")
            assert await client.recv() == "hello"
            if not politely:
                client.transport.abort()
        async with asyncio.timeout(5):
            await over.wait()


@pytest.mark.parametrize("status", [401, 404, 429])
async def test_a_refusal_is_quoted(ride: Ride, status: int) -> None:
    """An upstream that refuses the handshake is quoted, status and body."""
    async with upstream(echo, refuse=status) as url:
        place = (await ride(upstream=url)).replace("http", "ws")
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"{place}/v1/realtime")
    assert caught.value.response.status_code == status
    assert b"sorry" in (caught.value.response.body or b"")


async def test_an_upstream_that_is_not_there_is_told(ride: Ride) -> None:
    """Without an upstream the handshake is refused with a 5xx or 403; the proxy goes on."""
    place = (await ride(upstream="http://127.0.0.1:9/v1")).replace("http", "ws")
    for _ in range(2):
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"{place}/v1/realtime")
        assert caught.value.response.status_code in (403, 502)


KEYS = ("our-key", "second-key")


@pytest.mark.parametrize("key", ["", "wrong", *KEYS])
async def test_strangers_stay_outside(ride: Ride, key: str) -> None:
    """With OUTRIDER_KEYS a WebSocket needs one of them too, and it does not reach the upstream."""
    seen: list[Request] = []

    async def note(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request)

    async with upstream(note) as url:
        place = (await ride(upstream=url, keys=",".join(KEYS), upstream_key="sk-provider")).replace("http", "ws")
        opening = connect(f"{place}/v1/realtime", additional_headers={"Authorization": f"Bearer {key}"} if key else {})
        if key in KEYS:
            async with opening:
                pass
            assert seen[0].headers["authorization"] == "Bearer sk-provider"
            return
        with pytest.raises(InvalidStatus):
            await opening
        assert not seen


async def test_a_browsers_key_opens_the_door(ride: Ride) -> None:
    """Browsers, which cannot set headers, show a key of ours as a subprotocol; it does not reach the upstream."""
    seen: list[Request] = []

    async def note(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request)

    async with upstream(note) as url:
        place = (await ride(upstream=url, keys="our-key")).replace("http", "ws")
        offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.our-key")]
        async with connect(f"{place}/v1/realtime", subprotocols=offered):
            pass
    assert "our-key" not in str(seen[0].headers)


async def test_openais_client(ride: Ride) -> None:
    """The official client's realtime connection works with nothing changed but its base URL."""

    async def speak(connection: ServerConnection) -> None:
        await connection.send('{"type": "session.created", "event_id": "event_1", "session": {"type": "realtime"}}')
        async for said in connection:
            assert isinstance(said, str)
            if '"response.create"' in said:
                await connection.send('{"type": "response.done", "event_id": "event_2", "response": {"id": "resp_7"}}')

    async with upstream(speak) as url:
        base = f"{await ride(upstream=url)}/a/scout/v1"
        async with (
            AsyncOpenAI(base_url=base, api_key="sk") as client,
            client.realtime.connect(model="m") as it,
        ):
            assert (await it.recv()).type == "session.created"
            await it.response.create()
            assert (await it.recv()).type == "response.done"


@CHOPPED
@given(said=st.lists(st.one_of(st.text(max_size=200), st.binary(max_size=200)), max_size=12))
async def test_whatever_is_said_is_heard(echoing: str, said: list[str | bytes]) -> None:
    """Any messages arrive in their order."""
    async with connect(f"{echoing}/v1/realtime") as client:
        for each in said:
            await client.send(each)
        assert [await client.recv() for _ in said] == said


@pytest.fixture
async def echoing(ride: Ride) -> AsyncIterator[str]:
    async with upstream(echo) as url:
        yield (await ride(upstream=url)).replace("http", "ws")

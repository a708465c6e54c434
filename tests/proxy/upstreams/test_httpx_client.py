"""Claims about the httpx client over the proxy's own connections."""

import httpx
import pytest

from proxy.testing import Line, Piece, Script
from proxy.upstreams.client import Client, Timeouts
from proxy.upstreams.httpx_client import httpx_client

pytestmark = pytest.mark.anyio


async def test_it_streams_and_shares_connections() -> None:
    """A piece is there before the next is said, and requests share a connection of the proxy."""
    async with Script() as script:
        client = Client()
        script.say(*[Line(body=[b"a", Piece(b"b", 0.05)], framing="chunked")] * 2)
        async with httpx_client(client) as sdk:
            for _ in range(2):
                async with sdk.stream("POST", f"{script.url}/v1/x", json={"a": 1}, headers={"X-A": "1"}) as response:
                    assert [piece async for piece in response.aiter_raw()] == [b"a", b"b"]
        await client.close()
    assert script.connections == 1
    assert (script.heard[0].target, script.heard[0].body, script.heard[0].header("x-a")) == ("/v1/x", b'{"a":1}', "1")


async def test_leaving_a_stream_hangs_up() -> None:
    """Closing the response closes the upstream's connection."""
    async with Script() as script:
        client = Client()
        script.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"))
        async with httpx_client(client) as sdk, sdk.stream("GET", f"{script.url}/x?a=1") as response:
            assert await anext(response.aiter_raw()) == b"a"
        await script.hangup()
        await client.close()
    assert script.heard[0].target == "/x?a=1"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (Line(silent=True, ending="fin"), httpx.ReadError),
        (Line(silent=True, ending="stay"), httpx.ReadTimeout),
        (Line(body=b"a", framing="chunked", ending="fin"), httpx.ReadError),
    ],
)
async def test_failures_are_told_in_httpx_words(line: Line, error: type[Exception]) -> None:
    """An SDK sees the exceptions that it knows how to retry."""
    async with Script() as script:
        client = Client(Timeouts(first_byte_s=0.2))
        script.say(line)
        async with httpx_client(client) as sdk:
            with pytest.raises(error):
                await sdk.get(script.url)
        await client.close()


async def test_a_refused_connection() -> None:
    """Nobody there is a connection error."""
    client = Client()
    async with httpx_client(client) as sdk:
        with pytest.raises(httpx.ConnectError):
            await sdk.get("http://127.0.0.1:1/")
    await client.close()

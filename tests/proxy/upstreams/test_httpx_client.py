"""Claims about the httpx client over the proxy's own connections, made through the official SDK."""

import httpx
import pytest
from openai import AsyncOpenAI

from proxy.testing import Line, Piece, Script
from proxy.upstreams.client import Client, Timeouts
from proxy.upstreams.httpx_client import httpx_client

pytestmark = pytest.mark.anyio

CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}


async def test_the_openai_sdk_streams_over_it() -> None:
    """The SDK gets its chunks, and two requests share one connection."""
    async with Script() as script:
        client = Client()
        delta = {"index": 0, "delta": {"content": "hi"}, "finish_reason": None}
        for _ in range(2):
            script.say(Script.sse({**CHUNK, "choices": [delta]}, "[DONE]"))
        async with AsyncOpenAI(
            base_url=f"{script.url}/v1", api_key="k", http_client=httpx_client(client), max_retries=0
        ) as sdk:
            for _ in range(2):
                stream = await sdk.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": "x"}], stream=True
                )
                assert [chunk.choices[0].delta.content async for chunk in stream] == ["hi"]
        await client.close()
    assert script.connections == 1
    assert script.heard[0].target == "/v1/chat/completions"
    assert script.heard[0].header("authorization") == "Bearer k"


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

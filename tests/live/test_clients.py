"""OpenAI's official client rides through Outrider as it would without, sync and async.

It must not know what is on the wire: it sees what a user of the client sees.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from proxy.testing import Heard, Line, Script
from tests.live.caller import ask
from tests.live.conftest import Ride
from tests.live.replies import (
    ANSWERS,
    EMBEDDINGS,
    chat,
    chat_stream,
    error,
    response,
    response_stream,
    tool_stream,
    usage_chunk,
)

pytestmark = pytest.mark.anyio
ASKED: list[Any] = [{"role": "user", "content": "Where is the carriage?"}]
TOOLS: list[Any] = [{"type": "function", "function": {"name": "scout", "parameters": {"type": "object"}}}]


@pytest.fixture
async def client(url: str) -> AsyncIterator[AsyncOpenAI]:
    """The async client, that does not retry."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk-client", max_retries=0) as client:
        yield client


def asked(script: Script, at: int = 0) -> Any:
    """The body of a request that reached the upstream."""
    return json.loads(script.heard[at].body)


async def test_chat(script: Script, client: AsyncOpenAI) -> None:
    """A chat completion is what the provider said, with the user's key at the provider."""
    script.say(Script.json(chat()))
    got = await client.chat.completions.create(model="gpt-4o", messages=ASKED, tools=TOOLS, extra_body={"x": 1})
    assert got.model_dump(exclude_unset=True) == chat()
    assert asked(script) == {"model": "gpt-4o", "messages": ASKED, "tools": TOOLS, "x": 1}
    assert script.heard[0].header("authorization") == "Bearer sk-client"
    assert script.heard[0].header("user-agent").startswith("AsyncOpenAI/Python")


async def test_chat_stream(script: Script, client: AsyncOpenAI) -> None:
    """A streamed completion is the provider's chunks, the usage chunk included."""
    script.say(Script.sse(*chat_stream("A", "head.")[:-1], usage_chunk(), "[DONE]"))
    stream = await client.chat.completions.create(
        model="gpt-4o", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Ahead."
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None


async def test_streamed_tool_calls_are_put_together(script: Script, client: AsyncOpenAI) -> None:
    """The client's own accumulation of streamed tool calls gives both calls with their arguments."""
    script.say(Script.sse(*tool_stream()))
    async with client.chat.completions.stream(model="gpt-4o", messages=ASKED, tools=TOOLS) as stream:
        final = await stream.get_final_completion()
    calls = final.choices[0].message.tool_calls or []
    assert [(call.id, call.function.name, call.function.arguments) for call in calls] == [
        ("call_A1b2C3d4", "scout", '{"road": "north"}'),
        ("call_E5f6G7h8", "signal", '{"horn": true}'),
    ]


async def test_a_stream_that_dies_is_an_error(script: Script, client: AsyncOpenAI) -> None:
    """An upstream that dies in mid-stream raises in the client; its loop does not end as if all were well."""
    script.say(Script.sse(*chat_stream("A")[:2], ending="rst"))
    stream = await client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True)
    with pytest.raises(openai.APIError, match="Outrider: upstream default closed"):
        _ = [chunk async for chunk in stream]


async def test_responses(script: Script, client: AsyncOpenAI) -> None:
    """A response and its successor, which refers to it, are the provider's."""
    script.say(Script.json(response()), Script.json(response("resp_8")))
    first = await client.responses.create(model="gpt-5", input="Where is the carriage?")
    second = await client.responses.create(model="gpt-5", input="And then?", previous_response_id=first.id)
    assert (first.output_text, second.id) == ("Ahead.", "resp_8")
    assert asked(script, 1)["previous_response_id"] == "resp_7"


async def test_responses_stream(script: Script, client: AsyncOpenAI) -> None:
    """A streamed response has the provider's events in their order, unknown ones too."""
    script.say(Script.sse(*response_stream(), named=True))
    stream = await client.responses.create(model="gpt-5", input="Where?", stream=True)
    assert [event.type for event in [event async for event in stream]] == [
        event["type"] for event in response_stream() if not isinstance(event, str)
    ]


async def test_embeddings_and_models(script: Script, client: AsyncOpenAI) -> None:
    """Embeddings (asked for in base64 behind the user's back) and the list of models."""
    script.say(
        Script.json(ANSWERS[EMBEDDINGS]), Script.json({"object": "list", "data": [{"id": "m-1"}, {"id": "m-2"}]})
    )
    got = await client.embeddings.create(model="text-embedding-3-small", input=["one"])
    assert got.data[0].embedding == [0.5, -1e-07]
    assert asked(script)["encoding_format"] == "base64"
    assert [model.id async for model in client.models.list()] == ["m-1", "m-2"]


async def test_files_and_audio(script: Script, client: AsyncOpenAI) -> None:
    """A multipart upload arrives with its bytes; a binary download comes back with its own, streamed or whole."""
    noise = bytes(range(256)) * 40
    script.say(Script.json({"id": "file-1", "object": "file", "bytes": len(noise)}))
    assert (await client.files.create(file=("noise.bin", noise), purpose="user_data")).id == "file-1"
    assert noise in script.heard[0].body
    assert script.heard[0].header("content-type").startswith("multipart/form-data; boundary=")
    audio = Line(headers=[("content-type", "audio/mpeg")], body=[noise] * 3, framing="chunked")
    script.say(audio, audio)
    speech: Any = {"model": "tts-1", "voice": "alloy", "input": "Ahead."}
    assert (await client.audio.speech.create(**speech)).content == noise * 3
    async with client.audio.speech.with_streaming_response.create(**speech) as download:
        assert b"".join([piece async for piece in download.iter_bytes()]) == noise * 3


MAPPED: list[tuple[int, type[openai.APIStatusError]]] = [
    (400, openai.BadRequestError),
    (401, openai.AuthenticationError),
    (403, openai.PermissionDeniedError),
    (404, openai.NotFoundError),
    (409, openai.ConflictError),
    (422, openai.UnprocessableEntityError),
    (429, openai.RateLimitError),
    (500, openai.InternalServerError),
]


@pytest.mark.parametrize(("status", "kind"), MAPPED)
async def test_errors_are_mapped(
    script: Script, client: AsyncOpenAI, status: int, kind: type[openai.APIStatusError]
) -> None:
    """The provider's errors are the client's exceptions, with message, code, request id and retry-after."""
    told = [("x-request-id", "req_9"), ("retry-after", "3")]
    script.say(Script.json(error("sorry", code="why"), status=status, headers=told))
    with pytest.raises(kind, match="sorry") as caught:
        await client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert (caught.value.code, caught.value.request_id) == ("why", "req_9")
    assert caught.value.response.headers["retry-after"] == "3"


@pytest.mark.parametrize("streamed", [False, True])
async def test_only_the_client_retries(script: Script, url: str, streamed: bool) -> None:
    """Two retries of the client after 429 are three requests upstream, not more, counted as the client counts them;
    they are one session."""
    wait = [("retry-after-ms", "10")]
    script.say(*[Script.json(error("slow down"), status=429, headers=wait)] * 2)
    script.say(Script.sse(*chat_stream("A")) if streamed else Script.json(chat()))
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=2) as client:
        raw = await client.chat.completions.with_raw_response.create(model="gpt-4o", messages=ASKED, stream=streamed)
        got: Any = await _parsed(raw)
        _ = [chunk async for chunk in got] if streamed else []
    assert [heard.header("x-stainless-retry-count") for heard in script.heard] == ["0", "1", "2"]
    session = (await ask(url, "GET", f"/outrider/sessions/{raw.headers['x-outrider-session']}")).json
    assert (session["requests"], session["errors"]) == (3, 2)


async def test_should_retry_is_heard(script: Script, url: str) -> None:
    """`x-should-retry: false` reaches the client, which then asks once."""
    script.say(Script.json(error("no"), status=500, headers=[("x-should-retry", "false")]))
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=2) as client:
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert len(script.heard) == 1


async def test_identity_in_the_base_url(script: Script, url: str) -> None:
    """A base URL with session and agent in it works with the client as it is; both stand in the reply's headers."""
    script.say(Script.json(chat()))
    async with AsyncOpenAI(base_url=f"{url}/s/ride-1/a/scout%20two/v1", api_key="sk") as client:
        raw = await client.chat.completions.with_raw_response.create(model="gpt-4o", messages=ASKED)
    assert raw.headers["x-outrider-session"] == "ride-1"
    assert raw.headers["x-outrider-agent"] == "scout two"
    assert (await _parsed(raw)).choices[0].message.content == "Ahead."
    assert script.heard[0].target == "/v1/chat/completions"


async def _parsed(raw: Any) -> Any:
    parsed = raw.parse()
    return await parsed if asyncio.iscoroutine(parsed) else parsed


async def test_a_conversation_is_one_session(script: Script, client: AsyncOpenAI) -> None:
    """Turns of one conversation, told by nothing but its words, are one session; another conversation is another."""
    script.handler = lambda heard: Script.json(chat(f"I heard {len(json.loads(heard.body)['messages'])} messages."))
    sessions = []
    for _ in range(2):
        messages = list(ASKED)
        for _ in range(3):
            raw = await client.chat.completions.with_raw_response.create(model="gpt-4o", messages=messages)
            sessions.append(raw.headers["x-outrider-session"])
            reply = (await _parsed(raw)).choices[0].message
            messages += [reply.model_dump(exclude_unset=True), {"role": "user", "content": "And then?"}]
    assert len(set(sessions[:3])) == len(set(sessions[3:])) == 1
    assert len(set(sessions)) == 2


def drive(url: str) -> tuple[str, str, list[str], bytes]:
    """One of each with the sync client."""
    with OpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as client:
        whole = client.chat.completions.create(model="gpt-4o", messages=ASKED)
        parts = client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in parts)
        with client.responses.stream(model="gpt-5", input="Where?") as stream:
            final = stream.get_final_response()
        with pytest.raises(openai.RateLimitError):
            client.models.list()
        speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Ahead.").content
    return whole.choices[0].message.content or "", text, [final.output_text], speech


async def test_the_sync_client(script: Script, url: str) -> None:
    """The sync client, from a thread, gets the same."""
    script.say(
        Script.json(chat()),
        Script.sse(*chat_stream("A", "head.")),
        Script.sse(*(event for event in response_stream() if "tomorrow" not in json.dumps(event)), named=True),
        Script.json(error("slow down"), status=429),
        Line(body=b"\xff\xfb"),
    )
    assert await asyncio.to_thread(drive, url) == ("Ahead.", "Ahead.", ["Ahead."], b"\xff\xfb")


async def test_hundreds_of_clients_at_once(script: Script, ride: Ride) -> None:
    """150 agents with a client each stream at once through one proxy; each gets what it was told."""

    def echo(heard: Heard) -> Line:
        return Script.sse(*chat_stream(*json.loads(heard.body)["messages"][0]["content"]), after_s=0.001)

    script.handler = echo
    url = await ride()

    async def agent(number: int) -> str:
        async with AsyncOpenAI(base_url=f"{url}/a/agent-{number}/v1", api_key="sk", max_retries=0) as client:
            said: list[Any] = [{"role": "user", "content": f"I am {number}."}]
            stream = await client.chat.completions.create(model="gpt-4o", messages=said, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert await asyncio.gather(*map(agent, range(150))) == [f"I am {number}." for number in range(150)]

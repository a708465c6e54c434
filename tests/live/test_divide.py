"""`divide/MODEL` asked by official clients: a text that the model cannot read at once, streamed or not, in every form.

It must not know how a text is cut; it looks at what the client gets and what reached the upstream.
"""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI, BadRequestError

from proxy.server import road
from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat, chat_stream, message, message_stream, response, response_stream, usage_chunk

pytestmark = pytest.mark.anyio
ASK = "Which key opens the gate of Siena?"
ANSWER = "The gate of Siena is opened by key 4711."
HAY = "\n".join(f"The gate of town {number} is opened by key {number * 13}." for number in range(900))
LONG = f"{HAY[:20_000]}\n{ANSWER}\n{HAY[20_000:]}"
COMFORT = 12_000
PAIR = {"worker": "Copy the sentence about Siena.", "manager": "Answer with that sentence."}
SETTINGS = {"divide_size": "2000", "log": "off"}
TOOLS: Any = [{"type": "function", "function": {"name": "scout", "parameters": {"type": "object", "properties": {}}}}]


def words(asked: dict[str, Any]) -> str:
    """All that was said to the model, results of tools too."""
    items = asked.get("messages") or asked.get("input") or []
    parts = [part for item in items for part in listed(item["content"])]
    return "\n".join(str(part.get("text") or part.get("content", "")) for part in parts)


def listed(content: Any) -> list[dict[str, Any]]:
    """Content as a list of parts."""
    return [{"text": content}] if isinstance(content, str) else content


def reader(heard: Heard) -> Line:
    """A model that finds the sentence, unless it is told too much; and writes instructions where it is asked to."""
    asked = json.loads(heard.body)
    told = words(asked)
    text = ANSWER if ANSWER in told else "NOTHING"
    text = "I lost my way." if len(told) > COMFORT else text
    text = json.dumps(PAIR) if "Write the instructions" in told or "Mend the instructions" in told else text
    path = heard.target.rpartition("/")[2]
    if not asked.get("stream"):
        whole = {"responses": lambda: response(text=text), "messages": lambda: message({"type": "text", "text": text})}
        return Script.json(whole.get(path, lambda: chat(text))())
    if path == "responses":
        return Script.sse(*response_stream(text), named=True)
    if path == "messages":
        return Script.sse(*message_stream(text), named=True)
    return Script.sse(*chat_stream(text[:9], text[9:])[:-1], usage_chunk(), "[DONE]")


@pytest.fixture
async def url(script: Script, ride: Ride) -> str:
    """A proxy before such a model."""
    script.handler = reader
    return await ride(**SETTINGS)


@pytest.fixture
async def client(url: str) -> Any:
    """OpenAI's client of it."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as made:
        yield made


MESSAGES: Any = [{"role": "user", "content": LONG}, {"role": "user", "content": ASK}]


async def test_whole(client: AsyncOpenAI, script: Script) -> None:
    """Right where the model alone is not; the usage of all calls; plan and parts in the decisions."""
    alone = await client.chat.completions.create(model="small", messages=MESSAGES)
    assert alone.choices[0].message.content == "I lost my way."
    before = len(script.heard)
    raw = await client.chat.completions.with_raw_response.create(model="divide/small", messages=MESSAGES, tools=TOOLS)
    got = raw.parse()
    assert got.choices[0].message.content == ANSWER
    heard = [json.loads(each.body) for each in script.heard[before:]]
    assert {each["model"] for each in heard} == {"small"}
    assert ["tools" in each for each in heard] == [*[False] * (len(heard) - 1), True]
    assert got.usage
    assert alone.usage
    assert got.usage.prompt_tokens == len(heard) * alone.usage.prompt_tokens
    told = raw.headers["x-outrider-decisions"]
    assert "parts of 2000 tokens" in told
    assert "instructions: refined" in told


async def test_streamed(client: AsyncOpenAI, script: Script) -> None:
    """The manager's reply streams."""
    stream = await client.chat.completions.create(
        model="divide/small", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    said = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(said) == ANSWER
    assert len(said) > 1
    usage = next(chunk.usage for chunk in chunks if chunk.usage)
    assert usage.prompt_tokens > 4 * 10


@pytest.mark.parametrize("stream", [False, True])
async def test_responses(client: AsyncOpenAI, stream: bool) -> None:
    """OpenAI's other form."""
    got: Any = await client.responses.create(model="divide/small", input=MESSAGES, stream=stream)
    if stream:
        got = [event async for event in got if event.type == "response.completed"].pop().response
    assert got.output_text == ANSWER


@pytest.mark.parametrize("stream", [False, True])
async def test_messages(url: str, stream: bool) -> None:
    """Anthropic's form: the text is a tool's result."""
    told: Any = [
        {"role": "user", "content": ASK},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "read", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": LONG}]},
    ]
    async with AsyncAnthropic(base_url=url, api_key="sk", max_retries=0) as client:
        got: Any
        if stream:
            async with client.messages.stream(model="divide/small", max_tokens=99, messages=told) as events:
                got = await events.get_final_message()
        else:
            got = await client.messages.create(model="divide/small", max_tokens=99, messages=told)
    assert got.content[-1].text == ANSWER


async def test_a_waiting_stream_stays_alive(script: Script, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments while the parts are read; a single model's stream gets none."""
    monkeypatch.setattr(road, "VIRTUAL_BEAT_S", 0.05)
    script.handler = lambda heard: replace(reader(heard), wait_s=0.1)
    async with httpx.AsyncClient() as client:
        told: Any = {"messages": MESSAGES, "stream": True}
        bodies = [
            await client.post(f"{url}/v1/chat/completions", json={"model": name, **told})
            for name in ("divide/small", "small")
        ]
    assert [body.content.startswith(b": keep-alive\n\n") for body in bodies] == [True, False]
    assert ANSWER in "".join(
        json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
        for line in bodies[0].text.splitlines()
        if line.startswith("data: {") and json.loads(line[6:])["choices"]
    )


async def test_one_part_fails(client: AsyncOpenAI, script: Script) -> None:
    """The others are answer enough; the manager and the client are told which was not read."""
    script.handler = lambda heard: Line(status=500) if "Part 2 of" in words(json.loads(heard.body)) else reader(heard)
    raw = await client.chat.completions.with_raw_response.create(model="divide/small", messages=MESSAGES)
    assert raw.parse().choices[0].message.content == ANSWER
    assert "parts not read: 2 (" in raw.headers["x-outrider-decisions"]
    assert "Parts 2 could not be read" in words(json.loads(script.heard[-1].body))


async def test_over_a_limit(script: Script, ride: Ride) -> None:
    """Without the name, where the user says from when on."""
    script.handler = reader
    url = await ride(**SETTINGS, divide_over="6000")
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as client:
        got = await client.chat.completions.create(model="small", messages=MESSAGES)
        assert got.choices[0].message.content == ANSWER
        before = len(script.heard)
        await client.chat.completions.create(model="small", messages=[{"role": "user", "content": LONG[:9_000]}])
        assert len(script.heard) == before + 1


async def test_refused(client: AsyncOpenAI, script: Script) -> None:
    """In the API's own shape, before anybody is asked."""
    with pytest.raises(BadRequestError) as refused:
        await client.chat.completions.create(model="divide/divide/small", messages=MESSAGES)
    assert refused.value.code == "invalid_divide"
    assert script.heard == []


async def test_what_was_lost_is_on_the_session(client: AsyncOpenAI, url: str, script: Script) -> None:
    """The checks of an aggregation look at its own: a number that the manager changed is told there."""
    script.handler = lambda heard: (
        Script.json(chat(ANSWER.replace("4711", "4117")))
        if "Their notes, in order" in str(json.loads(heard.body)["messages"])
        else reader(heard)
    )
    await client.chat.completions.create(model="divide/small", messages=MESSAGES, user="me")
    async with httpx.AsyncClient(base_url=url) as pages:
        rows = (await pages.get("/outrider/sessions")).json()["sessions"]
        told = [(await pages.get(f"/outrider/sessions/{row['session']}")).json() for row in rows]
    (report,) = [each for one in told for each in one["memory"].get("divide", {}).get("reports", ())]
    assert "attribution" in report

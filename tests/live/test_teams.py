"""Teams asked by official clients: one virtual model, streamed or not, with tools or without, in every form.

It must not know how a team decides; it looks at what the client gets and what reached the upstream.
"""

import asyncio
import json
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI, BadRequestError

from proxy.server import road
from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat, chat_stream, delta, error, message, response, tool_call, usage_chunk

pytestmark = pytest.mark.anyio
Patch = pytest.MonkeyPatch

TEAM = {"team": "one,two,three", "log": "off"}
TEAMS = ["goa", "goa-mean", "selforg", "cascade", "mas2"]
DESIGN = {"roles": [{"id": "look", "instruction": "Look."}, {"id": "say", "instruction": "Say.", "inputs": ["look"]}]}
OPEN = "What do you see from the box?"
SEEN = {
    "one": "I see the road ahead of us.",
    "two": "I see the road, ahead of us all.",
    "three": "There is fog, and little else.",
}
TOOLS: Any = [{"type": "function", "function": {"name": "scout", "parameters": {"type": "object", "properties": {}}}}]
CALL = {"id": "call_A1b2C3d4", "type": "function", "function": {"name": "scout", "arguments": "{}"}}


def model(heard: Heard) -> Line:
    """A member: judges by numbers, doubts, calls the tool where one is on offer, else says what it sees."""
    asked = json.loads(heard.body)
    words = str(asked["messages"][-1]["content"])
    if "adds up to 1" in words or "add up to 1" in words:
        return Script.json(chat("[0.7, 0.3]"))
    if words.startswith("Design"):
        return Script.json(chat(json.dumps(DESIGN)))
    if words.startswith("How likely"):
        return Script.json(chat("0.2"))
    if "tools" in asked:
        return calling(asked)
    text = SEEN[asked["model"]]
    if not asked.get("stream"):
        return Script.json(chat(text))
    events = [*chat_stream(text[:9], text[9:])[:-1], usage_chunk(), "[DONE]"]
    return Script.sse(*events)


def calling(asked: dict[str, Any]) -> Line:
    """The tool called, streamed or not."""
    if not asked.get("stream"):
        return Script.json(chat(None, tool_calls=[CALL]))
    begun = delta(role="assistant", tool_calls=[tool_call(0, "{}", "call_A1b2C3d4", "scout")])
    return Script.sse(begun, delta("tool_calls"), usage_chunk(), "[DONE]")


@pytest.fixture
async def client(script: Script, ride: Ride) -> Any:
    """OpenAI's client of a proxy with a team."""
    script.handler = model
    async with AsyncOpenAI(base_url=f"{await ride(**TEAM)}/v1", api_key="sk", max_retries=0) as made:
        yield made


def asked(text: str = OPEN, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize("team", TEAMS)
async def test_whole(client: AsyncOpenAI, script: Script, team: str) -> None:
    """One answer of one of the members; the usage of all calls; graph and members in the decisions."""
    raw = await client.chat.completions.with_raw_response.create(model=team, **asked())
    got = raw.parse()
    assert got.choices[0].message.content in SEEN.values()
    assert got.usage is not None
    assert got.usage.total_tokens == 15 * len(script.heard)
    assert team in raw.headers["x-outrider-decisions"]
    assert "calls" in raw.headers["x-outrider-decisions"]
    assert {json.loads(heard.body)["model"] for heard in script.heard} <= set(SEEN)


@pytest.mark.parametrize("team", TEAMS)
async def test_streamed(client: AsyncOpenAI, script: Script, team: str) -> None:
    """The same in pieces, with the usage of all calls in the last chunk."""
    stream = await client.chat.completions.create(
        model=team, stream=True, stream_options={"include_usage": True}, **asked()
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text in SEEN.values()
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 15 * len(script.heard)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("team", TEAMS)
async def test_with_tools(client: AsyncOpenAI, script: Script, team: str, streamed: bool) -> None:
    """The client's tool is called by the team as by one model."""
    fields = asked("Scout the road", tools=TOOLS)
    if streamed:
        chunks = [chunk async for chunk in await client.chat.completions.create(model=team, stream=True, **fields)]
        calls = [call for chunk in chunks if chunk.choices for call in chunk.choices[0].delta.tool_calls or ()]
        assert [call.function.name for call in calls if call.function] == ["scout"]
    else:
        got = await client.chat.completions.create(model=team, **fields)
        assert [call.function.name for call in got.choices[0].message.tool_calls or ()] == ["scout"]
    with_tools = [heard for heard in script.heard if "tools" in json.loads(heard.body)]
    if team.startswith("goa"):
        assert with_tools == script.heard[-1:]


async def test_the_tools_result_goes_back_to_the_team(client: AsyncOpenAI, script: Script) -> None:
    """An agent's next turn: history with calls and results is understood by every member."""
    history = [
        {"role": "user", "content": OPEN},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_A1b2C3d4", "content": "fog"},
    ]
    got = await client.chat.completions.create(model="goa", messages=history)  # type: ignore[arg-type]
    assert got.choices[0].message.content in SEEN.values()
    last = json.loads(script.heard[-1].body)["messages"]
    assert last[1]["tool_calls"] == [CALL]


async def test_the_last_call_streams_as_it_comes(script: Script, ride: Ride) -> None:
    """The client has the first words before the upstream has said its last."""

    def slowly(heard: Heard) -> Line:
        if json.loads(heard.body).get("stream") and "already" in heard.body.decode():
            return Script.sse(*chat_stream("On ", "and ", "on."), after_s=0.2)
        return model(heard)

    script.handler = slowly
    async with AsyncOpenAI(base_url=f"{await ride(**TEAM)}/v1", api_key="sk", max_retries=0) as client:
        stream = await client.chat.completions.create(model="goa", stream=True, **asked())
        times = [(asyncio.get_running_loop().time(), chunk) async for chunk in stream]
    first = next(at for at, chunk in times if chunk.choices[0].delta.content)
    assert times[-1][0] - first > 0.3
    assert "".join(chunk.choices[0].delta.content or "" for _, chunk in times) == "On and on."


async def test_a_silent_team_keeps_its_stream_alive(
    script: Script, ride: Ride, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments while the members think, without a setting; then the reply whole. Other models get none."""
    monkeypatch.setattr(road, "VIRTUAL_BEAT_S", 0.1)
    script.handler = lambda _: Script.sse(*chat_stream("Ahead."), wait_s=0.35)
    url = await ride(**TEAM)
    async with httpx.AsyncClient() as client:
        bodies = [
            (await client.post(f"{url}/v1/chat/completions", json=asked(model=name, stream=True))).content
            for name in ("selforg", "one")
        ]
    assert bodies[0].startswith(b": keep-alive\n\n")
    assert bodies[0].replace(b": keep-alive\n\n", b"") == bodies[1]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_a_team_in_a_team_is_refused(client: AsyncOpenAI, script: Script, streamed: bool) -> None:
    """400 as the API says it, before anybody is asked."""
    with pytest.raises(BadRequestError) as refused:
        await client.chat.completions.create(model="goa:one,goa", stream=streamed, **asked())
    assert "a team cannot sit in a team" in str(refused.value)
    assert not script.heard


async def test_members_that_fail_do_not_fail_the_team(script: Script, ride: Ride) -> None:
    """One is down, one hangs: the third answers, and it is said."""

    def failing(heard: Heard) -> Line:
        name = json.loads(heard.body)["model"]
        if name == "one":
            return Script.json(error("down"), status=500)
        return model(heard) if name == "three" else Line(silent=True, ending="stay")

    script.handler = failing
    url = await ride(**TEAM, team_limits="patience_s=0.5")
    for team in TEAMS:
        async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as client:
            raw = await client.chat.completions.with_raw_response.create(model=team, **asked())
        assert raw.parse().choices[0].message.content == SEEN["three"]
        assert "failed: " in raw.headers["x-outrider-decisions"]


async def test_they_are_listed(client: AsyncOpenAI, script: Script) -> None:
    """In `GET /v1/models`, beside what the upstream has."""
    script.handler = lambda _: Script.json({"object": "list", "data": [{"id": "one", "object": "model"}]})
    names = [each.id async for each in client.models.list()]
    assert names[: len(TEAMS)] == TEAMS
    assert "one" in names


async def test_responses(script: Script, ride: Ride) -> None:
    """A team by the Responses API."""
    script.handler = lambda _: Script.json(response(text="42"))
    async with AsyncOpenAI(base_url=f"{await ride(**TEAM)}/v1", api_key="sk", max_retries=0) as client:
        got = await client.responses.create(model="selforg", input="How many?", store=False)
    assert got.output_text == "42"
    assert got.usage is not None
    assert got.usage.total_tokens == len(script.heard) * response()["usage"]["total_tokens"]


async def test_messages(script: Script, ride: Ride) -> None:
    """A team by Anthropic's API."""
    script.handler = lambda _: Script.json(message())
    async with AsyncAnthropic(base_url=await ride(**TEAM), api_key="sk", max_retries=0) as client:
        words: Any = [{"role": "user", "content": "How many?"}]
        got = await client.messages.create(model="goa", max_tokens=64, messages=words)
    assert got.content[0].type == "text"
    assert got.usage.output_tokens == len(script.heard) * message()["usage"]["output_tokens"]


async def test_a_score_is_the_members(client: AsyncOpenAI, script: Script) -> None:
    """Taken for a team's answer as for one of `auto`, once it is remembered; what it does is in the lesson's tests."""
    script.handler = lambda heard: Script.json(chat("A" if json.loads(heard.body)["model"] == "three" else "B"))
    where = str(client.base_url).removesuffix("/v1/")
    letters = asked("Which is the capital?\nA. Lyon\nB. Paris\nC. Nice", user="ann")
    async with httpx.AsyncClient(base_url=where) as pages:
        for _ in range(3):
            await client.chat.completions.create(model="goa", **letters, extra_headers={"x-outrider-session": "s"})
            for _ in range(40):
                got = await pages.post("/outrider/feedback", json={"session": "s", "score": 1})
                if got.status_code == 200:
                    break
                await asyncio.sleep(0.05)
            assert got.status_code == 200, got.text
        missing = await pages.post("/outrider/feedback", json={"session": "nobody", "score": 1})
    assert missing.status_code == 404

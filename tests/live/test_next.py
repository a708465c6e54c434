"""An agent's next model request is sent before the client has sent it: real tools, official clients, a slow client.

It must not know how the request is foreseen; it looks at what reached the upstream, when, and what the client got.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from mcp import Client
from openai import AsyncOpenAI

from proxy import lessons
from proxy.testing import Heard, Line, Piece, Script
from tests.live.replies import chat, delta, message, tool_call
from tests.proxy.tools.house import KEY, client, gateway, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
SCHEMA = {"type": "object", "properties": {"key": {"type": "string"}}}
IDLE_S = 0.5
"""Seconds that the client takes between a result and its next request."""
FOLDED_S = 0.4
GIVEN: Json = {
    "prefetch": "on",
    "prefetch_tools": "shop/read",
    "prefetch_next": True,
    "prefetch_probation": 0,
    "prefetch_windows": "stream",
}
TOOLS: Any = [{"type": "function", "function": {"name": "read", "parameters": SCHEMA}}]


@pytest.fixture(autouse=True)
def _folded_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learned is known a moment later."""
    monkeypatch.setattr(lessons, "EVERY_S", 0.1)


def results(body: Json) -> int:
    """Tool results in a request."""
    count = 0
    for item in body["messages"]:
        content = item["content"] if isinstance(item.get("content"), list) else []
        count += item["role"] == "tool" or any(part.get("type") == "tool_result" for part in content)
    return count


def said(heard: Heard) -> Line:
    """A model that calls the tool once more each time, in the form it is asked."""
    body = json.loads(heard.body)
    number = results(body)
    if heard.target.endswith("/messages"):
        block = {"type": "tool_use", "id": f"c{number}", "name": "read", "input": {"key": str(number)}}
        told = message({"type": "text", "text": "Let me see."}, block, stop="tool_use")
        return Script.json({**told, "model": body["model"]})
    arguments = json.dumps({"key": str(number)})
    if body.get("stream"):
        pieces = [
            delta(role="assistant", content=None),
            delta(tool_calls=[tool_call(0, arguments, f"c{number}", "read")]),
        ]
        return Script.sse(*pieces, delta("tool_calls"), "[DONE]", after_s=0.02)
    function = {"name": "read", "arguments": arguments}
    return Script.json(chat(None, tool_calls=[{"id": f"c{number}", "type": "function", "function": function}]))


class Agent:
    """A slow client with a conversation."""

    def __init__(self, url: str, mcp: Client, **given: Any) -> None:
        self.url, self.mcp, self.given = url, mcp, given
        self.items: list[Any] = [{"role": "user", "content": "Read all."}]
        self.sent: list[float] = []
        self.decisions: list[str] = []
        self.openai = AsyncOpenAI(base_url=f"{url}/s/one/a/clerk/v1", api_key="sk-me", max_retries=0)

    async def step(self) -> None:
        """One request, its call, its result."""
        self.sent.append(asyncio.get_running_loop().time())
        raw = await self.openai.chat.completions.with_raw_response.create(
            model="gpt-4o", messages=self.items, tools=TOOLS, **self.given
        )
        self.decisions.append(raw.headers.get("x-outrider-decisions", ""))
        said = raw.parse().choices[0].message
        self.items.append(said)
        for call in said.tool_calls or ():
            assert call.type == "function"
            await self.called(call.id, call.function.name, call.function.arguments)

    async def called(self, id: str, name: str, arguments: str) -> None:
        """The tool, then a while of nothing."""
        result = await self.mcp.call_tool(name, json.loads(arguments))
        self.items.append({"role": "tool", "tool_call_id": id, "content": text(result)})
        await asyncio.sleep(IDLE_S)


class Streaming(Agent):
    """The same over a stream, put together by hand."""

    async def step(self) -> None:
        """One request."""
        self.sent.append(asyncio.get_running_loop().time())
        id = name = arguments = ""
        stream = await self.openai.chat.completions.create(
            model="gpt-4o", messages=self.items, tools=TOOLS, stream=True, **self.given
        )
        async for chunk in stream:
            for each in chunk.choices[0].delta.tool_calls or ():
                id, name = each.id or id, (each.function and each.function.name) or name
                arguments += (each.function and each.function.arguments) or ""
        function = {"name": name, "arguments": arguments}
        call = {"id": id, "type": "function", "function": function}
        self.items.append({"role": "assistant", "content": "", "tool_calls": [call]})
        await self.called(id, name, arguments)


class Messages(Agent):
    """The same with Anthropic's client."""

    def __init__(self, url: str, mcp: Client, **given: Any) -> None:
        super().__init__(url, mcp, **given)
        self.anthropic = AsyncAnthropic(base_url=f"{url}/s/one/a/clerk", auth_token="sk-me", max_retries=0)

    async def step(self) -> None:
        """One request."""
        self.sent.append(asyncio.get_running_loop().time())
        tools: Any = [{"name": "read", "input_schema": SCHEMA}]
        reply = await self.anthropic.messages.create(
            model="claude-haiku-4-5", max_tokens=99, messages=self.items, tools=tools, **self.given
        )
        self.items.append({"role": "assistant", "content": reply.content})
        call: Any = reply.content[-1]
        result = await self.mcp.call_tool(call.name, call.input)
        block = {"type": "tool_result", "tool_use_id": call.id, "content": text(result)}
        self.items.append({"role": "user", "content": [block]})
        await asyncio.sleep(IDLE_S)


@asynccontextmanager
async def house(
    folder: Path, kind: type[Agent] = Agent, handler: Callable[[Heard], Line] = said, **settings: Any
) -> AsyncIterator[tuple[Agent, Script, Shop]]:
    """A slow agent before a proxy with a shop."""
    shop = Shop()
    async with AsyncExitStack() as stack:
        script = await stack.enter_async_context(Script(handler=handler))
        web = await stack.enter_async_context(served(shop))
        given = {**GIVEN, **settings}
        servers = {"shop": {"url": web}}
        url = await stack.enter_async_context(gateway(folder, servers, upstream=f"{script.url}/v1", **given))
        mcp = await stack.enter_async_context(client(f"{url}/mcp", headers={"authorization": KEY}))
        agent = kind(url, mcp)
        await stack.enter_async_context(agent.openai)
        if isinstance(agent, Messages):
            await stack.enter_async_context(agent.anthropic)
        yield agent, script, shop


async def session(agent: Agent, least: str, name: str = "one") -> Json:
    """The session, once such a figure stands in it."""
    async with httpx.AsyncClient(timeout=30) as http:
        for _ in range(150):
            found: Json = (await http.get(f"{agent.url}/outrider/sessions/{name}")).json()
            if least in found.get("figures", {}):
                return found
            await asyncio.sleep(0.02)
    raise AssertionError(f"no {least}: {found}")


async def schooled(agent: Agent, steps: int = 3) -> None:
    """Some steps, after which it is known how the client writes, and what its time is worth."""
    for _ in range(steps):
        await agent.step()
    await asyncio.sleep(FOLDED_S)


@pytest.mark.parametrize("kind", [Agent, Streaming, Messages])
async def test_the_reply_is_there_when_it_is_asked_for(tmp_path: Path, kind: type[Agent]) -> None:
    """The request reached the upstream before the client has sent it, once; the client is answered by that reply."""
    async with house(tmp_path, kind) as (agent, script, shop):
        await schooled(agent)
        for _ in range(3):
            await agent.step()
        found = await session(agent, "early.used")
        assert len(script.heard) <= len(agent.sent) + 1  # the one after the last step is under way, or was
        bodies = [json.loads(heard.body)["messages"] for heard in script.heard]
        reached = {results({"messages": body}): heard.at for body, heard in zip(bodies, script.heard, strict=True)}
        assert len(reached) == len(bodies)  # none was sent twice
        for step in (-2, -1):
            assert reached[len(agent.sent) + step] < agent.sent[step] - IDLE_S / 2
        if agent.decisions:
            assert "road: the reply was under way before its request came" in agent.decisions[-1]
        assert found["figures"]["early.saved_s"] > IDLE_S / 2
        assert found["figures"]["early.equal"] == found["figures"]["early.expected"]
        keys = list(dict.fromkeys(each["key"] for _, each, _ in shop.calls))  # one that lasts is made twice (rule 11)
        assert keys == [str(number) for number in range(len(agent.sent))]
        assert "early.wasted" not in found["figures"]
        cost = found["cost"]
    used = len(agent.sent)
    if kind is Agent:
        each = 12 * 2.5e-6 + 3 * 10e-6
        assert cost == pytest.approx(used * each)


@pytest.mark.parametrize("streamed", [True, False])
async def test_another_request_than_expected_is_sent_as_it_is(tmp_path: Path, *, streamed: bool) -> None:
    """The early one is dropped, its stream closed at the upstream, billed and shown; it never answers the other."""
    endless = False

    def handler(heard: Heard) -> Line:
        line = said(heard)
        if not (endless and streamed):
            return line
        more = [Piece(b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n', after_s=0.05)] * 400
        return Line(headers=line.headers, body=[*line.pieces[:1], *more], framing="chunked")

    async with house(tmp_path, Streaming if streamed else Agent, handler) as (agent, script, _):
        await schooled(agent)
        await agent.step()
        endless = True  # the reply to the next step is there already
        await agent.step()
        endless = False
        agent.items[-1] = {**agent.items[-1], "content": "Something else."}
        agent.given = {"temperature": 0.5}
        await agent.step()
        if streamed:
            await script.hangup(2.0)
        await agent.step()  # only then is the one before it judged: its reply was held for this one
        found = await session(agent, "early.wasted")
        last = next(json.loads(heard.body) for heard in script.heard if b"Something else" in heard.body)
        assert last["temperature"] == 0.5
        assert found["figures"]["early.wasted_usd"] > 0
        assert found["figures"]["early.equal"] < found["figures"]["early.expected"]
        async with httpx.AsyncClient(timeout=30) as http:
            recording = (await http.get(f"{agent.url}/outrider/sessions/one.jsonl")).text
        assert recording.count('"purpose":"early"') == 1


@pytest.mark.parametrize(
    "settings",
    [{"prefetch_next": False}, {"prefetch": "shadow"}, {"prefetch_usd_a_day": 0}, {"prefetch_second_usd": 0}],
)
async def test_nothing_is_sent_where_nobody_wants_it_or_it_does_not_pay(tmp_path: Path, settings: Json) -> None:
    """Off as it stands; in shadow it is only counted."""
    async with house(tmp_path, **settings) as (agent, script, _):
        await schooled(agent)
        await agent.step()
        await agent.step()
        assert len(script.heard) == len(agent.sent)
        if settings.get("prefetch") == "shadow":
            assert (await session(agent, "early.equal"))["figures"]["early.equal"] >= 1


@pytest.mark.parametrize("more", [{"store": True}, {"extra_headers": {"idempotency-key": "1"}}, {"n": 2}])
async def test_requests_that_do_more_than_ask_are_not_sent_twice(tmp_path: Path, more: Json) -> None:
    """What the provider keeps, what is to be done once, several answers."""
    async with house(tmp_path) as (agent, script, _):
        agent.given = more
        await schooled(agent)
        await agent.step()
        await agent.step()
        assert len(script.heard) == len(agent.sent)


async def test_another_caller_gets_nothing_of_it(tmp_path: Path) -> None:
    """The very same request, in a session of the same name, with another key."""
    async with house(tmp_path) as (agent, script, _):
        await schooled(agent)
        await agent.step()
        before = len(script.heard)
        async with AsyncOpenAI(base_url=f"{agent.url}/s/one/a/clerk/v1", api_key="sk-you", max_retries=0) as other:
            await other.chat.completions.create(model="gpt-4o", messages=agent.items, tools=TOOLS)
        assert len(script.heard) == before + 1
        assert script.heard[-1].header("authorization") == "Bearer sk-you"
        await agent.step()
        assert "under way" in agent.decisions[-1]

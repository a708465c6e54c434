"""Agents with real MCP servers ride through the proxy, and their tools are called ahead in every window.

It must not know how calls are foretold, nor how results are kept. Official clients on both sides.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from mcp import Client
from openai import AsyncOpenAI

from benchmarks.gateway.stand import served as serving
from benchmarks.prefetch.toolserver import Recorded, build
from benchmarks.prefetch.traces import Session, read
from proxy.testing import Line, Piece, Script
from tests.benchmarks.prefetch.recorded import messages, shop_file
from tests.live.caller import until
from tests.live.replies import delta, message, response, tool_call
from tests.live.test_prefetch import believed, model_of, steps
from tests.policies.prefetch.shop import READS, visit
from tests.proxy.tools.house import KEY, client, gateway, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
ARGUMENTS = '{"key": "a"}'
PARAMETERS = {"type": "object", "properties": {"key": {"type": "string"}}}
OPEN_S = 0.5
"""Seconds that a stream stays open after its call stands whole."""


def pieces_of_chat() -> tuple[list[Any], list[Any]]:
    """A chat stream up to the end of its call, and its rest."""
    halves = [tool_call(0, "", "c1", "read"), tool_call(0, ARGUMENTS[:5]), tool_call(0, ARGUMENTS[5:])]
    return [delta(role="assistant", content=None), *(delta(tool_calls=[each]) for each in halves)], [
        delta("tool_calls"),
        "[DONE]",
    ]


def pieces_of_responses() -> tuple[list[Any], list[Any]]:
    """The same in the Responses form."""
    item: Json = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "read", "arguments": ""}
    done = {**item, "arguments": ARGUMENTS, "status": "completed"}
    place: Json = {"item_id": "fc_1", "output_index": 0}
    whole = response(output=[done])
    empty = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[Json] = [
        {"type": "response.created", "response": empty},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress"}},
        {"type": "response.function_call_arguments.delta", **place, "delta": ARGUMENTS},
        {"type": "response.function_call_arguments.done", **place, "arguments": ARGUMENTS, "name": "read"},
        {"type": "response.output_item.done", "output_index": 0, "item": done},
        {"type": "response.completed", "response": whole},
    ]
    numbered: list[Any] = [{**event, "sequence_number": number} for number, event in enumerate(events)]
    return numbered[:4], numbered[4:]


def pieces_of_messages() -> tuple[list[Any], list[Any]]:
    """The same in the Messages form."""
    block = {"type": "tool_use", "id": "c1", "name": "read", "input": {}}
    said = {"type": "input_json_delta", "partial_json": ARGUMENTS}
    return [
        {"type": "message_start", "message": {**message(), "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": said},
    ], [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]


def line(first: list[Any], rest: list[Any], *, named: bool) -> Line:
    """The stream; it stays open for a while before its rest."""
    line = Script.sse(*first, named=named)
    end = b"".join(piece.data for piece in Script.sse(*rest, named=named).pieces)
    return Line(headers=line.headers, body=[*line.pieces, Piece(end, after_s=OPEN_S)], framing="chunked")


async def over_chat(url: str, called: Callable[[], Awaitable[None]]) -> str:
    """Streams with OpenAI's client; `called` is awaited when the call stands whole. Gives the call's arguments."""
    tools: Any = [{"type": "function", "function": {"name": "read", "parameters": PARAMETERS}}]
    asked: Any = [{"role": "user", "content": "What is a?"}]
    said = ""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk-me", max_retries=0) as c:
        stream = await c.chat.completions.create(model="gpt-4o", messages=asked, tools=tools, stream=True)
        async for chunk in stream:
            for each in chunk.choices[0].delta.tool_calls or ():
                said += (each.function and each.function.arguments) or ""
            if said == ARGUMENTS:
                await called()
    return said


async def over_responses(url: str, called: Callable[[], Awaitable[None]]) -> str:
    """The same with the Responses form."""
    tools: Any = [{"type": "function", "name": "read", "parameters": PARAMETERS, "strict": False}]
    said = ""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk-me", max_retries=0) as c:
        stream = await c.responses.create(model="gpt-5", input="What is a?", tools=tools, stream=True)
        async for event in stream:
            if event.type == "response.function_call_arguments.done":
                said = event.arguments
                await called()
    return said


async def over_messages(url: str, called: Callable[[], Awaitable[None]]) -> str:
    """The same with Anthropic's client."""
    asked: Any = {"model": "claude-next", "max_tokens": 64, "messages": [{"role": "user", "content": "What is a?"}]}
    tools: Any = [{"name": "read", "input_schema": PARAMETERS}]
    said = ""
    async with (
        AsyncAnthropic(base_url=url, auth_token="sk-me", max_retries=0) as c,
        c.messages.stream(**asked, tools=tools) as stream,
    ):
        async for event in stream:
            if event.type == "input_json":
                said += event.partial_json
                await called()
    return said


FORMS: list[tuple[Any, tuple[list[Any], list[Any]], bool]] = [
    (over_chat, pieces_of_chat(), False),
    (over_responses, pieces_of_responses(), True),
    (over_messages, pieces_of_messages(), True),
]


@pytest.mark.parametrize(("over", "pieces", "named"), FORMS, ids=["chat", "responses", "messages"])
async def test_a_call_starts_while_its_reply_still_streams(
    tmp_path: Path, over: Any, pieces: tuple[list[Any], list[Any]], *, named: bool
) -> None:
    """Before the reply has ended the tool has been called; the agent's own call gets that result, and no other is
    made."""
    shop = Shop()
    async with Script() as script, served(shop) as web:
        script.say(line(*pieces, named=named))
        given = {"prefetch": "on", "prefetch_tools": "shop/read", "prefetch_probation": 0}
        async with gateway(tmp_path, {"shop": {"url": web}}, upstream=f"{script.url}/v1", **given) as url:
            async with client(f"{url}/mcp", headers={"authorization": KEY}) as c:
                whole = asyncio.Event()

                async def called() -> None:
                    await until(lambda: shop.names() == ["read"], within_s=OPEN_S)
                    whole.set()

                assert json.loads(await over(url, called)) == {"key": "a"}
                assert whole.is_set()
                result = await c.call_tool("read", {"key": "a"})
            assert json.loads(text(result))["key"] == "a"
            assert (result.meta or {})["outrider/prefetch"]["joined"] is False
            assert shop.names() == ["read"]


@asynccontextmanager
async def clerk(folder: Path, **settings: Any) -> AsyncIterator[tuple[str, Recorded, Client, list[Session]]]:
    """A shop's clerk between a model that says what was recorded, in its time, and real tools."""
    histories = [messages(visit(number, 1 + number % 3)) for number in range(20)]
    answer = model_of(histories)
    recorded = Recorded(READS)
    tools = {f"desk/{name}" for name in READS}
    given = {"prefetch": "on", "prefetch_tools": ",".join(sorted(tools)), "prefetch_probation": 0, **settings}

    def slowly(heard: Any) -> Line:
        line: Line = answer(heard)
        return Line(headers=line.headers, body=line.body, wait_s=0.1)

    async with AsyncExitStack() as stack:
        script = await stack.enter_async_context(Script(handler=slowly))
        app = build(recorded, (*READS, "cancel_order")).streamable_http_app()
        port = await stack.enter_async_context(serving(app))
        servers = {"desk": {"url": f"http://127.0.0.1:{port}/mcp"}}
        url = await stack.enter_async_context(gateway(folder, servers, upstream=f"{script.url}/v1", **given))
        c = await stack.enter_async_context(client(f"{url}/mcp", headers={"authorization": KEY}))
        yield url, recorded, c, read(shop_file(folder / "shop.jsonl"))


async def ride(url: str, c: Client, number: int) -> list[bool]:
    """One customer with real calls; whether each of them was answered early. Every result is the recorded one."""
    history, early = messages(visit(number, 1 + number % 3)), list[bool]()
    tools = [{"type": "function", "function": {"name": name}} for name in (*sorted(READS), "cancel_order")]
    async with httpx.AsyncClient(timeout=30, headers={"authorization": KEY}) as http:
        for place, said in enumerate(history):
            if said["role"] == "tool":
                call = history[place - 1]["tool_calls"][0]["function"]
                result = await c.call_tool(call["name"], json.loads(call["arguments"]))
                assert text(result) == said["content"]
                early.append("outrider/prefetch" in (result.meta or {}))
            elif said["role"] == "assistant":
                body = {"model": "gpt-4o", "messages": history[:place], "tools": tools}
                reply = await http.post(f"{url}/s/visit{number}/a/clerk/v1/chat/completions", json=body)
                assert reply.json()["choices"][0]["message"] == said
    return early


async def test_an_agent_finds_its_results_ready(tmp_path: Path) -> None:
    """After some customers most reads are there before they are asked for, every answer is the recorded one, and what
    was launched is told: in the replies' heads, in the metrics, in the session's figures."""
    async with (
        clerk(tmp_path, prefetch_windows="thinking") as (url, recorded, c, sessions),
        httpx.AsyncClient(timeout=30) as http,
    ):
        for number in range(12):
            recorded.open(sessions[number])
            await ride(url, c, number)
            if number % 4 == 3:
                done = [messages(visit(each, 1 + each % 3)) for each in range(number + 1)]
                await believed(http, url, sum(map(steps, done)))
        recorded.open(sessions[14])
        recorded.made.clear()
        early = await ride(url, c, 14)
        page = (await http.get(f"{url}/metrics")).text
        session = (await http.get(f"{url}/outrider/sessions/visit14")).json()
    assert early[-1] is False  # the write
    assert sum(early) >= 3
    assert recorded.made.total() <= len(early) + 4
    assert session["figures"]["prefetch.would_launch"] >= 3
    sums = session["ahead"].values()
    assert sum(each.get("served", 0) + each.get("joined", 0) for each in sums) == sum(early)
    assert sum(each.get("launched_thinking", 0) for each in sums) >= sum(early)
    assert sum(each.get("calls", 0) for each in sums) == len(early)
    assert sum(each.get("saved_ms", 0) for each in sums) > 0
    used = [each for each in page.splitlines() if each.startswith("outrider_prefetches_total") and 'use="used"' in each]
    assert used
    assert all('window="thinking"' in each for each in used)

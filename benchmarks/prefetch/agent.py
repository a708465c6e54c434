"""An agent that does again what was recorded: official clients on both sides, a clock beside.

It must not know the proxy's insides, nor what is called ahead.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from openai import AsyncOpenAI

KEY = "sk-bench"
AGENT = "desk"
IDLE_S = 2.0
"""For which connections are kept: less than the servers keep them."""
ODD = re.compile(r"\W")


Pause = Callable[[], Awaitable[None]]
"""Lets time pass while the user types."""


@dataclass(slots=True)
class Ridden:
    """A session that was ridden."""

    seconds: float = 0.0
    """While the user waited: generation and tools."""
    generation: float = 0.0
    calls: int = 0
    mismatches: int = 0
    """Results that were not the recorded ones."""


async def ride(url: str, row: Mapping[str, Any], tools: Sequence[Any], reads: Collection[str], typing: Pause) -> Ridden:
    """One recorded session with real calls."""
    ridden, messages = Ridden(), row["messages"]
    http = httpx2.AsyncClient(
        headers={"authorization": f"Bearer {KEY}"}, timeout=60, limits=httpx2.Limits(keepalive_expiry=IDLE_S)
    )
    streams = streamable_http_client(f"{url}/mcp", http_client=http)
    base = f"{url}/s/{ODD.sub('-', str(row['id']))}/a/{AGENT}/v1"
    async with (
        AsyncOpenAI(base_url=base, api_key=KEY) as model,
        http,
        Client(streams, cache=None) as client,
    ):
        asked = False
        for place, message in enumerate(messages):
            asked = asked or message["role"] == "user"
            if message["role"] == "user" and place:
                await typing()
            elif message["role"] == "assistant" and asked:
                began = time.monotonic()
                await _think(model, row, place, tools)
                ridden.generation += time.monotonic() - began
                await _act(client, messages, place, reads, ridden)
                ridden.seconds += time.monotonic() - began
    return ridden


async def _think(model: AsyncOpenAI, row: Mapping[str, Any], place: int, tools: Any) -> None:
    """The model says what it said then, as a stream."""
    asked: Any = row["messages"][:place]
    stream = await model.chat.completions.create(
        model=str(row.get("agent_model") or "recorded"), messages=asked, tools=tools, stream=True
    )
    async for _ in stream:
        pass


async def _act(
    client: Client, messages: Sequence[Mapping[str, Any]], place: int, reads: Collection[str], ridden: Ridden
) -> None:
    """The calls of a reply, all at once unless one of them writes, each compared with what was recorded."""
    calls = messages[place].get("tool_calls") or ()
    after = messages[place + 1 : place + 1 + len(calls)]
    said = {each.get("tool_call_id"): each["content"] for each in after if each["role"] == "tool"}

    async def one(call: Mapping[str, Any]) -> None:
        function = call["function"]
        result = await client.call_tool(function["name"], json.loads(function["arguments"] or "{}"))
        text = "".join(getattr(part, "text", "") for part in result.content)
        ridden.calls += 1
        ridden.mismatches += text != said.get(call["id"])

    if all(call["function"]["name"] in reads for call in calls):
        await asyncio.gather(*(one(call) for call in calls))
        return
    for call in calls:
        await one(call)

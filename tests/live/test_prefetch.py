"""An agent with tools rides through the proxy; after some customers its calls are foretold, and a person can read why.

It must not know how calls are foretold.
"""

import asyncio
import json
import subprocess
from typing import Any

import httpx
import pytest

from proxy.testing import Heard, Line, Script
from tests.benchmarks.prefetch.recorded import messages
from tests.live.conftest import Ride
from tests.policies.prefetch.shop import READS, visit
from tests.test_cli import COMMAND, ROOT, surroundings

pytestmark = pytest.mark.anyio

TOOLS = [{"type": "function", "function": {"name": name}} for name in (*sorted(READS), "cancel_order")]


def model_of(histories: list[list[dict[str, Any]]]) -> Any:
    """An upstream that says what the recorded model said."""
    answers = {
        json.dumps(history[:place]): message
        for history in histories
        for place, message in enumerate(history)
        if message["role"] == "assistant"
    }

    def answer(heard: Heard) -> Line:
        message = answers[json.dumps(json.loads(heard.body)["messages"])]
        return Script.json(
            {
                "id": "r",
                "object": "chat.completion",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            }
        )

    return answer


async def ask(client: httpx.AsyncClient, url: str, name: str, history: list[dict[str, Any]]) -> None:
    """One customer, each step with the whole history."""
    for place, message in enumerate(history):
        if message["role"] == "assistant":
            body = {"model": "gpt-4o", "messages": history[:place], "tools": TOOLS}
            reply = await client.post(f"{url}/s/{name}/a/clerk/v1/chat/completions", json=body)
            assert reply.json()["choices"][0]["message"] == message


def steps(history: list[dict[str, Any]]) -> int:
    """Things that one learns from a history: each call, and each end of a reply."""
    replies = [message for message in history if message["role"] == "assistant"]
    return sum(1 + len(message.get("tool_calls", ())) for message in replies)


async def believed(client: httpx.AsyncClient, url: str, least: int) -> list[dict[str, Any]]:
    """What is believed of the clerk, once so many steps have been folded into it."""
    for _ in range(200):
        found: list[dict[str, Any]] = (await client.get(f"{url}/outrider/agents/clerk/programs")).json()["agents"]
        if found and found[0]["steps"] >= least:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was learned")


async def test_calls_come_to_be_foretold(script: Script, ride: Ride) -> None:
    """In shadow: every byte is the upstream's, and the gain stands in the figures."""
    histories = [messages(visit(number, 1 + number % 3)) for number in range(13)]
    script.handler = model_of(histories)
    url = await ride(prefetch_tools=tuple(f"tau/{name}" for name in sorted(READS)))
    async with httpx.AsyncClient(timeout=30) as client:
        for wave in (histories[:4], histories[4:8], histories[8:12]):  # what one teaches is known to the next
            for history in wave:
                await ask(client, url, f"visit{histories.index(history)}", history)
            (clerk,) = await believed(client, url, sum(map(steps, histories[: histories.index(wave[-1]) + 1])))
        assert clerk["tools"] == ["cancel_order", "find_user", "get_order", "get_user"]
        assert "call get_order(order_id" in "".join(each["text"] for each in clerk["programs"])
        await ask(client, url, "last", histories[12])
        session = (await client.get(f"{url}/outrider/sessions/last")).json()
        assert session["figures"]["prefetch.reads"] == 3
        assert session["figures"]["prefetch.would_serve"] >= 2
        page = (await client.get(f"{url}/metrics")).text
        assert 'figure="would_launch"' in page
        command = [*COMMAND, "programs", "clerk", "--url", url]
        told = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, env=surroundings(), capture_output=True, text=True
        )
        assert (told.returncode, told.stderr) == (0, "")
        assert "clerk, 4 tools" in told.stdout
        assert "call get_order(order_id" in told.stdout


async def test_a_request_may_opt_out(script: Script, ride: Ride) -> None:
    """Nothing is remembered of it."""
    history = messages(visit(1))
    script.handler = model_of([history])
    url = await ride()
    async with httpx.AsyncClient(timeout=30, headers={"x-outrider-policies": "prefetch=off"}) as client:
        await ask(client, url, "quiet", history)
        session = (await client.get(f"{url}/outrider/sessions/quiet")).json()
    assert "prefetch" not in session["memory"]


async def test_nobody_knows_a_stranger(script: Script, ride: Ride) -> None:
    """The command says so in words."""
    url = await ride()
    command = [*COMMAND, "programs", "stranger", "--url", url]
    told = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=surroundings(), capture_output=True, text=True
    )
    assert told.returncode == 2
    assert "Nothing is known of an agent 'stranger'" in told.stderr

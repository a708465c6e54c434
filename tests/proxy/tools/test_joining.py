"""Both sides joined: calls at the gateway find the session whose model emitted them, with many sessions in flight."""

import asyncio
import json
import logging
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.testing import Heard, Line, Piece, Script
from tests.live.replies import chat, delta, tool_call
from tests.proxy.tools.house import KEY, client, gateway, served
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio
NAMES = ("read", "shop_read", "mcp__shop__read", "mcp__outrider__read", "shop.read")


def emits(name: str, arguments: Mapping[str, Any], id: str, *, stream: bool, open_s: float = 0.0) -> Line:
    """A reply that calls a tool; a stream stays open for a while after its arguments are complete."""
    text = json.dumps(arguments)
    if not stream:
        call = {"id": id, "type": "function", "function": {"name": name, "arguments": text}}
        return Script.json(chat(None, tool_calls=[call]))
    half = len(text) // 2
    pieces = [tool_call(0, "", id, name), tool_call(0, text[:half]), tool_call(0, text[half:])]
    line = Script.sse(*(delta(tool_calls=[piece]) for piece in pieces))
    end = Script.sse(delta("tool_calls"), "[DONE]")
    rest = [Piece(b"".join(piece.data for piece in end.pieces), after_s=open_s)]
    return Line(headers=line.headers, body=[*line.pieces, *rest], framing="chunked")


def scripted(heard: Heard) -> Line:
    """The model does what the user says: `NAME ARGUMENTS ID`, as JSON."""
    asked = json.loads(heard.body)
    name, arguments, id = json.loads(asked["messages"][-1]["content"])
    return emits(name, arguments, id, stream=asked.get("stream", False))


async def ask(url: str, session: str, name: str, arguments: Any, id: str, *, stream: bool, key: str = KEY) -> None:
    """One request of a session's agent, its reply read to the end."""
    body = {
        "model": "gpt-4o",
        "stream": stream,
        "messages": [{"role": "user", "content": json.dumps([name, arguments, id])}],
        "tools": [{"type": "function", "function": {"name": name, "parameters": {}}}],
    }
    headers = {"authorization": key, "x-outrider-session": session}
    async with httpx.AsyncClient(timeout=30) as http:
        assert (await http.post(f"{url}/v1/chat/completions", json=body, headers=headers)).status_code == 200


def joined(caplog: Any) -> list[tuple[str, str]]:
    """Session and what told it, of each call in the log."""
    lines = [record.getMessage() for record in caplog.records if record.name == "outrider.tools"]
    calls = [line for line in lines if line.startswith("tool shop/")]
    found = [re.search(r"session (\S+) by (\w+)", line) for line in calls]
    return [(each[1], each[2]) if each else ("", "") for each in found]


@asynccontextmanager
async def joining(folder: Path) -> AsyncIterator[str]:
    """A proxy between a model that does what it is told and a shop."""
    async with (
        Script(handler=scripted) as script,
        served(Shop()) as web,
        gateway(folder, {"shop": {"url": web}}, upstream=f"{script.url}/v1") as url,
    ):
        yield url


async def test_many_sessions_with_arguments_of_their_own(tmp_path: Path, caplog: Any) -> None:
    """Forty sessions at once, the same tool under several names, streamed and not: every call finds its session."""
    caplog.set_level(logging.INFO, "outrider.tools")
    dice = random.Random(4)
    async with joining(tmp_path) as url, client(f"{url}/mcp", headers={"authorization": KEY}) as c:

        async def one(number: int) -> None:
            arguments = {"key": f"k{number}", "limit": number}
            await asyncio.sleep(dice.random() * 0.2)
            name = NAMES[number % len(NAMES)]
            await ask(url, f"s{number}", name, arguments, f"c{number}", stream=number % 2 == 0)
            await c.call_tool("read", dict(reversed(arguments.items())), meta=None)

        await asyncio.gather(*(one(number) for number in range(40)))
    assert sorted(joined(caplog)) == sorted((f"s{number}", "call") for number in range(40))


async def test_many_sessions_with_equal_arguments(tmp_path: Path, caplog: Any) -> None:
    """Each session is found once by the arguments alone; by the call's id, or a session that is named, always the
    right one."""
    caplog.set_level(logging.INFO, "outrider.tools")
    async with joining(tmp_path) as url:

        async def one(number: int, *, told: str) -> None:
            await ask(url, f"{told}{number}", "read", {"key": "same"}, f"toolu_{told}{number}", stream=True)
            await asyncio.sleep(0.3)
            path = f"/s/path{number}/mcp/shop" if told == "path" else "/mcp"
            meta: Any = {"claudecode/toolUseId": f"toolu_id{number}"} if told == "id" else None
            async with client(f"{url}{path}", headers={"authorization": KEY}) as c:
                await c.call_tool("read", {"key": "same"}, meta=meta)

        await asyncio.gather(*(one(number, told=told) for number in range(8) for told in ("id", "path")))
        found = sorted(joined(caplog))
        assert found == sorted([(f"id{n}", "id") for n in range(8)] + [(f"path{n}", "header") for n in range(8)])
        caplog.clear()
        await asyncio.gather(*(one(number, told="plain") for number in range(8)))
        assert sorted(joined(caplog)) == sorted((f"plain{n}", "call") for n in range(8))


async def test_a_call_comes_before_its_reply_has_ended(tmp_path: Path, caplog: Any) -> None:
    """A client that acts on the last piece of the arguments, while the stream is open, is not too early."""
    caplog.set_level(logging.INFO, "outrider.tools")
    async with Script() as script, served(Shop()) as web:
        script.say(emits("read", {"key": "a"}, "c1", stream=True, open_s=1.0))
        async with gateway(tmp_path, {"shop": {"url": web}}, upstream=f"{script.url}/v1") as url:
            body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}], "tools": [TOOL]}
            headers = {"authorization": KEY, "x-outrider-session": "s1"}
            async with (
                client(f"{url}/mcp", headers={"authorization": KEY}) as c,
                httpx.AsyncClient() as http,
                http.stream("POST", f"{url}/v1/chat/completions", json=body, headers=headers) as reply,
            ):
                said = ""
                async for piece in reply.aiter_text():
                    said += piece
                    if said.count("arguments") == 3 and "s1" not in [each[0] for each in joined(caplog)]:
                        await c.call_tool("read", {"key": "a"})
                        assert 'finish_reason": "tool_calls' not in said
    assert joined(caplog) == [("s1", "call")]


TOOL = {"type": "function", "function": {"name": "read", "parameters": {}}}


async def test_strangers_do_not_find_each_others_calls(tmp_path: Path, caplog: Any) -> None:
    """Two keys, equal calls: each finds its own. Without credentials, in a house that asks for none, what can be only
    one caller's is found."""
    caplog.set_level(logging.INFO, "outrider.tools")
    async with joining(tmp_path) as url:
        for key, session in (("Bearer one", "s1"), ("Bearer two", "s2")):
            await ask(url, session, "read", {"key": "same"}, "c", stream=False, key=key)
        for key in ("Bearer two", "Bearer one", "Bearer three"):
            async with client(f"{url}/mcp", headers={"authorization": key}) as c:
                await c.call_tool("read", {"key": "same"})
        await ask(url, "s3", "read", {"key": "own"}, "c3", stream=False)
        async with client(f"{url}/mcp") as c:
            await c.call_tool("read", {"key": "own"})
    assert joined(caplog) == [("s2", "call"), ("s1", "call"), ("", ""), ("s3", "call")]

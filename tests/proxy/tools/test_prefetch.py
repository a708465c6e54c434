"""A policy's wish, performed: from a guest that guesses to the agent that gets its result, over the whole road."""

import asyncio
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.exchange import Exchange
from proxy.policy import Decision, Failure, Policy, Tool, ask, ask_all
from proxy.testing import Script
from tests.live.caller import until
from tests.live.replies import chat
from tests.proxy.tools.house import KEY, Ride, client, riding, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio


class Guesser(Policy):
    """Wishes tools as soon as a request comes; keeps what it got."""

    name = "guesser"

    def __init__(self, *wishes: Tool) -> None:
        self.wishes = wishes
        self.got: list[Any] = []

    def meanwhile(self, exchange: Exchange) -> Decision | None:
        return Decision("the agent always looks this up", errand=self._errand())

    def _errand(self) -> Generator[Any, Any, None]:
        if len(self.wishes) == 1:
            self.got.append((yield from ask(self.wishes[0])))
        else:
            self.got += yield from ask_all(*self.wishes)


async def talk(ride: Ride, session: str = "s1") -> httpx.Response:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is a?"}], "tools": [TOOL]}
    headers = {"authorization": KEY, "x-outrider-session": session}
    async with httpx.AsyncClient() as http:
        return await http.post(f"{ride.url}/v1/chat/completions", json=body, headers=headers)


TOOL = {"type": "function", "function": {"name": "mcp__shop__read", "parameters": {"type": "object"}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "mcp__shop__read", "arguments": '{"key":"a"}'}}


async def test_a_guess_is_ready_when_the_agent_asks(tmp_path: Path) -> None:
    """The tool runs while the model thinks; the agent, which says nothing of its session, gets that result at once."""
    shop, guesser = Shop(), Guesser(Tool("mcp__shop__read", {"key": "a"}))
    shop.delay_s = 0.2
    async with Script() as script, served(shop) as web:
        script.say(Script.json(chat(None, tool_calls=[CALL]), wait_s=0.4))
        async with riding(tmp_path, {"shop": {"url": web}}, guesser, upstream=script.url) as ride:
            await talk(ride)
            async with client(f"{ride.url}/mcp", headers={"authorization": KEY}) as c:
                result = await c.call_tool("read", {"key": "a"})
            assert json.loads(text(result))["key"] == "a"
            assert (ride.answers(), shop.names()) == (["shelf"], ["read"])
            assert json.loads(guesser.got[0]["content"][0]["text"])["key"] == "a"


async def test_what_a_guest_is_told(tmp_path: Path) -> None:
    """The result, or in words why there is none; a refusal costs it nothing else."""
    shop = Shop()
    wishes = (Tool("read", {"key": "a"}), Tool("write", {"key": "a", "value": "1"}), Tool("nonsense", {}))
    guesser = Guesser(*wishes)
    async with Script() as script, served(shop) as web:
        script.say(Script.json(chat()))
        async with riding(tmp_path, {"shop": {"url": web}}, guesser, upstream=script.url) as ride:
            await talk(ride)
            await until(lambda: len(guesser.got) == 3)
    assert guesser.got[0]["content"]
    assert [type(each) for each in guesser.got[1:]] == [Failure, Failure]
    assert guesser.got[2].reason == "no server has such a tool"
    assert shop.names() == ["read"]


async def test_a_failure_and_a_drop_are_told_as_such(tmp_path: Path) -> None:
    """The guest's plan goes on."""
    shop = Shop()
    shop.failing = True
    guesser = Guesser(Tool("read", {"key": "a"}))
    async with Script() as script, served(shop) as web:
        script.say(Script.json(chat()), Script.json(chat()))
        async with riding(tmp_path, {"shop": {"url": web}}, guesser, upstream=script.url) as ride:
            await talk(ride)
            await until(lambda: len(guesser.got) == 1)
            ride.side.prefetch.shelf._tools.clear()
            shop.failing, shop.delay_s = False, 5.0
            await talk(ride, "s2")
            await until(lambda: len(shop.calls) == 2)
            ride.side.prefetch.shelf.drop("shop")
            await until(lambda: len(guesser.got) == 2)
    assert [each.reason for each in guesser.got] == ["the tool says that it failed", "it was dropped"]


async def test_a_write_whose_result_is_in_the_conversation_was_made(tmp_path: Path) -> None:
    """It may have been made elsewhere; the next turn's guesses are not held up by it."""
    shop = Shop()
    write = {"id": "call_w", "type": "function", "function": {"name": "write", "arguments": '{"key":"a","value":"1"}'}}
    guesser = Guesser(Tool("read", {"key": "a"}))
    async with Script() as script, served(shop) as web:
        script.say(Script.json(chat(None, tool_calls=[write])), Script.json(chat()))
        async with riding(tmp_path, {"shop": {"url": web}}, guesser, upstream=script.url) as ride:
            await talk(ride)
            await until(lambda: len(guesser.got) == 1)
            assert "emitted and has not come" in ride.why_not("read", key="b")
            turns = [
                {"role": "user", "content": "What is a?"},
                {"role": "assistant", "content": None, "tool_calls": [write]},
                {"role": "tool", "tool_call_id": "call_w", "content": "version 1"},
            ]
            async with httpx.AsyncClient() as http:
                await http.post(
                    f"{ride.url}/v1/chat/completions",
                    json={"model": "gpt-4o", "messages": turns, "tools": [TOOL]},
                    headers={"authorization": KEY, "x-outrider-session": "s1"},
                )
            assert ride.why_not("read", key="b") == ""
            await asyncio.sleep(0)


async def test_wishes_wait_their_turn(tmp_path: Path) -> None:
    """A session has three under way at once; the others follow in the order in which they were wished, and the reply's
    head tells what had been called by then."""
    shop = Shop()
    shop.delay_s = 0.05
    guesser = Guesser(*(Tool("read", {"key": key}, window="thinking") for key in "abcdef"))
    async with Script() as script, served(shop) as web:
        script.say(Script.json(chat(), wait_s=0.5))
        async with riding(tmp_path, {"shop": {"url": web}}, guesser, upstream=script.url) as ride:
            reply = await talk(ride)
            await until(lambda: len(guesser.got) == 6)
    assert [json.loads(got["content"][0]["text"])["key"] for got in guesser.got] == list("abcdef")
    assert [arguments["key"] for _, arguments, _ in shop.calls] == list("abcdef")
    assert reply.headers["x-outrider-decisions"].count("tools: shop/read called ahead") == 6

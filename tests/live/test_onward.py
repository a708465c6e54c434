"""A tool of a policy's own, called by the model: answered on the way, in one reply for the client. Official clients.

It must not know any policy of ours; the guest here owns a tool that says what it was asked.
"""

import json
from typing import Any

import pytest
from openai import AsyncOpenAI

from proxy.exchange import Exchange
from proxy.policy import Decision, OwnTool, Policy
from proxy.testing import Script
from tests.live.house import guests
from tests.live.replies import chat, chat_stream, delta, tool_call, usage_chunk

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


class Owner(Policy):
    """Offers a tool and keeps what came of it."""

    name = "owner"

    def __init__(self) -> None:
        self.learned: list[Exchange] = []

    def prepare(self, exchange: Exchange) -> Decision | None:
        """One tool, in every request that a client makes."""
        tool = OwnTool("seek", "Seeks.", {"type": "object"}, lambda arguments: f"found {arguments}", 2)
        return Decision("offered", tool=tool, quiet=True)

    def learn(self, exchange: Exchange) -> Decision | None:
        """Keeps the exchange for the test."""
        self.learned.append(exchange)
        return None


def call(id: str, arguments: str = '{"q":"x"}', name: str = "seek") -> Json:
    """A tool call of a chat message."""
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def chat_calls(*names: str, text: str = "") -> list[Json | str]:
    """A chat stream that says a text and calls these tools."""
    pieces = [
        delta(tool_calls=[piece])
        for place, name in enumerate(names)
        for piece in (tool_call(place, "", f"call_{name}", name), tool_call(place, '{"q":'), tool_call(place, '"x"}'))
    ]
    said = [delta(content=text)] if text else []
    start = delta(role="assistant", content=None)
    return [start, *said, *pieces, delta("tool_calls"), usage_chunk(), "[DONE]"]


MESSAGES: list[Any] = [{"role": "user", "content": "Where?"}]


async def test_chat_whole(script: Script) -> None:
    """The client gets the second completion with the first one's id, its text before, and the usage of both."""
    owner = Owner()
    script.say(
        Script.json(chat("One moment.", tool_calls=[call("c1")])),
        Script.json(chat("Ahead.") | {"id": "chatcmpl-8"}),
    )
    async with (
        guests(script.url, owner) as url,
        AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as client,
    ):
        got = await client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    assert got.choices[0].message.content == "One moment.\n\nAhead."
    assert got.choices[0].message.tool_calls is None
    assert got.choices[0].finish_reason == "stop"
    assert got.id == "chatcmpl-7"
    assert got.usage
    assert got.usage.total_tokens == 30
    first, second = (json.loads(heard.body) for heard in script.heard)
    assert [tool["function"]["name"] for tool in first["tools"]] == ["seek"]
    assert second["tools"] == first["tools"]
    assert second["messages"][1:] == [
        {"role": "assistant", "content": "One moment.", "tool_calls": [call("c1")]},
        {"role": "tool", "tool_call_id": "c1", "content": 'found {"q":"x"}'},
    ]
    aside = owner.learned[0].asides[0]
    assert (aside.by, aside.shown, aside.results) == ("owner", "One moment.", ('found {"q":"x"}',))
    assert owner.learned[0].completion
    assert owner.learned[0].completion.turns[0].text == "One moment.\n\nAhead."


async def test_chat_stream(script: Script) -> None:
    """The same in a stream: text at once, no chunk of the call, one id, one end, usage of both."""
    script.say(
        Script.sse(*chat_calls("seek", text="One moment.")),
        Script.sse(*[_named(event, "chatcmpl-8") for event in chat_stream("A", "head.")[:-1]], usage_chunk(), "[DONE]"),
    )
    async with (
        guests(script.url, Owner()) as url,
        AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(
            model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert {chunk.id for chunk in chunks} == {"chatcmpl-7"}
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(each.content or "" for each in deltas) == "One moment.\n\nAhead."
    assert not any(each.tool_calls for each in deltas)
    assert sum(each.role is not None for each in deltas) == 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["stop"]
    assert [chunk.usage.total_tokens for chunk in chunks if chunk.usage] == [30]


def _named(event: Json | str, id: str) -> Json | str:
    return event if isinstance(event, str) else {**event, "id": id}

"""Long sessions of the official clients, condensed on their way; the client notices nothing.

It must not know how the policy decides; it looks at what reached the upstream.
"""

import json
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat, chat_stream, error, message, response

pytestmark = pytest.mark.anyio

MARKS: dict[str, Any] = {"consolidate": "on", "consolidate_above": 900, "consolidate_to": 300}
FLAT = "The flat at 12 Rue Clerc costs 900 euros and is free from 2024-05-20. "
WORDS = FLAT * 4
Say = Callable[[str, list[Any]], Awaitable[Any]]
ITEMS = {"chat": "messages", "responses": "input", "messages": "messages"}
ANSWERS: dict[str, Callable[[], Any]] = {"chat": chat, "responses": response, "messages": message}


def sent(heard: Heard, form: str) -> list[Any]:
    """The items of a request that reached the upstream."""
    items: list[Any] = json.loads(heard.body)[ITEMS[form]]
    return items


def answer(form: str) -> Callable[[Heard], Line]:
    """The provider's usual reply."""
    return lambda _: Script.json(ANSWERS[form]())


async def say_chat(url: str, items: list[Any]) -> Any:
    """One turn by OpenAI's client."""
    async with AsyncOpenAI(base_url=f"{url}/s/long/v1", api_key="sk", max_retries=0) as client:
        return await client.chat.completions.create(model="gpt-4o", messages=items)


async def say_responses(url: str, items: list[Any]) -> Any:
    """The same by the Responses API."""
    async with AsyncOpenAI(base_url=f"{url}/s/long/v1", api_key="sk", max_retries=0) as client:
        return await client.responses.create(model="gpt-5", input=items, store=False)


async def say_messages(url: str, items: list[Any]) -> Any:
    """The same by Anthropic's client."""
    async with AsyncAnthropic(base_url=f"{url}/s/long", api_key="sk", max_retries=0) as client:
        return await client.messages.create(model="claude-next", max_tokens=64, messages=items)


SAYS: dict[str, Say] = {"chat": say_chat, "responses": say_responses, "messages": say_messages}


def grow(items: list[Any], number: int) -> None:
    """The agent has answered; the user asks on."""
    items += [{"role": "assistant", "content": f"{number}: {WORDS}"}, {"role": "user", "content": f"And {number}?"}]


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
async def test_a_long_session_stays_small_at_the_provider(script: Script, ride: Ride, form: str) -> None:
    """In each form: few rewritten prefixes, the first task and the newest words in every request."""
    url = await ride(**MARKS)
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    script.handler = answer(form)
    for number in range(30):
        grow(items, number)
        await SAYS[form](url, items)
    bodies = [heard.body for heard in script.heard]
    assert len(bodies) == 30
    arrays = [body[body.index(b'[{"role"') : body.rindex(b"]")] for body in bodies]
    broken = sum(not after.startswith(before) for before, after in pairwise(arrays))
    assert 0 < broken < 6
    assert max(map(len, bodies)) < len(json.dumps(items)) / 2
    for number, heard in enumerate(script.heard):
        assert sent(heard, form)[0]["content"] == "Find a flat in Lyon."
        assert sent(heard, form)[-1]["content"] == f"And {number}?"


async def test_streams_are_condensed_too(script: Script, ride: Ride) -> None:
    """And arrive as they would."""
    url = await ride(**MARKS)
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    for number in range(20):
        grow(items, number)
    script.say(Script.sse(*chat_stream("A", "head.")))
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk", max_retries=0) as client:
        stream = await client.chat.completions.create(model="gpt-4o", messages=items, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text == "Ahead."
    assert len(sent(script.heard[0], "chat")) < len(items)


async def test_what_was_replaced_can_be_fetched(script: Script, ride: Ride) -> None:
    """By its number, as the client wrote it; the decision is told in the reply."""
    url = await ride(**MARKS)
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    script.handler = answer("chat")
    for number in range(20):
        grow(items, number)
    async with httpx.AsyncClient(headers={"authorization": "Bearer sk"}) as client:
        asked = {"model": "gpt-4o", "messages": items}
        reply = await client.post(f"{url}/s/long/v1/chat/completions", json=asked)
        assert "consolidate: condensed" in reply.headers["x-outrider-decisions"]
        original = await client.get(f"{url}/outrider/sessions/long/items/3")
    assert original.json() == items[3]


async def test_a_provider_that_refuses_gets_the_clients_own_words(script: Script, ride: Ride) -> None:
    """Once more, at once; and from then on in this session."""
    url = await ride(**MARKS)
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    for number in range(20):
        grow(items, number)
    script.say(Script.json(error("no such shape"), status=400), Script.json(chat()), Script.json(chat()))
    got = await say_chat(url, items)
    assert got.choices[0].message.content == "Ahead."
    grow(items, 20)
    await say_chat(url, items)
    lengths = [len(sent(heard, "chat")) for heard in script.heard]
    assert lengths[0] < lengths[1] == len(items) - 2
    assert lengths[2] == len(items)


async def test_shadow_is_the_default_and_changes_no_byte(script: Script, ride: Ride) -> None:
    """It only says what it would have done."""
    url = await ride(consolidate_above=900, consolidate_to=300)
    items = [{"role": "user", "content": "Find a flat in Lyon."}]
    script.handler = answer("chat")
    for number in range(20):
        grow(items, number)
    body = json.dumps({"model": "gpt-4o", "messages": items})
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{url}/v1/chat/completions", content=body)
    assert script.heard[0].body == body.encode()
    assert "would condense" in reply.headers["x-outrider-decisions"]

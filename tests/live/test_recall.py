"""The tool `recall` in long sessions of the official clients: looked up on the way, never seen by the client.

It must not know how originals are searched; it looks at what reached the upstream, and at what the client got.
"""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat, message, response

pytestmark = pytest.mark.anyio

MARKS: dict[str, Any] = {
    "consolidate": "on",
    "consolidate_above": 900,
    "consolidate_to": 300,
    "consolidate_recall": True,
}
WORDS = "The flat at 12 Rue Clerc costs 900 euros and is free from 2024-05-20. " * 4
SECRET = "kv-77-qx"
ITEMS = {"chat": "messages", "responses": "input", "messages": "messages"}
QUERY = '{"query": "access code of the garage"}'


def sent(heard: Heard, form: str) -> list[Any]:
    """The items of a request that reached the upstream."""
    items: list[Any] = json.loads(heard.body)[ITEMS[form]]
    return items


def calling(form: str) -> Any:
    """A reply that says something, then calls the tool."""
    if form == "chat":
        call = {"id": "c1", "type": "function", "function": {"name": "recall", "arguments": QUERY}}
        return chat("One moment.", tool_calls=[call])
    if form == "messages":
        thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
        said = {"type": "text", "text": "One moment."}
        use = {"type": "tool_use", "id": "toolu_1", "name": "recall", "input": json.loads(QUERY)}
        return message(thought, said, use, stop="tool_use")
    said = response()["output"][0] | {"id": "msg_6"}
    said["content"] = [{**said["content"][0], "text": "One moment."}]
    call = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "recall", "arguments": QUERY}
    return response(output=[said, call], store=False)


def answering(form: str) -> Any:
    """The usual reply."""
    made: dict[str, Callable[[], Any]] = {"chat": chat, "responses": response, "messages": message}
    return made[form]()


FORMATTED: dict[str, Any] = {
    "chat": {"response_format": {"type": "json_object"}},
    "responses": {"text": {"format": {"type": "json_object"}}},
    "messages": {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
}
"""Fields of a request whose answer has a form."""


async def say(form: str, url: str, items: list[Any], **fields: Any) -> Any:
    """One turn, with these fields beside it; the reply as the client's own items for its next request."""
    if form == "messages":
        async with AsyncAnthropic(base_url=f"{url}/s/long", api_key="sk", max_retries=0) as anthropic:
            got = await anthropic.messages.create(model="claude-next", max_tokens=64, messages=items, extra_body=fields)
        return [{"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in got.content]}]
    async with AsyncOpenAI(base_url=f"{url}/s/long/v1", api_key="sk", max_retries=0) as client:
        if form == "responses":
            told = await client.responses.create(model="gpt-5", input=items, store=False, extra_body=fields)
            return [item.model_dump(exclude_none=True) for item in told.output]
        done = await client.chat.completions.create(model="gpt-4o", messages=items, extra_body=fields)
    return [done.choices[0].message.model_dump(exclude_none=True)]


def handler(form: str, wanted: Callable[[Heard], bool]) -> Callable[[Heard], Line]:
    """Calls the tool where `wanted`, and answers otherwise."""
    return lambda heard: Script.json(calling(form) if wanted(heard) else answering(form))


def asks(form: str) -> Callable[[Heard], bool]:
    """Whether the newest item is the question about the code."""
    return lambda heard: "access code?" in json.dumps(sent(heard, form)[-1])


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
async def test_what_was_condensed_is_looked_up(script: Script, ride: Ride, form: str) -> None:
    """In each form: the original comes back, the client sees one reply, and later requests go on with all of it."""
    url = await ride(**MARKS)
    script.handler = handler(form, asks(form))
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    items += await say(form, url, items)
    items.append({"role": "user", "content": f"The access code of the garage is {SECRET}."})
    items += await say(form, url, items)
    while b"Earlier messages, condensed" not in script.heard[-1].body:
        items.append({"role": "user", "content": f"And {len(items)}? {WORDS} Sentence {len(items)}."})
        items += await say(form, url, items)
    items.append({"role": "user", "content": "What was the access code?"})
    before = len(script.heard)
    reply = await say(form, url, items)
    assert len(script.heard) == before + 2
    asked, continued = script.heard[before:]
    told = sent(continued, form)[-1]
    assert SECRET in json.dumps(told)
    assert "#2" in json.dumps(told)
    assert "The tool `recall` looks up originals." in json.dumps(sent(asked, form))
    assert "recall" not in json.dumps(reply)
    assert "One moment." in json.dumps(reply)
    assert "Ahead." in json.dumps(reply)
    items += reply
    for number in range(3):
        items.append({"role": "user", "content": f"Thanks {number}."})
        items += await say(form, url, items)
    arrays = [told_of(heard, form) for heard in script.heard[before:]]
    assert all(after.startswith(earlier) for earlier, after in pairwise(arrays))
    assert json.dumps(sent(script.heard[-1], form)).count("One moment.") == 1
    tools = [json.loads(heard.body)["tools"] for heard in script.heard]
    assert all(each == tools[0] for each in tools)


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
async def test_calls_are_not_told_where_the_tool_is_not_offered(script: Script, ride: Ride, form: str) -> None:
    """A provider may refuse calls of a tool that the request does not have; afterwards they stand where they stood."""
    url = await ride(**MARKS)
    script.handler = handler(form, asks(form))
    items: list[Any] = [{"role": "user", "content": "What was the access code?"}]
    items += await say(form, url, items)
    items.append({"role": "user", "content": "Thanks."})
    items += await say(form, url, items)
    first = script.heard[-1]
    items.append({"role": "user", "content": "As JSON, please."})
    reply = await say(form, url, items, **FORMATTED[form])
    assert b"recall" not in script.heard[-1].body
    assert sent(script.heard[-1], form) == items
    items += reply
    items.append({"role": "user", "content": "And now?"})
    await say(form, url, items)
    assert told_of(script.heard[-1], form).startswith(told_of(first, form))


def told_of(heard: Heard, form: str) -> bytes:
    """The items of a request as they were written, without the closing bracket."""
    key = b'"input":' if form == "responses" else b'"messages":'
    body = heard.body[heard.body.index(key) :]
    raw = json.JSONDecoder().raw_decode(body.decode(), len(key))
    return body[: raw[1] - 1]

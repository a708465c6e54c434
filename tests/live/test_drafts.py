"""A fast model drafts what the slow one will call: real tool servers, official clients, both models at one upstream.

It must not know how a draft is judged; it looks at what reached the upstream and the tools, and at what people see.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from proxy.testing import Heard, Line, Script
from tests.live.caller import until
from tests.live.replies import chat, message, response
from tests.proxy.tools.house import KEY, client, gateway, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
FAST, SLOW_S = "gpt-4o-mini", 1.0
PARAMETERS = {"type": "object", "properties": {"key": {"type": "string"}}}
GIVEN: Json = {"prefetch": "on", "prefetch_tools": "shop/read", "prefetch_probation": 0, "prefetch_draft_model": FAST}


def calls(form: str, *made: tuple[str, Json], at: str = "c") -> Json:
    """A reply of that form that makes these calls."""
    if form == "messages":
        blocks = [
            {"type": "tool_use", "id": f"{at}{n}", "name": name, "input": given} for n, (name, given) in enumerate(made)
        ]
        return message(*blocks, stop="tool_use")
    if form == "responses":
        items = [
            {
                "type": "function_call",
                "id": f"fc_{n}",
                "call_id": f"{at}{n}",
                "name": name,
                "arguments": json.dumps(given),
                "status": "completed",
            }
            for n, (name, given) in enumerate(made)
        ]
        return response(output=items)
    functions = [{"name": name, "arguments": json.dumps(given)} for name, given in made]
    return chat(
        None, tool_calls=[{"id": f"{at}{n}", "type": "function", "function": f} for n, f in enumerate(functions)]
    )


def upstream(form: str, slow: Json, draft: Json | Line) -> Any:
    """Answers the slow model's requests late, the fast one's at once."""

    def answer(heard: Heard) -> Line:
        if json.loads(heard.body)["model"] != FAST:
            return Script.json(slow, wait_s=SLOW_S)
        return draft if isinstance(draft, Line) else Script.json(draft)

    return answer


def drafts(script: Script) -> list[Json]:
    """What the fast model was asked."""
    bodies = [json.loads(heard.body) for heard in script.heard]
    return [body for body in bodies if body["model"] == FAST]


async def over_chat(url: str, name: str = "read") -> str:
    """Asks with OpenAI's client; the first call's arguments."""
    tools: Any = [{"type": "function", "function": {"name": name, "parameters": PARAMETERS}}]
    asked: Any = [{"role": "user", "content": "What is a?"}]
    async with AsyncOpenAI(base_url=f"{url}/s/one/a/clerk/v1", api_key="sk-me", max_retries=0) as c:
        reply = await c.chat.completions.create(
            model="gpt-4o", messages=asked, tools=tools, temperature=0, reasoning_effort="high"
        )
        made: Any = reply.choices[0].message.tool_calls
        return str(made[0].function.arguments)


async def over_responses(url: str) -> str:
    """The same with the Responses form."""
    tools: Any = [{"type": "function", "name": "read", "parameters": PARAMETERS, "strict": False}]
    async with AsyncOpenAI(base_url=f"{url}/s/one/a/clerk/v1", api_key="sk-me", max_retries=0) as c:
        reply: Any = await c.responses.create(model="gpt-5", input="What is a?", tools=tools, store=True)
        return str(reply.output[0].arguments)


async def over_messages(url: str) -> str:
    """The same with Anthropic's client."""
    tools: Any = [{"name": "read", "input_schema": PARAMETERS}]
    asked: Any = [{"role": "user", "content": "What is a?"}]
    async with AsyncAnthropic(base_url=f"{url}/s/one/a/clerk", auth_token="sk-me", max_retries=0) as c:
        reply: Any = await c.messages.create(model="claude-next", max_tokens=999, messages=asked, tools=tools)
        return json.dumps(reply.content[0].input)


@asynccontextmanager
async def house(folder: Path, script: Script, **settings: Any) -> AsyncIterator[tuple[str, Shop]]:
    """A proxy with a shop behind it."""
    shop = Shop()
    async with (
        served(shop) as web,
        gateway(folder, {"shop": {"url": web}}, upstream=f"{script.url}/v1", **{**GIVEN, **settings}) as url,
    ):
        async with client(f"{url}/mcp", headers={"authorization": KEY}) as c:
            await c.list_tools()  # comes when the shop has told what it has
        yield url, shop


async def figures(url: str, least: str = "draft.asked") -> Json:
    """The session's figures, once the draft has been held against the reply."""
    async with httpx.AsyncClient(timeout=30) as http:
        for _ in range(100):
            session: Json = (await http.get(f"{url}/outrider/sessions/one")).json()
            if least in session.get("figures", {}):
                return session
            await asyncio.sleep(0.02)
    raise AssertionError(f"no {least}: {session}")


@pytest.mark.parametrize(
    ("form", "over"), [("chat", over_chat), ("responses", over_responses), ("messages", over_messages)]
)
async def test_what_a_draft_calls_is_there_before_it_is_asked_for(tmp_path: Path, form: str, over: Any) -> None:
    """The tool has been called before the slow model has answered; the agent's call gets that result, no other is made,
    and the slow model's answer is untouched."""
    right = ("read", {"key": "a"})
    async with Script() as script, house(tmp_path, script) as (url, shop):
        script.handler = upstream(form, calls(form, right), calls(form, right, at="d"))
        async with client(f"{url}/mcp", headers={"authorization": KEY}) as c:
            answered = asyncio.ensure_future(over(url))
            await until(lambda: shop.names() == ["read"], within_s=SLOW_S)
            assert not answered.done()
            assert json.loads(await answered) == {"key": "a"}
            result = await c.call_tool("read", {"key": "a"})
        assert json.loads(text(result))["key"] == "a"
        assert "outrider/prefetch" in (result.meta or {})
        assert shop.names() == ["read"]
        (asked,) = drafts(script)
        assert not asked.keys() & {"stream", "reasoning_effort", "thinking"}
        assert asked.get("store") is (False if form == "responses" else None)
        bound = {"chat": "max_tokens", "responses": "max_output_tokens", "messages": "max_tokens"}[form]
        assert asked[bound] == 300
        assert len(asked["tools"]) == 1
        told = (await figures(url))["figures"]
    assert (told["draft.calls"], told["draft.right"], told["draft.launched"]) == (1, 1, 1)


async def test_it_is_charged_and_shown(tmp_path: Path) -> None:
    """In the reply's head, in the session's cost, in the recording, in the metrics."""
    right = ("read", {"key": "a"})
    async with Script() as script, house(tmp_path, script) as (url, shop):
        script.handler = upstream("chat", calls("chat", right), calls("chat", right, at="d"))
        async with AsyncOpenAI(base_url=f"{url}/s/one/a/clerk/v1", api_key="sk-me", max_retries=0) as c:
            tools: Any = [{"type": "function", "function": {"name": "read", "parameters": PARAMETERS}}]
            asked: Any = [{"role": "user", "content": "What is a?"}]
            raw = await c.chat.completions.with_raw_response.create(model="gpt-4o", messages=asked, tools=tools)
        assert f"draft: asks {FAST} what will be called" in raw.headers["x-outrider-decisions"]
        session = await figures(url)
        await until(lambda: shop.names() == ["read"])
        await asyncio.sleep(0.1)  # metrics hear of it a moment later
        async with httpx.AsyncClient(timeout=30) as http:
            page = (await http.get(f"{url}/metrics")).text
            recording = (await http.get(f"{url}/outrider/sessions/one.jsonl")).text
    each = 12 * 2.5e-6 + 3 * 10e-6
    assert session["cost"] == pytest.approx(2 * each)
    assert session["figures"]["draft.usd"] == pytest.approx(each)
    assert recording.count('"purpose":"draft"') == 1
    assert 'purpose="draft"' in page
    assert 'figure="right"' in page
    assert 'window="draft"' in page or 'use="used"' not in page


@pytest.mark.parametrize(
    "draft",
    [
        calls("chat", ("write", {"key": "a", "value": "b"}), ("search", {"words": "a"}), ("nothing", {})),
        chat("I think it will look something up."),
        Line(status=500),
        Line(body=b"nonsense"),
        Line(ending="rst", silent=True),
    ],
    ids=["not listed", "essay", "error", "nonsense", "reset"],
)
async def test_a_draft_that_is_of_no_use_changes_nothing(tmp_path: Path, draft: Json | Line) -> None:
    """No tool is called that is not on the list, and the client gets its answer; it is scored all the same."""
    async with Script() as script, house(tmp_path, script) as (url, shop):
        script.handler = upstream("chat", calls("chat", ("read", {"key": "a"})), draft)
        assert json.loads(await over_chat(url)) == {"key": "a"}
        told = (await figures(url))["figures"]
        assert told.get("draft.launched", 0) == told.get("draft.right", 0) == 0
        assert shop.names() == []


async def test_in_shadow_it_is_scored_and_nothing_is_called(tmp_path: Path) -> None:
    """What it would have brought stands in the figures."""
    right = ("read", {"key": "a"})
    async with Script() as script, house(tmp_path, script, prefetch="shadow") as (url, shop):
        script.handler = upstream("chat", calls("chat", right), calls("chat", right, at="d"))
        await over_chat(url)
        told = (await figures(url))["figures"]
        assert told["draft.right"] == 1
        assert shop.names() == []


async def test_nobody_is_asked_for_requests_without_such_tools(tmp_path: Path) -> None:
    """A tool that is not on the list; a day's budget of nothing; no model named."""
    wrong = calls("chat", ("look", {"key": "a"}))
    async with Script() as script, house(tmp_path, script) as (url, _):
        script.handler = upstream("chat", wrong, wrong)
        await over_chat(url, "look")
        assert drafts(script) == []
    right = calls("chat", ("read", {"key": "a"}))
    for settings in ({"prefetch_usd_a_day": 0}, {"prefetch_draft_model": ""}, {"prefetch": "off"}):
        async with Script() as script, house(tmp_path, script, **settings) as (url, _):
            script.handler = upstream("chat", right, right)
            await over_chat(url)
            assert drafts(script) == []

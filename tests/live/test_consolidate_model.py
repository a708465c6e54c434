"""States that a model writes: asked beside the client, on what its provider has in the cache, and checked.

It must not know how the policy decides; it looks at what reached the upstream.
"""

import asyncio
import json
from typing import Any

import httpx
import pytest

from proxy.testing import Heard, Line, Script
from tests.live.caller import until
from tests.live.conftest import Ride
from tests.live.replies import chat, message, response
from tests.live.test_consolidate import MARKS, SAYS, grow, sent

pytestmark = pytest.mark.anyio

TASK = "write your working memory"
STATE = (
    "The user looks for a flat in Lyon. Seen so far: the flat at 12 Rue Clerc, 900 euros, free from 2024-05-20, was "
    "shown on every page and stays the best one. Nothing was booked. Open: the remaining pages, then a decision."
)
ASKED = {**MARKS, "consolidate_state": "model"}
Json = dict[str, Any]


def says(form: str, text: str) -> Json:
    """The provider's reply with that text."""
    if form == "messages":
        return message({"type": "text", "text": text})
    return chat(text) if form == "chat" else response(text=text)


def asks(heard: Heard) -> bool:
    """Whether a request is the consolidator's."""
    return TASK in json.dumps(json.loads(heard.body))


class Upstream:
    """Answers as a provider does; the consolidator's questions with `state`, once `slow` is set."""

    def __init__(self, form: str, state: Line | None = None) -> None:
        self.form = form
        self.state = state or Script.json(says(form, STATE))
        self.slow: asyncio.Event | None = None

    async def __call__(self, heard: Heard) -> Line:
        if not asks(heard):
            return Script.json(says(self.form, "Ahead."))
        if self.slow:
            await self.slow.wait()
        return self.state


async def talk(url: str, form: str, turns: int, pause: bool = True) -> list[Any]:
    """A session; what the client holds in the end. With a pause every errand has ended before the next turn."""
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    for number in range(turns):
        grow(items, number)
        await SAYS[form](url, items)
        if pause:
            await written(url)
    return items


async def written(url: str) -> None:
    """Waits until no model is being asked."""
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=url) as client:
        while True:
            memory = (await client.get("/outrider/sessions/long")).json()["memory"]
            maker = memory.get("consolidate", {}).get("maker")
            if not maker or maker["done"]:
                return
            await asyncio.sleep(0.03)


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
async def test_the_models_state_stands_for_the_old_messages(script: Script, ride: Ride, form: str) -> None:
    """It is asked once for each event, behind the very request that was just answered, and stands from the event on."""
    script.handler = Upstream(form)
    url = await ride(**ASKED)
    await talk(url, form, 30)
    questions = [place for place, heard in enumerate(script.heard) if asks(heard)]
    assert 1 < len(questions) < 8
    for place in questions:
        question, before = sent(script.heard[place], form), sent(script.heard[place - 1], form)
        assert question[: len(before)] == before
        assert [item["role"] for item in question[len(before) :]] == ["assistant", "user"]
        body = json.loads(script.heard[place].body)
        assert not body.get("stream")
    states = [json.dumps(item) for heard in script.heard if not asks(heard) for item in sent(heard, form)]
    condensed = [state for state in states if "Earlier messages, condensed" in state]
    assert condensed
    assert all("best one" in state for state in condensed)
    assert all("12 Rue Clerc" in state and "2024-05-20" in state for state in condensed)


async def test_the_client_waits_for_none_of_it(script: Script, ride: Ride) -> None:
    """A model that thinks for long: the turns go on, the extract stands where the event is due before it has ended,
    and a second one is not asked meanwhile."""
    upstream = script.handler = Upstream("chat")
    upstream.slow = asyncio.Event()
    url = await ride(**ASKED)
    await talk(url, "chat", 12, pause=False)
    await until(lambda: any(map(asks, script.heard)))
    assert sum(map(asks, script.heard)) == 1
    texts = " ".join(heard.body.decode() for heard in script.heard)
    assert "Earlier messages, condensed; #n is the number" in texts
    assert "best one" not in texts
    upstream.slow.set()


@pytest.mark.parametrize(
    "state",
    [
        Script.json({"error": {"message": "overloaded"}}, status=529),
        Script.json(
            chat("Error generating summary: Error code: 429 - rate limit reached for gpt-4o in organization x")
        ),
        Script.json(chat("I'm sorry, but I can't help with that.")),
        Script.json({**chat(STATE), "choices": [{**chat(STATE)["choices"][0], "finish_reason": "length"}]}),
        Script.json(
            chat(None, tool_calls=[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}])
        ),
        Script.json(chat("")),
        Script.json(chat(STATE * 30)),
        Line(body=b"not json at all"),
    ],
    ids=["status", "error text", "refusal", "cut off", "call", "empty", "too long", "no json"],
)
async def test_what_is_no_state_is_not_used(script: Script, ride: Ride, state: Line) -> None:
    """The extract stands, the client notices nothing, and no model is asked again before the next event."""
    script.handler = Upstream("chat", state)
    url = await ride(**ASKED)
    await talk(url, "chat", 12)
    texts = [heard.body.decode() for heard in script.heard if not asks(heard)]
    assert any("Earlier messages, condensed; #n is the number" in text for text in texts)
    assert not any("best one" in text or "Error generating" in text or "sorry" in text for text in texts)
    assert 0 < sum(map(asks, script.heard)) <= 4


async def test_another_model_is_shown_what_goes(script: Script, ride: Ride) -> None:
    """Without the session's tools and its newest turns."""
    script.handler = Upstream("chat")
    url = await ride(**ASKED, consolidate_model="small-one")
    await talk(url, "chat", 14)
    questions = [json.loads(heard.body) for heard in script.heard if asks(heard)]
    assert questions
    for question in questions:
        assert question["model"] == "small-one"
        assert question.keys() == {"model", "messages", "max_tokens"}
        assert len(question["messages"]) == 1
    assert any(b"best one" in heard.body for heard in script.heard if not asks(heard))


async def test_what_it_costs_is_told(script: Script, ride: Ride) -> None:
    """In the session's bill, in its cost, and in the metrics; under the purpose `consolidate`."""
    script.handler = Upstream("chat")
    url = await ride(**ASKED)
    await talk(url, "chat", 14)
    asked = sum(map(asks, script.heard))
    async with httpx.AsyncClient(base_url=url) as client:
        await until(lambda: True)
        await asyncio.sleep(0.1)  # metrics hear of it 20 ms later
        page = (await client.get("/metrics")).text
        session = (await client.get("/outrider/sessions/long")).json()
        recording = (await client.get("/outrider/sessions/long.jsonl")).text
    each = 12 * 2.5e-6 + 3 * 10e-6
    figures = session["figures"]
    assert figures["consolidate.maker_usd"] == pytest.approx(asked * each)
    assert figures["consolidate.states"] == asked
    assert figures["road.errands_usd"] == pytest.approx(asked * each)
    assert session["cost"] == pytest.approx(len(script.heard) * each)
    assert session["memory"]["consolidate"]["purse"]["bill"][4] == pytest.approx(asked * each)
    told = [line for line in page.splitlines() if line.startswith("outrider_policy_total{") and 'maker_usd"' in line]
    assert [float(line.split()[-1]) for line in told] == [pytest.approx(asked * each)]
    assert recording.count('"purpose":"consolidate"') == asked


async def test_in_shadow_no_model_is_asked(script: Script, ride: Ride) -> None:
    """Its cost is estimated."""
    script.handler = Upstream("chat")
    url = await ride(**{**ASKED, "consolidate": "shadow"})
    items = await talk(url, "chat", 14, pause=False)
    assert not any(map(asks, script.heard))
    assert len(sent(script.heard[-1], "chat")) == len(items)
    async with httpx.AsyncClient(base_url=url) as client:
        figures = (await client.get("/outrider/sessions/long")).json()["figures"]
    assert figures["consolidate.would_maker_usd"] > 0
    assert figures["consolidate.would_events"] > 0


async def test_a_state_of_another_history_is_thrown_away(script: Script, ride: Ride) -> None:
    """The client went back and took another way: the extract of that way stands."""
    script.handler = Upstream("chat")
    url = await ride(**ASKED)
    items: list[Any] = [{"role": "user", "content": "Find a flat in Lyon."}]
    while not any(map(asks, script.heard)):
        grow(items, len(items))
        await SAYS["chat"](url, items)
        await written(url)
    other = [items[0], {"role": "assistant", "content": "Which part?"}, {"role": "user", "content": "Croix-Rousse."}]
    for number in range(10):
        grow(other, number)
        await SAYS["chat"](url, other)
    texts = [heard.body.decode() for heard in script.heard if not asks(heard)]
    assert any("Earlier messages, condensed" in text for text in texts)
    assert not any("best one" in text for text in texts)

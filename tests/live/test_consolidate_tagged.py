"""Agents whose model keeps its own state: the contract in every request, no tag before the client, a share held out.

It must not know how the policy decides; it looks at what reached the upstream and what came to the client.
"""

import asyncio
import json
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from policies.consolidate.contract import CONTRACT
from policies.consolidate.tags import CLOSE, OPEN
from policies.consolidate.trial import FULL, arm
from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat
from tests.policies.consolidate.test_unwrap import stream, whole

pytestmark = pytest.mark.anyio

TAGGED: dict[str, Any] = {"consolidate_agents": {"clerk": "tagged"}, "consolidate_holdout": 0.0}
FORMS = ["chat", "responses", "messages"]
ITEMS = {"chat": "messages", "responses": "input", "messages": "messages"}


def told(number: int) -> str:
    """What the model writes at its turn of that number, state and words."""
    return f"{OPEN}\nseen {number} pages\n{CLOSE}\n\nPage {number} read."


class Upstream:
    """A model that keeps to the contract, where it is told one; whole or streamed, with or without a call."""

    def __init__(self, form: str, *, calls: bool = False, bare: bool = False) -> None:
        self.form, self.calls, self.bare = form, calls, bare
        self.number = 0

    def __call__(self, heard: Heard) -> Line:
        self.number += 1
        obeys = json.dumps(CONTRACT)[1:-1].encode() in heard.body and not self.bare
        text = told(self.number) if obeys else f"Page {self.number} read."
        text = "" if self.bare else text
        if not json.loads(heard.body).get("stream"):
            return Line(headers=[("content-type", "application/json")], body=whole(self.form, text, self.calls))
        pieces = [text[at : at + 3] for at in range(0, len(text), 3)]
        body = stream(self.form, pieces, self.calls, thought=False)
        parts = [body[at : at + 50] for at in range(0, len(body), 50)]
        return Line(headers=[("content-type", "text/event-stream")], body=parts, framing="chunked")


class Talk:
    """A session of the official clients: says, hears, says again. What the client holds is in `items`."""

    def __init__(
        self, url: str, form: str, *, streams: bool, session: str = "s1", system: str | None = "Be brief."
    ) -> None:
        self.base = f"{url}/s/{session}/a/clerk"
        self.form, self.streams, self.system = form, streams, system
        self.items: list[Any] = [{"role": "user", "content": "Read all pages."}]
        if form == "chat" and system:
            self.items.insert(0, {"role": "system", "content": system})
        self.texts: list[str] = []

    async def turn(self, answer: str = "Go on.") -> None:
        """One turn; then the user, or the tool, says something new."""
        if self.form == "messages":
            calls = await self._messages()
        else:
            calls = await (self._chat() if self.form == "chat" else self._responses())
        self.items += [self._result(id, answer) for id in calls] or [{"role": "user", "content": answer}]

    def _result(self, id: str, answer: str) -> Any:
        if self.form == "chat":
            return {"role": "tool", "tool_call_id": id, "content": answer}
        if self.form == "responses":
            return {"type": "function_call_output", "call_id": id, "output": answer}
        return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": answer}]}

    async def _chat(self) -> list[str]:
        async with AsyncOpenAI(base_url=f"{self.base}/v1", api_key="sk", max_retries=0) as client:
            asked: dict[str, Any] = {"model": "gpt-4o", "messages": self.items}
            if self.streams:
                async with client.chat.completions.stream(**asked) as events:
                    async for _ in events:
                        pass
                    got = (await events.get_final_completion()).choices[0].message
            else:
                got = (await client.chat.completions.create(**asked)).choices[0].message
        self.texts.append(got.content or "")
        said = got.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True, mode="json")
        for call in said.get("tool_calls", ()):
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        self.items.append(said)
        return [call.id for call in got.tool_calls or ()]

    async def _responses(self) -> list[str]:
        async with AsyncOpenAI(base_url=f"{self.base}/v1", api_key="sk", max_retries=0) as client:
            asked: dict[str, Any] = {"model": "gpt-5", "input": self.items, "instructions": self.system, "store": False}
            if self.streams:
                async with client.responses.stream(**asked) as events:
                    async for _ in events:
                        pass
                    got: Any = await events.get_final_response()
            else:
                got = await client.responses.create(**asked)
        self.texts.append(got.output_text)
        self.items += [item.model_dump(exclude_none=True, mode="json") for item in got.output]
        for item in self.items:
            item.pop("parsed_arguments", None)
            for part in item["content"] if isinstance(item.get("content"), list) else ():
                part.pop("parsed", None)
        return [item.call_id for item in got.output if item.type == "function_call"]

    async def _messages(self) -> list[str]:
        async with AsyncAnthropic(base_url=self.base, api_key="sk", max_retries=0) as client:
            asked: dict[str, Any] = {"model": "claude-next", "max_tokens": 64, "messages": self.items}
            asked |= {"system": self.system} if self.system else {}
            if self.streams:
                async with client.messages.stream(**asked) as events:
                    got: Any = await events.get_final_message()
            else:
                got = await client.messages.create(**asked)
        self.texts.append("".join(block.text for block in got.content if block.type == "text"))
        self.items.append(
            {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in got.content]}
        )
        return [block.id for block in got.content if block.type == "tool_use"]


def items_of(heard: Heard, form: str) -> list[Any]:
    items: list[Any] = json.loads(heard.body)[ITEMS[form]]
    return items


def instructions(heard: Heard, form: str) -> Any:
    """Wherever the contract stands."""
    body = json.loads(heard.body)
    return body["system"] if form == "messages" else items_of(heard, form)[0]


@pytest.mark.parametrize("calls", [False, True], ids=["words", "calls"])
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("form", FORMS)
async def test_the_models_state_stands_for_all_but_the_last_turn(
    script: Script, ride: Ride, form: str, streams: bool, calls: bool
) -> None:
    """The contract in every request, byte for byte; the client never sees a tag; requests stay as long as they are."""
    script.handler = Upstream(form, calls=calls)
    url = await ride(**TAGGED)
    talk = Talk(url, form, streams=streams)
    for number in range(8):
        await talk.turn(f"Go on with {number}.")
    assert talk.texts == [f"Page {number} read." for number in range(1, 9)]
    assert OPEN not in json.dumps(talk.items)
    assert len({json.dumps(instructions(heard, form)) for heard in script.heard}) == 1
    assert CONTRACT in json.dumps(instructions(script.heard[0], form), ensure_ascii=False)
    lengths = [len(items_of(heard, form)) for heard in script.heard]
    assert max(lengths) - min(lengths[2:]) == 0
    for number, heard in enumerate(script.heard[1:], 1):
        body = heard.body.decode()
        assert body.count("Read all pages.") == 1
        assert f"seen {number} pages" in body
        assert f"Page {number} read." in body
        assert f"Go on with {number - 1}." in body
        assert number < 3 or f"Page {number - 2} read." not in body
        assert number < 3 or "Go on with 0." not in body


@pytest.mark.parametrize("form", FORMS)
async def test_instructions_are_made_where_there_are_none(script: Script, ride: Ride, form: str) -> None:
    """And stay the same."""
    script.handler = Upstream(form)
    talk = Talk(await ride(**TAGGED), form, streams=False, system=None)
    for _ in range(3):
        await talk.turn()
    assert len({json.dumps(instructions(heard, form)) for heard in script.heard}) == 1
    assert CONTRACT in json.dumps(instructions(script.heard[0], form), ensure_ascii=False)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("form", FORMS)
async def test_where_no_state_comes_nothing_is_dropped(script: Script, ride: Ride, form: str, streams: bool) -> None:
    """Many models write no words beside a call. Their history goes on in full."""
    script.handler = Upstream(form, calls=True, bare=True)
    talk = Talk(await ride(**TAGGED), form, streams=streams)
    for number in range(6):
        await talk.turn(f"Result {number}.")
    last = script.heard[-1].body.decode()
    assert all(f"Result {number}." in last for number in range(5))


async def test_a_state_that_stays_away_keeps_what_came_since(script: Script, ride: Ride) -> None:
    """The last state stays, and nothing newer than its reply is dropped."""
    upstream = Upstream("chat")
    script.handler = upstream
    talk = Talk(await ride(**TAGGED), "chat", streams=False)
    for number in range(8):
        upstream.bare = number >= 3
        upstream.calls = upstream.bare
        await talk.turn(f"Go on with {number}.")
    last = script.heard[-1].body.decode()
    assert "seen 3 pages" in last
    assert all(f"Go on with {number}." in last for number in range(2, 7))
    assert "Page 1 read." not in last


async def test_other_agents_are_left_alone(script: Script, ride: Ride) -> None:
    """Byte for byte, tags too."""
    script.handler = lambda _: Script.json(chat(told(1)))
    url = await ride(**TAGGED)
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]})
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{url}/a/other/v1/chat/completions", content=body)
    assert script.heard[0].body == body.encode()
    assert OPEN in reply.json()["choices"][0]["message"]["content"]


async def test_by_the_setting_for_agents_that_are_on(script: Script, ride: Ride) -> None:
    """`OUTRIDER_CONSOLIDATE_STATE=tagged` asks those that are switched on by name."""
    script.handler = Upstream("chat")
    url = await ride(consolidate_state="tagged", consolidate_agents={"clerk": "on"}, consolidate_holdout=0.0)
    talk = Talk(url, "chat", streams=False)
    await talk.turn()
    assert CONTRACT in json.dumps(items_of(script.heard[0], "chat"))
    assert talk.texts == ["Page 1 read."]


async def test_the_provider_that_refuses_gets_the_clients_own_words(script: Script, ride: Ride) -> None:
    """And the session goes on as if there were no contract."""
    script.handler = Upstream("chat")
    talk = Talk(await ride(**TAGGED), "chat", streams=False)
    script.say(Script.json({"error": {"message": "no"}}, status=400))
    for _ in range(3):
        await talk.turn()
    assert CONTRACT in script.heard[0].body.decode()
    assert all(CONTRACT not in heard.body.decode() for heard in script.heard[1:])
    assert len(items_of(script.heard[-1], "chat")) == len(talk.items) - 2


async def test_a_share_is_held_out_and_compared(script: Script, ride: Ride) -> None:
    """Sessions by their ids: some with full history; both arms with their counts, in the agents' page and metrics."""
    script.handler = Upstream("chat")
    url = await ride(**{**TAGGED, "consolidate_holdout": 0.5})
    names = [f"session-{number}" for number in range(12)]
    held = {name for name in names if arm(name, 0.5) == FULL}
    assert 2 <= len(held) <= 10
    for name in names:
        talk = Talk(url, "chat", streams=False, session=name)
        for _ in range(3):
            await talk.turn()
    full = [heard for heard in script.heard if CONTRACT not in heard.body.decode()]
    assert len(full) == 3 * len(held)
    async with httpx.AsyncClient(base_url=url) as client:
        trial: Any = {}
        for _ in range(40):
            await asyncio.sleep(0.2)
            lessons = (await client.get("/outrider/agents")).json()["agents"][0]["lessons"]
            trial = lessons["consolidate"]["trial"] if lessons else {}
            if trial and trial["full"]["requests"] + trial["tagged"]["requests"] == 36:
                break
        page = (await client.get("/metrics")).text
    assert trial["full"]["sessions"] == len(held)
    assert trial["tagged"]["sessions"] == 12 - len(held)
    assert trial["full"]["requests_per_session"] == [3.0, 3.0, 3.0]
    assert trial["tagged"]["finished_share"][0] == 1.0
    assert trial["difference"]["requests_per_session"] == [0.0, 0.0, 0.0]
    told = [line for line in page.splitlines() if line.startswith("outrider_policy_total{")]
    sessions = {name: line for line in told for name in ("full", "tagged") if f'"{name}_sessions"' in line}
    assert [float(sessions[name].split()[-1]) for name in ("full", "tagged")] == [len(held), 12 - len(held)]

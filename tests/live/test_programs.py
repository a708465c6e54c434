"""Behaviour programs written by a model: asked beside the sessions, checked, charged, and shown to people.

It must not know how programs are judged; it looks at what reached the upstream, and at what people are shown.
"""

import asyncio
import json
import subprocess
from typing import Any

import httpx
import pytest

from proxy import lessons
from proxy.testing import Heard, Line, Script
from tests.benchmarks.prefetch.recorded import messages
from tests.live.conftest import Ride
from tests.live.replies import chat
from tests.live.test_prefetch import TOOLS, ask, model_of
from tests.policies.prefetch.shop import READS, visit
from tests.policies.prefetch.test_history import CLERK
from tests.test_cli import COMMAND, ROOT, surroundings

pytestmark = pytest.mark.anyio
WRITER = "gpt-4o-mini"
BROKEN = '{"programs": [{"rules": [{"when": [], "call": "fly_to_moon"}]}]}'
GOOD = f"```json\n{json.dumps({'programs': [CLERK.json()]})}\n```"
SETTINGS = {"prefetch_tools": tuple(f"tau/{name}" for name in sorted(READS)), "prefetch_program_model": WRITER}


@pytest.fixture(autouse=True)
def _folded_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learned is known a moment later."""
    monkeypatch.setattr(lessons, "EVERY_S", 0.1)


class Upstream:
    """A clerk's model, and one that writes programs; what the latter was asked."""

    def __init__(self, histories: list[list[dict[str, Any]]], *answers: Line) -> None:
        self.clerk = model_of(histories)
        self.answers = list(answers)
        self.asked: list[Heard] = []

    def __call__(self, heard: Heard) -> Line:
        if json.loads(heard.body)["model"] != WRITER:
            line: Line = self.clerk(heard)
            return line
        self.asked.append(heard)
        return self.answers.pop(0)


async def until_asked(client: httpx.AsyncClient, url: str, upstream: Upstream, times: int) -> dict[str, Any]:
    """One more customer, slowly: the turn comes with a lesson that was folded. Gives the session, the tenth of all."""
    history = messages(visit(11, 3))
    for place, message in enumerate(history):
        if message["role"] != "assistant":
            continue
        body = {"model": "gpt-4o", "messages": history[:place], "tools": TOOLS}
        await client.post(f"{url}/s/last/a/clerk/v1/chat/completions", json=body)
        for _ in range(6 if place > len(history) - 6 else 0):
            if len(upstream.asked) >= times:
                break
            await asyncio.sleep(0.1)
    for _ in range(60):
        session: dict[str, Any] = (await client.get(f"{url}/outrider/sessions/last")).json()
        if "prefetch.programs_asked" in session["figures"]:
            return session
        await asyncio.sleep(0.05)
    raise AssertionError("no model was asked")


async def test_a_model_writes_what_is_believed(script: Script, ride: Ride) -> None:
    """With the tenth customer, once; a fault is told to it; no value of any customer is in what it is asked; people see
    whose program it is, and what it cost."""
    histories = [messages(visit(number, 1 + number % 3)) for number in range(9)]
    upstream = Upstream(
        [*histories, messages(visit(11, 3))],
        Script.json(chat(BROKEN)),
        Script.json(chat(GOOD)),
        Script.json(chat(GOOD)),
    )
    script.handler = upstream
    url = await ride(**SETTINGS)
    async with httpx.AsyncClient(timeout=30, headers={"authorization": "Bearer sk-me"}) as client:
        for number, history in enumerate(histories):
            await ask(client, url, f"visit{number}", history)
        assert upstream.asked == []
        session = await until_asked(client, url, upstream, 2)
        await asyncio.sleep(0.4)  # until the lesson is folded
        found = (await client.get(f"{url}/outrider/agents/clerk/programs")).json()["agents"][0]["programs"]
        recording = (await client.get(f"{url}/outrider/sessions/last.jsonl")).text
        page = (await client.get(f"{url}/metrics")).text
    assert len(upstream.asked) == 2
    first, second = (json.loads(heard.body) for heard in upstream.asked)
    assert first.keys() == {"model", "messages", "max_tokens"}
    told = first["messages"][0]["content"]
    assert "fly_to_moon" in second["messages"][2]["content"]
    assert not any(word in told for word in ("example", "777", "mia", "noah"))
    assert all(heard.header("authorization") == "Bearer sk-me" for heard in upstream.asked)
    assert [each["program"] for each in found if each["origin"] == WRITER] == [CLERK.json()]
    each = 12 * 2.5e-6 + 3 * 10e-6
    assert session["figures"]["prefetch.programs_usd"] == pytest.approx(2 * each)
    assert session["figures"]["road.errands_usd"] == pytest.approx(2 * each)
    assert recording.count('"purpose":"programs"') == 2
    assert 'figure="programs_joined"' in page
    printed = await asyncio.to_thread(_printed, url)
    assert f"written by {WRITER}" in printed


async def test_a_model_that_will_not_is_borne(script: Script, ride: Ride) -> None:
    """A refusal, then an error: it is counted, and the clients notice nothing."""
    histories = [messages(visit(number, 1 + number % 3)) for number in range(9)]
    answers = Script.json(chat("I'm sorry, I can't help with that.")), Line(status=500)
    upstream = Upstream([*histories, messages(visit(11, 3))], *answers)
    script.handler = upstream
    url = await ride(**SETTINGS)
    async with httpx.AsyncClient(timeout=30) as client:
        for number, history in enumerate(histories):
            await ask(client, url, f"visit{number}", history)
        session = await until_asked(client, url, upstream, 2)
    assert session["figures"]["prefetch.programs_refused"] == 1
    assert "prefetch.programs_joined" not in session["figures"]


def _printed(url: str) -> str:
    command = [*COMMAND, "programs", "clerk", "--url", url]
    told = subprocess.run(command, cwd=ROOT, env=surroundings(), capture_output=True, text=True, check=True)
    return told.stdout

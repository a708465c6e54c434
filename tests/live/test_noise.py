"""Teams with the official client: an aggregation is seen without a word about who works with whom.

It must not know what is checked.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import AsyncOpenAI

from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat, chat_stream

pytestmark = pytest.mark.anyio
EDITORS = """
models:
  - {name: sly, card: "A model of 70b, released 2025-02."}
  - {name: honest, card: "A model of 70b, released 2024-11."}
"""
FINDINGS = {
    "history": "The bridge over the Elbe was opened in 1893 and carries 32,000 vehicles every day.",
    "cables": "Inspectors found corrosion on nine of the forty cables, and proposed a repair for 14 million euros.",
    "people": "Residents of the northern bank complained about noise at night, above all from freight trucks.",
}


def speak(heard: Heard) -> Line:
    """Each worker its finding; the editor all of them, with a year changed."""
    body = json.loads(heard.body)
    subject = body["messages"][0]["content"].partition(" ")[0]
    text = FINDINGS.get(subject, " ".join(FINDINGS.values()).replace("1893", "1983"))
    return Script.sse(*chat_stream(text)) if body.get("stream") else Script.json(chat(text))


async def asked(client: AsyncOpenAI, system: str, text: str, *, stream: bool = False) -> str:
    """What the model says."""
    messages: list[Any] = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    if not stream:
        got = await client.chat.completions.create(model="m", messages=messages)
        return got.choices[0].message.content or ""
    chunks = await client.chat.completions.create(model="m", messages=messages, stream=True)
    return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices])


async def reports(url: str, wanted: int) -> list[dict[str, Any]]:
    """Those of all sessions, once there are so many or nobody comes any more."""
    found: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(30):
            rows = (await client.get("/outrider/sessions")).json()["sessions"]
            told = [(await client.get(f"/outrider/sessions/{row['session']}")).json() for row in rows]
            found = [each for one in told for each in one["memory"].get("noise", {}).get("reports", ())]
            if wanted and len(found) >= wanted:
                break
            await asyncio.sleep(0.05)
    return found


@pytest.mark.parametrize("stream", [False, True])
async def test_fan_out_and_fan_in(script: Script, ride: Ride, stream: bool) -> None:
    """Three workers at once, an editor right behind them: the report is on the editor's session, names the workers'
    sessions, and says who changed the year. The client's bytes are the upstream's."""
    url, script.handler = await ride(noise="shadow"), speak
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        said = await asyncio.gather(
            *(asked(client, f"{name} is your subject.", "Report.", stream=stream) for name in FINDINGS)
        )
        assert list(said) == list(FINDINGS.values())
        text = await asked(client, "You edit.", "One paragraph of:\n\n" + "\n\n".join(said), stream=stream)
    assert "1983" in text
    (report,) = await reports(url, 1)
    assert len({worker["session"] for worker in report["workers"]}) == 3
    assert report["attribution"] == "aggregator"
    assert [each["kind"] for each in report["findings"] if each["alarm"]] == ["changed"]
    async with httpx.AsyncClient(base_url=url) as client:
        metrics = (await client.get("/metrics")).text
    assert 'policy="noise"' in metrics
    assert "aggregations" in metrics


async def test_workers_that_are_named(script: Script, ride: Ride) -> None:
    """One is quoted, one is only named, by its session; the header stays here."""
    url, script.handler = await ride(noise="shadow"), speak
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        for name in ("history", "cables"):
            known = client.with_options(default_headers={"x-outrider-session": f"worker-{name}"})
            await asked(known, f"{name} is your subject.", "Report.")
        named = client.with_options(default_headers={"x-outrider-workers": "worker-history, worker-cables"})
        await asked(named, "You edit.", f"Bring together: {FINDINGS['history']} And: nine cables rot.")
    (report,) = await reports(url, 1)
    assert [(each["session"], each["share"]) for each in report["workers"]] == [
        ("worker-history", 1.0),
        ("worker-cables", 0.0),
    ]
    assert "named" in report["doubts"]
    assert b"x-outrider" not in script.heard[-1].head.lower()


@pytest.mark.parametrize("noise", ["shadow", "off"])
async def test_who_loses_what_workers_said_loses_the_choice(
    script: Script, ride: Ride, tmp_path: Path, noise: str
) -> None:
    """`auto` prefers one of two editors by its card, and that one changes a year each time: after some reports it is
    the other's turn, and the reason counts the checks. Without the checks nobody knows."""
    path = tmp_path / "models.yaml"
    path.write_text(EDITORS)

    def edit(heard: Heard) -> Line:
        body = json.loads(heard.body)
        text = " ".join(FINDINGS.values()) if body["model"] == "honest" else ""
        return Script.json(chat(text)) if text else speak(heard)

    url, script.handler = await ride(noise=noise, models=str(path)), edit
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        said = [await asked(client, f"{name} is your subject.", "Report.") for name in FINDINGS]
        reasons = []
        for number in range(60):
            told: list[Any] = [{"role": "user", "content": f"Draft {number}: " + "\n\n".join(said)}]
            got = await client.chat.completions.with_raw_response.create(model="auto/best", messages=told)
            reasons.append(got.headers["x-outrider-decisions"].partition("routing: ")[2])
            if (noise == "off" and number == 20) or reasons[-1].startswith("honest"):
                break
            await asyncio.sleep(0.1)
    assert reasons[0].startswith("sly of 2: quality")
    assert reasons[-1].startswith("honest of 2: quality" if noise == "shadow" else "sly of 2: quality")
    assert ("checks" in reasons[-1]) == (noise == "shadow")


async def test_who_works_alone_is_no_team(script: Script, ride: Ride) -> None:
    """A chat that goes on, a reply handed to one other, the same question twice: nothing is reported."""
    url, script.handler = await ride(noise="shadow"), speak
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        said = await asked(client, "history is your subject.", "Report.")
        await asked(client, "You edit.", f"Shorten: {said}")
        await asked(client, "history is your subject.", "Report.")
        messages: list[Any] = [{"role": "system", "content": "cables are your subject."}]
        for _ in range(3):
            messages.append({"role": "user", "content": "Go on, and tell me more about the same."})
            got = await client.chat.completions.create(model="m", messages=messages)
            messages.append({"role": "assistant", "content": got.choices[0].message.content or ""})
    assert await reports(url, 0) == []


async def test_another_caller_has_workers_of_its_own(script: Script, ride: Ride) -> None:
    """What others' workers said is not quoted, though it is the same to the letter."""
    url, script.handler = await ride(noise="shadow"), speak
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="ann", max_retries=0) as client:
        said = [await asked(client, f"{name} is your subject.", "Report.") for name in FINDINGS]
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="ben", max_retries=0) as client:
        await asked(client, "You edit.", "One paragraph of:\n\n" + "\n\n".join(said))
    assert await reports(url, 0) == []

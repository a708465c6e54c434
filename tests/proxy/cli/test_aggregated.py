"""Aggregations in recordings: a fan-out and fan-in through a running proxy, then what `outrider noise` says of it."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import AsyncOpenAI

from proxy.testing import Heard, Line, Script
from tests.policies.noise.team import AGGREGATE, WORKERS, without
from tests.test_cli import outrider, serving

NAMES = ("finance", "people", "product", "legal", "market")


def answer(text: str, *, stream: bool) -> Line:
    """A chat completion that says this."""
    head = {"id": "c1", "created": 0, "model": "m"}
    if not stream:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return Script.json(head | {"object": "chat.completion", "choices": [choice]})
    half = len(text) // 2
    chunk = head | {"object": "chat.completion.chunk"}
    parts = [chunk | {"choices": [{"index": 0, "delta": {"content": part}}]} for part in (text[:half], text[half:])]
    last = chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return Script.sse(*parts, last, "[DONE]")


async def asked(url: str, agent: str, prompt: str, *, stream: bool = False) -> str:
    """One agent's only question, put by a real client."""
    async with AsyncOpenAI(
        base_url=f"{url}/v1", api_key="k", max_retries=0, default_headers={"x-outrider-agent": agent}
    ) as client:
        messages: Any = [{"role": "system", "content": f"You are {agent}."}, {"role": "user", "content": prompt}]
        if not stream:
            reply = await client.chat.completions.create(model="m", messages=messages)
            return reply.choices[0].message.content or ""
        chunks = await client.chat.completions.create(model="m", messages=messages, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])


async def recorded(made: str, *, stream: bool) -> bytes:
    """Five workers at once, then one who makes `made` of what they said; the recording of all of them, packed."""

    def speak(heard: Heard) -> Line:
        body = json.loads(heard.body)
        system = body["messages"][0]["content"]
        said = next((text for name, text in zip(NAMES, WORKERS, strict=True) if name in system), made)
        return answer(said, stream=bool(body.get("stream")))

    async with Script(speak) as upstream:
        with serving(upstream=f"{upstream.url}/v1", record="full") as (url, _):
            reports = await asyncio.gather(*(asked(url, name, f"Look into {name}.") for name in NAMES))
            prompt = "Merge the reports.\n\n" + "\n\n".join(reports)
            assert await asked(url, "boss", prompt, stream=stream) == made
            async with httpx.AsyncClient(base_url=url) as client:
                rows = (await client.get("/outrider/sessions")).json()["sessions"]
                assert len(rows) == 6
                lines = [(await client.get(f"/outrider/sessions/{row['session']}.jsonl")).content for row in rows]
    return gzip.compress(b"".join(lines))


@pytest.mark.parametrize("stream", [False, True])
def test_the_dropped_worker_of_a_run_is_named(tmp_path: Path, stream: bool) -> None:
    """Without anybody saying who works with whom; the words are for a person, the JSON for a program."""
    file = tmp_path / "run.jsonl.gz"
    file.write_bytes(asyncio.run(recorded(without(2), stream=stream)))
    (found,) = json.loads(outrider("noise", str(file), "--json").stdout)
    assert found["agent"] == "boss"
    assert found["by"] == [*NAMES]
    report = found["report"]
    assert report["attribution"] == "aggregator"
    assert [(each["kind"], each["evidence"][0]["worker"]) for each in report["findings"] if each["alarm"]] == [
        ("dropped", 2)
    ]
    said = outrider("noise", str(file)).stdout
    assert "boss, exchange" in said
    assert "ALARM dropped (aggregator)" in said
    assert "product: 'The mobile app was rewritten in Kotlin and Swift.'" in said
    assert said.endswith("Exchanges: 6. Aggregations: 1, with an alarm: 1.\n")


def test_a_good_aggregate_has_no_alarm_and_single_agents_make_none(tmp_path: Path) -> None:
    """And what is no recording is refused."""
    file = tmp_path / "run.jsonl.gz"
    file.write_bytes(asyncio.run(recorded(AGGREGATE, stream=False)))
    said = outrider("noise", str(file)).stdout
    assert "nothing found" in said
    assert said.endswith("Aggregations: 1, with an alarm: 0.\n")
    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "a"}\n')
    ran = outrider("noise", str(other))
    assert ran.returncode == 2
    assert "neither a trace nor a recorded exchange" in ran.stderr

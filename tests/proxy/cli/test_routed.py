"""A recording of a running proxy, then what `outrider route` says of it."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from openai import AsyncOpenAI

from proxy.testing import Script
from tests.live.replies import chat
from tests.test_cli import outrider, serving

MODELS = """
models:
  - {name: big, card: The flagship of 2025., price: {input: 10, output: 30}, tools: false}
  - {name: small, card: A model of 3b., price: {input: 0.1, output: 0.2}, tools: false}
"""


async def recorded() -> bytes:
    """Three sessions of two turns with `big`, one of them streamed, and one that needs a tool."""
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    async with Script(lambda _heard: Script.json({**chat(), "model": "big"})) as upstream:
        with serving(upstream=f"{upstream.url}/v1", record="full") as (url, _):
            async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
                for place in ("Rome", "Oslo", "Lima"):
                    said: list[dict[str, str]] = [{"role": "user", "content": f"Where is {place}?"}]
                    await client.chat.completions.create(model="big", messages=said)  # type: ignore[arg-type]
                    said += [{"role": "assistant", "content": "Ahead."}, {"role": "user", "content": "How far?"}]
                    await client.chat.completions.create(model="big", messages=said)  # type: ignore[arg-type]
                await client.chat.completions.create(
                    model="big",
                    messages=[{"role": "user", "content": "Look."}],
                    tools=[tool],  # type: ignore[list-item]
                )
            async with httpx.AsyncClient(base_url=url) as client:
                rows = (await client.get("/outrider/sessions")).json()["sessions"]
                lines = [(await client.get(f"/outrider/sessions/{row['session']}.jsonl")).content for row in rows]
    return b"".join(lines)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording as a file."""
    file = tmp_path_factory.mktemp("run") / "run.jsonl"
    file.write_bytes(asyncio.run(recorded()))
    return file


@pytest.fixture
def models(tmp_path: Path) -> str:
    """The file of models."""
    file = tmp_path / "models.yaml"
    file.write_text(MODELS)
    return str(file)


def test_what_would_have_been_chosen_and_spent(run: Path, models: str) -> None:
    """The cheap one for all but what it cannot do; each choice with its reason; a table for a person."""
    found = json.loads(outrider("route", str(run), "--models", models, "--as", "auto/cheap", "--json").stdout)
    assert (found["requests"], found["sessions"], found["same"], found["refused"]) == (7, 4, 0, 1)
    assert found["priced"] == 6
    # 12 tokens of prompt and 3 of reply in each, at the price of the file.
    assert found["paid_usd"] == pytest.approx(6 * (12 * 10 + 3 * 30) / 1e6)
    assert found["would_usd"] == pytest.approx(6 * (12 * 0.1 + 3 * 0.2) / 1e6)
    assert found["saved_usd"] == pytest.approx(found["paid_usd"] - found["would_usd"])
    assert {each["chosen"] for each in found["exchanges"]} == {"small", ""}
    said = outrider("route", str(run), "--as", "auto/cheap", models=models).stdout
    assert "Had they asked for auto/cheap" in said
    assert "Nobody for 1: big: it cannot call tools; small: it cannot call tools" in said
    best = json.loads(outrider("route", str(run), "--models", models, "--as", "auto/best", "--json").stdout)
    assert (best["same"], best["saved_usd"]) == (6, 0.0)


def test_what_it_needs(run: Path, models: str, tmp_path: Path) -> None:
    """Models, a name that there is, recordings; each in words, with exit code 2."""
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    for words, said in (
        ((str(run),), "name a file of models with --models or OUTRIDER_MODELS"),
        ((str(run), "--models", models, "--as", "goa"), "write one of auto, auto/cheap, auto/best"),
        ((str(empty), "--models", models), "No request in"),
        ((models, "--models", models), "models.yaml, line 1"),
        ((str(run), "--models", str(empty)), "lists no model"),
    ):
        ran = outrider("route", *words)
        assert ran.returncode == 2
        assert said in " ".join(ran.stderr.split())
        assert "Traceback" not in ran.stderr


def test_scored_questions_count(run: Path, models: str, tmp_path: Path) -> None:
    """What `auto/best` would have taken by its cards is not, where a file says the small one does better."""
    rows = [{"question": f"Where is the town number {number}?", "score": [0, 1]} for number in range(40)]
    scores = tmp_path / "scores.jsonl"
    scores.write_text("\n".join(map(json.dumps, [{"models": ["big", "small"]}, *rows])))
    words = ["route", str(run), "--models", models, "--as", "auto/best", "--json"]
    found = json.loads(outrider(*words, route_scores=str(scores)).stdout)
    assert {each["chosen"] for each in found["exchanges"]} == {"small", ""}
    assert "by scored questions" in found["exchanges"][0]["reason"]

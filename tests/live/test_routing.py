"""`auto` with the official client: the model is chosen, named, kept, scored and refused.

It must not know how a model is chosen.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import chat, chat_stream, error, usage_chunk
from tests.policies.routing.questions import ARITHMETIC, CODE, question, world

pytestmark = pytest.mark.anyio
ASKED: list[Any] = [{"role": "user", "content": "Where is the carriage?"}]
MODELS = """
models:
  - name: big
    aliases: [huge]
    card: The flagship of 2025.
    price: {input: 10, output: 30}
  - name: small
    served_as: small-3b
    card: A small model.
    tools: false
    price: {input: 0.1, output: 0.2}
"""
SEE: list[Any] = [
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}
]


@pytest.fixture
async def url(ride: Ride, tmp_path: Path) -> str:
    """A proxy with two models."""
    path = tmp_path / "models.yaml"
    path.write_text(MODELS)
    return await ride(models=str(path))


def model(script: Script, at: int = -1) -> str:
    """The model of a request that reached the upstream."""
    named: str = json.loads(script.heard[at].body)["model"]
    return named


async def test_auto_streamed_and_not(script: Script, url: str) -> None:
    """Each name reaches the upstream as the model that it chose, under the upstream's own name for it, with a reason in
    the headers; every other byte of the body is the client's."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        script.say(Script.json(chat()), Script.sse(*chat_stream()))
        got = await client.chat.completions.with_raw_response.create(
            model="auto/best", messages=ASKED, extra_body={"odd": 1.5}
        )
        assert got.parse().choices[0].message.content
        assert model(script) == "big"
        assert json.loads(script.heard[-1].body)["odd"] == 1.5
        assert "routing: big of 2: quality" in got.headers["x-outrider-decisions"]
        stream = await client.chat.completions.create(model="auto/cheap", messages=ASKED, stream=True)
        assert [chunk async for chunk in stream]
        assert model(script) == "small-3b"


async def test_scored_questions_decide_where_cards_would_not(script: Script, ride: Ride, tmp_path: Path) -> None:
    """A file says that the small model codes better, under other names of both: code goes to it, sums do not."""
    path, scores = tmp_path / "models.yaml", tmp_path / "scores.jsonl"
    path.write_text(MODELS)
    texts, kinds, _ = world(60)
    rows = [
        {"question": text, "score": [0, 1] if kind == CODE else [1, 0]} for text, kind in zip(texts, kinds, strict=True)
    ]
    scores.write_text("\n".join(map(json.dumps, [{"models": ["huge", "small-3b"]}, *rows])))
    url = await ride(models=str(path), route_scores=str(scores))
    script.handler = lambda _heard: Script.json(chat())
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:

        async def asked(text: str, name: str = "auto/best") -> str:
            got = await client.chat.completions.with_raw_response.create(
                model=name, messages=[{"role": "user", "content": text}]
            )
            return str(got.headers["x-outrider-decisions"])

        for _ in range(200):
            if "by scored questions" in await asked(question(CODE, 900)):
                break
            await asyncio.sleep(0.05)
        assert "small of 2: quality" in await asked(question(CODE, 901))
        assert model(script) == "small-3b"
        assert "big of 2: quality" in await asked(question(ARITHMETIC, 902))
        assert model(script) == "big"


async def test_an_agent_of_its_own_weight(script: Script, ride: Ride, tmp_path: Path) -> None:
    """`auto:NAME`, whoever asks; it is listed, and the upstream gets a real model's name."""
    path = tmp_path / "models.yaml"
    path.write_text(MODELS)
    url = await ride(models=str(path), route_agents="planner=best,scribe=0", route_quality=0.5)
    script.handler = lambda _heard: Script.json(chat())
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        await client.chat.completions.create(model="auto:planner", messages=ASKED)
        assert model(script) == "big"
        await client.chat.completions.create(model="auto:scribe", messages=ASKED)
        assert model(script) == "small-3b"
        script.handler = lambda _heard: Script.json({"object": "list", "data": []})
        listed = [each.id async for each in client.models.list()]
    assert listed[:5] == ["auto", "auto/cheap", "auto/best", "auto:planner", "auto:scribe"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_judge_reads_the_cards(script: Script, ride: Ride, tmp_path: Path, stream: bool) -> None:
    """At the beginning of a session: one call more, on the bill; what it chose is the session's from then on. Where it
    names nobody, or has no answer, the choice is what it would have been."""

    def speak(heard: Heard) -> Line:
        body = json.loads(heard.body)
        if body["model"] == "judge":
            return Script.json(chat(said)) if said else Script.json(error("down"), status=500)
        return Script.sse(*chat_stream()[:-1], usage_chunk(), "[DONE]") if body.get("stream") else Script.json(chat())

    path = tmp_path / "models.yaml"
    path.write_text(MODELS)
    url = await ride(models=str(path), route_judge="judge", log="off")
    script.handler = speak
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:

        async def asked(messages: list[Any], name: str) -> tuple[Any, list[str]]:
            before = len(script.heard)
            got: Any = await client.chat.completions.with_raw_response.create(
                model="auto/best", messages=messages, stream=stream, extra_headers={"x-outrider-session": name}
            )
            parsed = got.parse()
            usage = [chunk.usage async for chunk in parsed if chunk.usage][-1] if stream else parsed.usage
            return (usage, got.headers), [model(script, place) for place in range(before, len(script.heard))]

        said = "small, I would say."
        (usage, headers), models = await asked(ASKED, "one")
        assert models == ["judge", "small-3b"]
        assert usage.prompt_tokens == 2 * chat()["usage"]["prompt_tokens"]
        assert "judge chose small of 2" in headers["x-outrider-decisions"] or stream
        shown = str(json.loads(script.heard[0].body)["messages"])
        assert "big: The flagship of 2025." in shown
        assert ASKED[0]["content"] in shown
        said = "big"
        assert (await asked([*ASKED, {"role": "assistant", "content": "Ahead."}, *ASKED], "one"))[1] == ["small-3b"]
        said = "It depends."
        assert (await asked(ASKED, "two"))[1] == ["judge", "big"]
        said = ""
        assert (await asked(ASKED, "three"))[1] == ["judge", "big"]


async def test_a_team_shows_how_its_members_do(script: Script, ride: Ride, tmp_path: Path) -> None:
    """What fails as a member of a team is left out as a choice of `auto`, though nobody saw it fail."""
    path = tmp_path / "models.yaml"
    path.write_text(MODELS)
    url = await ride(models=str(path), team="big,small", log="off")
    script.handler = lambda heard: (
        Script.json(error("down"), status=500)
        if json.loads(heard.body)["model"] == "big"
        else Script.json(chat("It stands at the gate."))
    )
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(3):
            got = await client.post("/v1/chat/completions", json={"model": "goa", "messages": ASKED})
            assert got.status_code == 200
        for _ in range(40):
            got = await client.post("/v1/chat/completions", json={"model": "auto/best", "messages": ASKED})
            if "without big" in got.headers["x-outrider-decisions"]:
                break
            await asyncio.sleep(0.1)
    assert "small of 1" in got.headers["x-outrider-decisions"]
    assert "without big" in got.headers["x-outrider-decisions"]


async def test_the_models_are_listed(script: Script, url: str) -> None:
    """Virtual ones, real ones and their aliases."""
    script.say(Script.json({"object": "list", "data": []}))
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        listed = [each.id async for each in client.models.list()]
    assert listed == ["auto", "auto/cheap", "auto/best", "big", "huge", "small"]


async def test_nobody_fits(script: Script, url: str) -> None:
    """The client's own error class, naming what excluded each; the upstream hears nothing."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        with pytest.raises(openai.BadRequestError, match="big: it does not take image; small: it does not") as fault:
            await client.chat.completions.create(model="auto", messages=SEE)
    assert fault.value.code == "no_model_fits"
    assert not script.heard


async def test_what_the_upstream_refuses_is_not_asked_again_as_auto(script: Script, url: str) -> None:
    """A 400 of the chosen model is the client's answer, asked once."""
    script.say(Script.json(error("bad"), status=400))
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        with pytest.raises(openai.BadRequestError):
            await client.chat.completions.create(model="auto/best", messages=ASKED)
    assert [model(script, at) for at in range(len(script.heard))] == ["big"]


async def test_scores_change_the_choice(script: Script, url: str) -> None:
    """Told over HTTP or with the next request, low scores move new sessions to the other model."""
    script.handler = lambda _heard: Script.json(chat())
    async with httpx.AsyncClient(base_url=url) as client:
        body = {"model": "auto/best", "messages": ASKED}
        for number in range(60):
            path = f"/s/s{number}/v1/chat/completions"
            await client.post(path, json=body)
            if number % 2:
                told = await client.post("/outrider/feedback", json={"session": f"s{number}", "score": 0})
                assert told.status_code == 200
            else:
                await client.post(path, json=body, headers={"x-outrider-feedback": "0"})
        assert model(script) == "big"

        async def moved() -> bool:
            await client.post("/v1/chat/completions", json=body)
            return model(script) == "small-3b"

        for _ in range(40):
            if await moved():
                break
            await asyncio.sleep(0.25)  # lessons are folded some seconds later
        assert model(script) == "small-3b"
        assert all("feedback" not in name for heard in script.heard for name, _ in heard.headers)


async def test_a_rate_limited_model_is_left_out_while_it_is_so(script: Script, url: str) -> None:
    """A 429 for one model: within seconds others get the next one, and are told why; then it is back."""

    def speak(heard: Heard) -> Line:
        if json.loads(heard.body)["model"] == "big" and limited:
            return Script.json(error("slow down"), status=429, headers=[("retry-after", "4")])
        return Script.json(chat())

    limited, script.handler = True, speak
    async with httpx.AsyncClient(base_url=url) as client:

        async def becomes(name: str, why: str) -> None:
            for _ in range(40):
                got = await client.post("/v1/chat/completions", json={"model": "auto/best", "messages": ASKED})
                assert got.status_code == 200
                if model(script) == name and why in got.headers["x-outrider-decisions"]:
                    return
                await asyncio.sleep(0.25)
            raise AssertionError(f"never {name}")

        assert (await client.post("/v1/chat/completions", json={"model": "big", "messages": ASKED})).status_code == 429
        await becomes("small-3b", "without big: rate limited for")
        limited = False
        await becomes("big", "big of 2: quality")


@pytest.mark.parametrize("status", [429, 500, 503, 529, 404])
async def test_where_a_model_has_no_answer_another_gives_it(script: Script, url: str, status: int) -> None:
    """In the same request, streamed or not; the headers tell it, and the client sees nothing of the failure."""

    def speak(heard: Heard) -> Line:
        if json.loads(heard.body)["model"] == "big":
            return Script.json(error("the model is not well"), status=status)
        return Script.sse(*chat_stream()) if json.loads(heard.body).get("stream") else Script.json(chat())

    script.handler = speak
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        got = await client.chat.completions.with_raw_response.create(model="auto/best", messages=ASKED)
        assert got.parse().choices[0].message.content == "Ahead."
        assert f"road: big answered {status}; small is asked in its place" in got.headers["x-outrider-decisions"]
        stream = await client.chat.completions.create(model="auto/best", messages=ASKED, stream=True)
        assert [chunk async for chunk in stream]
    bodies = [json.loads(heard.body) for heard in script.heard]
    assert [body.pop("model") for body in bodies][:2] == ["big", "small-3b"]
    assert bodies[0] == bodies[1]


async def test_what_fails_teaches_who_failed(script: Script, url: str) -> None:
    """Though the client got an answer each time: after three failures the model that had none is left out."""

    def speak(heard: Heard) -> Line:
        unwell = json.loads(heard.body)["model"] == "big"
        return Script.json(error("down"), status=500) if unwell else Script.json(chat())

    script.handler = speak
    asked = {"model": "auto/best", "messages": ASKED}
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(60):
            got = await client.post("/v1/chat/completions", json=asked)
            assert got.status_code == 200
            if "without big" in got.headers["x-outrider-decisions"]:
                break
            await asyncio.sleep(0.1)
    assert "without big" in got.headers["x-outrider-decisions"]


@pytest.mark.parametrize("status", [400, 401, 403, 422])
async def test_a_mistake_of_the_client_is_its_own(script: Script, url: str, status: int) -> None:
    """No other model is asked what the first one could not understand, or did not let in."""
    script.handler = lambda _heard: Script.json(error("no"), status=status)
    async with httpx.AsyncClient(base_url=url) as client:
        got = await client.post("/v1/chat/completions", json={"model": "auto/best", "messages": ASKED})
    assert got.status_code == status
    assert [model(script, place) for place in range(len(script.heard))] == ["big"]


async def test_where_nobody_is_well_the_last_error_counts(script: Script, url: str) -> None:
    """Each is asked once; status and body are the provider's own."""
    script.handler = lambda heard: Script.json(error(json.loads(heard.body)["model"]), status=503)
    async with httpx.AsyncClient(base_url=url) as client:
        got = await client.post("/v1/chat/completions", json={"model": "auto/best", "messages": ASKED})
    assert (got.status_code, got.json()["error"]["message"]) == (503, "small-3b")
    assert len(script.heard) == 2


async def test_a_model_that_the_client_named_is_not_replaced(script: Script, url: str) -> None:
    """Only `auto` leaves the choice open."""
    script.handler = lambda _heard: Script.json(error("down"), status=503)
    async with httpx.AsyncClient(base_url=url) as client:
        got = await client.post("/v1/chat/completions", json={"model": "big", "messages": ASKED})
    assert got.status_code == 503
    assert len(script.heard) == 1


async def test_feedback_that_is_none(url: str) -> None:
    """No such session; a score that is none; nothing routed. Each in words."""
    async with httpx.AsyncClient(base_url=url) as client:
        lost = await client.post("/outrider/feedback", json={"session": "nobody", "score": 1})
        wrong = await client.post("/outrider/feedback", json={"session": "nobody", "score": 7})
    assert lost.status_code == 404
    assert wrong.status_code == 400
    assert "score" in wrong.json()["error"]["message"]


async def test_a_file_that_changes_is_followed(script: Script, ride: Ride, tmp_path: Path) -> None:
    """A model taken out is no longer chosen; a bad file changes nothing."""
    path = tmp_path / "models.yaml"
    path.write_text(MODELS)
    url = await ride(models=str(path))
    script.handler = lambda _heard: Script.json(chat())
    async with httpx.AsyncClient(base_url=url) as client:

        async def goes_to(name: str, times: int = 1) -> bool:
            for _ in range(times):
                await client.post("/v1/chat/completions", json={"model": "auto/best", "messages": ASKED})
                if model(script) == name:
                    return True
                await asyncio.sleep(0.1)
            return False

        assert await goes_to("big")
        path.write_text("models: [{name: only}]")
        assert await goes_to("only", 60)
        path.write_text("models: [{nam: x}]")
        await asyncio.sleep(1.5)
        assert await goes_to("only")

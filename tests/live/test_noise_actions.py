"""What is done about aggregations, with the official clients: what reached the upstream, and what the client got.

It must not know how losses are found, nor how requests are changed.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI, UnprocessableEntityError

from proxy.testing import Heard, Line, Script
from tests.live.conftest import Ride
from tests.live.replies import (
    USAGE,
    chat,
    chat_stream,
    error,
    message,
    message_stream,
    response,
    response_stream,
    usage_chunk,
)
from tests.live.test_noise import FINDINGS, reports

pytestmark = pytest.mark.anyio
ALL = " ".join(FINDINGS.values())
FALSE = ALL.replace("1893", "1983")
CORRECTION = "is not faithful to the outputs"
KEY: Any = {"api_key": "k", "max_retries": 0}


def said_to(heard: Heard) -> list[str]:
    """What the model is told, item by item; parts of an item are joined."""
    body = json.loads(heard.body)
    items = body.get("messages") or body.get("input") or []
    items = [{"content": items}] if isinstance(items, str) else items
    return [text(each.get("content") or each.get("output")) for each in items]


def text(content: Any) -> str:
    """A content as text."""
    if isinstance(content, list):
        return "\n".join(text(part.get("text") or part.get("content")) for part in content)
    return content or ""


class Desk:
    """The upstream: workers give their findings, the editor each draft in turn, the last one for ever."""

    def __init__(self, *drafts: str) -> None:
        self.drafts = [*drafts]
        self.fails: Sequence[int] = ()
        """Numbers of the editor's requests that are answered with an error."""
        self.asked: list[Heard] = []
        """The editor's requests."""

    def __call__(self, heard: Heard) -> Line:
        told = "\n".join(said_to(heard)) + str(json.loads(heard.body).get("system", ""))
        subject = next((name for name in FINDINGS if f"{name} is your subject" in told), "")
        if subject:
            return self.line(heard, FINDINGS[subject])
        self.asked.append(heard)
        if len(self.asked) - 1 in self.fails:
            return Script.json(error("no such thing"), status=400)
        return self.line(heard, self.drafts[min(len(self.asked), len(self.drafts)) - 1])

    @staticmethod
    def line(heard: Heard, said: str) -> Line:
        """A reply in the form of the request."""
        stream = json.loads(heard.body).get("stream")
        if b"/v1/messages" in heard.head:
            return (
                Script.sse(*message_stream(said), named=True)
                if stream
                else Script.json(message({"type": "text", "text": said}))
            )
        if b"/v1/responses" in heard.head:
            return Script.sse(*response_stream(said), named=True) if stream else Script.json(response(text=said))
        return Script.sse(*chat_stream(said)[:-1], usage_chunk(), "[DONE]") if stream else Script.json(chat(said))


async def workers(client: AsyncOpenAI, *names: str) -> list[str]:
    """What they say, all at once."""

    async def one(name: str) -> str:
        messages: Any = [{"role": "system", "content": f"{name} is your subject."}, {"role": "user", "content": "Go."}]
        got = await client.chat.completions.create(model="m", messages=messages)
        return got.choices[0].message.content or ""

    return list(await asyncio.gather(*(one(name) for name in names)))


async def edited(client: AsyncOpenAI, said: Sequence[str], **more: Any) -> Any:
    """The editor's reply, with its headers."""
    content = "Write one paragraph.\n\n" + "\n\n".join(f"Report: {each}" for each in said)
    messages: Any = [{"role": "system", "content": "You edit."}, {"role": "user", "content": content}]
    named = client.with_options(default_headers={"x-outrider-agent": "editor"})
    return await named.chat.completions.with_raw_response.create(model="m", messages=messages, **more)


@pytest.fixture
async def desk(script: Script) -> Desk:
    """An upstream whose editor gets a year wrong, and right when it is asked again."""
    desk = script.handler = Desk(FALSE, ALL)
    return desk


async def test_annotate(desk: Desk, ride: Ride) -> None:
    """The reply is the upstream's to the byte, and its headers say what was lost."""
    url = await ride(noise="on")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    assert got.http_response.json() == chat(FALSE)
    assert "noise: made of 3 outputs; changed (aggregator)" in got.headers["x-outrider-decisions"]
    assert len(desk.asked) == 1
    (report,) = await reports(url, 1)
    assert report["attribution"] == "aggregator"
    assert report["action"] == "annotate"


async def test_a_stream_is_annotated_on_the_page_alone(desk: Desk, ride: Ride) -> None:
    """It is not held, and asks nothing again, whatever the action."""
    url = await ride(noise="on", noise_agents={"editor": "repair"})
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS), stream=True)
        chunks = [each async for each in got.parse()]
    assert "".join(each.choices[0].delta.content or "" for each in chunks if each.choices) == FALSE
    assert "noise" not in got.headers.get("x-outrider-decisions", "")
    assert len(desk.asked) == 1
    (report,) = await reports(url, 1)
    assert report["attribution"] == "aggregator"


async def test_repair(desk: Desk, ride: Ride) -> None:
    """The editor is told the false value and asked once more; the better reply comes, with the usage of both."""
    url = await ride(noise="on", noise_agents={"editor": "repair"})
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    completion = got.parse()
    assert completion.choices[0].message.content == ALL
    assert completion.usage.total_tokens == 2 * USAGE["total_tokens"]
    assert "repaired" in got.headers["x-outrider-decisions"]
    first, second = desk.asked
    assert said_to(second)[: len(said_to(first))] == said_to(first)
    assert said_to(second)[-2] == FALSE
    assert CORRECTION in said_to(second)[-1]
    assert "'1983' where the output says '1893'" in said_to(second)[-1]
    (report,) = await reports(url, 1)
    assert (report["attribution"], report["first"]) == ("", "aggregator")
    async with httpx.AsyncClient(base_url=url) as pages:
        metrics = (await pages.get("/metrics")).text
    assert 'figure="repaired",policy="noise"' in metrics or 'policy="noise",figure="repaired"' in metrics


@pytest.mark.parametrize("drafts", [(FALSE,), (FALSE, "I cannot help with that."), (FALSE, "")])
async def test_a_repair_that_is_no_better(script: Script, ride: Ride, drafts: tuple[str, ...]) -> None:
    """The first reply stands, and both were paid."""
    desk = script.handler = Desk(*drafts)
    url = await ride(noise_agents={"editor": "repair"}, noise="shadow")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    assert got.parse().choices[0].message.content == FALSE
    assert got.parse().usage.total_tokens == 2 * USAGE["total_tokens"]
    assert "asked again, no better" in got.headers["x-outrider-decisions"]
    assert len(desk.asked) == 2


async def test_a_repair_that_fails(desk: Desk, ride: Ride) -> None:
    """The first reply stands."""
    desk.fails = (1,)
    url = await ride(noise_agents={"editor": "repair"}, noise="shadow")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    assert got.parse().choices[0].message.content == FALSE
    assert len(desk.asked) == 2


async def test_a_held_stream_is_repaired(desk: Desk, ride: Ride) -> None:
    """It comes as a stream, in one piece, and tells the usage of both."""
    url = await ride(noise_agents={"editor": "repair"}, noise="shadow", noise_hold=True)
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        options = {"stream": True, "stream_options": {"include_usage": True}}
        got = await edited(client, await workers(client, *FINDINGS), **options)
        chunks = [each async for each in got.parse()]
    assert "".join(each.choices[0].delta.content or "" for each in chunks if each.choices) == ALL
    assert [each.usage.total_tokens for each in chunks if each.usage] == [2 * USAGE["total_tokens"]]
    assert len(desk.asked) == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_refuse(desk: Desk, ride: Ride, stream: bool) -> None:
    """An error that names what is wrong; it can be let pass by a header, and stands on the page."""
    url = await ride(noise_agents={"editor": "refuse"}, noise="shadow", noise_hold=True)
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        said = await workers(client, *FINDINGS)
        with pytest.raises(
            UnprocessableEntityError, match=r"changed: '1983' \(answer\), '1893' \(output 1\)"
        ) as raised:
            await edited(client, said, stream=stream)
        assert raised.value.code == "aggregation_lost_findings"
        assert len(desk.asked) == 1
        (report,) = await reports(url, 1)
        assert report["done"] == ["refused"]
        assert report["findings"][0]["kind"] == "changed"
        desk.asked.clear()
        passing = client.with_options(default_headers={"x-outrider-policies": "noise=annotate"})
        got = await edited(passing, said)
    assert got.parse().choices[0].message.content == FALSE


async def test_a_good_aggregation_is_not_refused(script: Script, ride: Ride) -> None:
    """Nor asked again."""
    desk = script.handler = Desk(ALL)
    for action in ("refuse", "repair"):
        desk.asked.clear()
        url = await ride(noise_agents={"editor": action}, noise="shadow")
        async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
            got = await edited(client, await workers(client, *FINDINGS))
        assert got.parse().choices[0].message.content == ALL
        assert got.parse().usage.total_tokens == USAGE["total_tokens"]
        assert len(desk.asked) == 1


OTHER = FINDINGS["history"].replace("32,000", "23,000")


@pytest.mark.parametrize("stream", [False, True])
async def test_prepare(script: Script, ride: Ride, stream: bool) -> None:
    """What was handed in twice stands there once, whoever did; all else is as the client wrote it."""
    desk = script.handler = Desk(ALL)
    url = await ride(noise_agents={"editor": "prepare"}, noise="shadow")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        said = await workers(client, *FINDINGS)
        said += await workers(client, "people")
        got = await edited(client, [*said, said[0]], stream=stream)
        if stream:
            assert [each async for each in got.parse()]
    (heard,) = desk.asked
    system, told = said_to(heard)
    assert system == "You edit."
    assert told.startswith("Write one paragraph.\n\nReport: The bridge")
    assert [told.count(each.rstrip(".")) for each in FINDINGS.values()] == [1, 1, 1]
    assert told.count("[the same as an output above, word for word]") == 2
    assert "2 repeated" in got.headers["x-outrider-decisions"]


async def test_contradictions_are_marked(script: Script, ride: Ride) -> None:
    """In a message of its own, with both values and where they stand."""
    two = {"history": FINDINGS["history"], "cables": OTHER}
    desk = Desk(ALL)

    def speak(heard: Heard) -> Line:
        told = "\n".join(said_to(heard))
        subject = next((name for name in two if f"{name} is your subject" in told), "")
        return Desk.line(heard, two[subject]) if subject else desk(heard)

    script.handler = speak
    url = await ride(noise_agents={"editor": "prepare"}, noise="shadow")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *two))
    (heard,) = desk.asked
    assert len(said_to(heard)) == 3
    assert "32,000 (1 output" in said_to(heard)[-1]
    assert "23,000 (1 output" in said_to(heard)[-1]
    assert "1 conflicts marked" in got.headers["x-outrider-decisions"]


async def test_a_request_that_the_upstream_refuses_when_it_is_prepared(script: Script, ride: Ride) -> None:
    """It is sent as it came."""
    desk = script.handler = Desk(ALL)
    desk.fails = (0,)
    url = await ride(noise_agents={"editor": "prepare"}, noise="shadow")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        said = await workers(client, *FINDINGS)
        got = await edited(client, [*said, said[0]])
    assert got.parse().choices[0].message.content == ALL
    first, second = desk.asked
    assert "word for word" in said_to(first)[1]
    assert said_to(second)[1].count(FINDINGS["history"]) == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_in_responses(desk: Desk, ride: Ride, stream: bool) -> None:
    """A text as the whole input becomes a message beside the others; the usage is that of both calls."""
    url = await ride(noise="on", noise_agents={"editor": "repair"}, noise_hold=True)
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        said = await workers(client, *FINDINGS)
        named = client.with_options(default_headers={"x-outrider-agent": "editor"})
        asked: Any = {"model": "m", "instructions": "You edit.", "input": "One paragraph:\n" + "\n".join(said)}
        if stream:
            events = [event async for event in await named.responses.create(**asked, stream=True)]
            done = events[-1].response
        else:
            done = await named.responses.create(**asked)
    assert done.output_text == ALL
    assert done.usage.total_tokens == 30
    _, second = desk.asked
    assert said_to(second)[1] == FALSE
    assert CORRECTION in said_to(second)[2]


@pytest.mark.parametrize("stream", [False, True])
async def test_in_messages(desk: Desk, ride: Ride, stream: bool) -> None:
    """The same with Anthropic's client."""
    url = await ride(noise="on", noise_agents={"editor": "repair"}, noise_hold=True)
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        said = await workers(client, *FINDINGS)
    async with AsyncAnthropic(base_url=url, default_headers={"x-outrider-agent": "editor"}, **KEY) as client:
        asked: Any = {
            "model": "m",
            "max_tokens": 500,
            "system": "You edit.",
            "messages": [{"role": "user", "content": "One paragraph:\n" + "\n".join(said)}],
        }
        if stream:
            async with client.messages.stream(**asked) as events:
                got = await events.get_final_message()
        else:
            got = await client.messages.create(**asked)
    assert "".join(block.text for block in got.content if block.type == "text") == ALL
    assert len(desk.asked) == 2
    assert CORRECTION in said_to(desk.asked[1])[-1]
    assert got.usage.input_tokens == 24


async def test_days_calls_are_counted(desk: Desk, ride: Ride) -> None:
    """With none allowed, nobody is asked again."""
    url = await ride(noise_agents={"editor": "repair"}, noise="shadow", noise_calls_a_day=0)
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    assert got.parse().choices[0].message.content == FALSE
    assert "today's calls are spent" in got.headers["x-outrider-decisions"]
    assert len(desk.asked) == 1


async def test_a_fault_in_the_plan(desk: Desk, ride: Ride, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain reply, and the client does not learn of it but by a header."""
    monkeypatch.setattr("policies.noise.acting.team_of", _broken)
    url = await ride(noise_agents={"editor": "repair"}, noise="shadow")
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    assert got.parse().choices[0].message.content == FALSE
    assert len(desk.asked) == 1


def _broken(*_arguments: object) -> None:
    raise RuntimeError("broken")


async def test_aggregations_are_sampled(desk: Desk, ride: Ride) -> None:
    """Beside the client, twice: as it was, and the other way round. What differs is a remark."""
    url = await ride(noise="shadow", noise_sample=1.0)
    async with AsyncOpenAI(base_url=f"{url}/v1", **KEY) as client:
        got = await edited(client, await workers(client, *FINDINGS))
    assert got.parse().choices[0].message.content == FALSE
    (report,) = await reports(url, 1)
    assert report["sampled"] == ["asked again", "asked in another order"]
    assert {each["said"] for each in report["findings"] if each["kind"] == "unstable"} == {
        "asked again: another value",
        "asked in another order: another value",
    }
    assert len(desk.asked) == 3
    orders = [[said_to(heard)[1].index(each[:20]) for each in FINDINGS.values()] for heard in desk.asked]
    assert sum(order == sorted(order) for order in orders) == 2
    assert sum(order == sorted(order, reverse=True) for order in orders) == 1

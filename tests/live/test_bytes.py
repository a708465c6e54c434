"""Fidelity by bytes: recorded requests and every shape of answer, compared by their hashes.

It must not know what the bytes say. Recorded sessions are the project's own sample and, where there is one, a folder
of traces (`OUTRIDER_TRACES`).
"""

import asyncio
import gzip
import hashlib
import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.testing import Heard, Line, Script
from tests.live.caller import Caller, calling, post
from tests.live.conftest import Ride
from tests.live.replies import ANSWERS, CHAT, EMBEDDINGS, MESSAGES, QUESTIONS, RESPONSES, STREAMS

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
TRACES = Path(os.environ.get("OUTRIDER_TRACES") or ROOT.parent / "shared" / "data" / "traces")
OWN = ROOT / "proxy" / "data" / "sessions.jsonl.gz"
SEED, SAMPLE, LANES = 7, 150, 4

STYLES: Sequence[Mapping[str, Any]] = (
    {},
    {"separators": (",", ":")},
    {"separators": (",", ":"), "ensure_ascii": False},
    {"indent": 2, "ensure_ascii": False},
)
"""How clients of several languages write JSON."""
ADDED = {"server-timing", "x-outrider-session", "x-outrider-agent", "x-outrider-decisions"}
ADDED_TO_STREAMS = {"cache-control", "x-accel-buffering"}
OF_THE_HOP = {"connection", "keep-alive", "transfer-encoding"}


def sources() -> list[Path]:
    """Files of recorded sessions."""
    return [OWN, *sorted(TRACES.glob("*.jsonl.gz"))]


def bodies(path: Path) -> Iterator[bytes]:
    """The request behind every reply of a file, written in one style or another."""
    draw = random.Random(SEED)
    with gzip.open(path, "rt") as lines:
        for line in lines:
            session = json.loads(line)
            tools = _tools(session["domain"])
            for place, message in enumerate(session["messages"]):
                if message["role"] != "assistant" or not place:
                    continue
                body = {"model": session["agent_model"], "messages": session["messages"][:place], **tools}
                body |= {"stream": True} if draw.random() < 0.5 else {}
                yield json.dumps(body, **draw.choice(STYLES)).encode()


def _tools(domain: str) -> dict[str, Any]:
    path = TRACES / f"{domain}-tools.json"
    return {"tools": json.loads(path.read_text())} if path.exists() else {}


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


async def arrive(script: Script, url: str, sent: Sequence[bytes]) -> list[str]:
    """Sends the bodies over a few connections; the numbers of those that did not arrive as they were sent."""
    lost: list[str] = []

    def echo(heard: Heard) -> Line:
        number = int(heard.header("x-number"))
        if digest(heard.body) != digest(sent[number]):
            lost.append(heard.header("x-number"))
        return Line(headers=[("x-digest", digest(heard.body))])

    async def lane(caller: Caller, numbers: range) -> None:
        for number in numbers:
            await caller.send("POST", CHAT, sent[number], [("x-number", str(number))])
            got = await caller.answer()
            if got.header("x-digest") != digest(sent[number]):
                lost.append(str(number))
            script.heard.clear()

    async def ride_along(number: int) -> None:
        async with calling(url) as caller:
            await lane(caller, range(number, len(sent), LANES))

    script.handler = echo
    await asyncio.gather(*map(ride_along, range(LANES)))
    return lost


@pytest.mark.parametrize("policies", ["off", "session"])
async def test_recorded_requests_arrive_as_they_were_sent(script: Script, ride: Ride, policies: str) -> None:
    """A sample of recorded requests reaches the upstream byte for byte, without policies and with the default ones."""
    everything = [body for path in sources() for body in bodies(path)]
    sent = random.Random(SEED).sample(everything, min(SAMPLE, len(everything)))
    assert len(sent) >= 100
    assert await arrive(script, await ride(policies=policies), sent) == []


@pytest.mark.slow
@pytest.mark.parametrize("policies", ["off", "session"])
@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name.partition(".")[0])
async def test_all_recorded_requests_arrive(script: Script, ride: Ride, path: Path, policies: str) -> None:
    """Every recorded request reaches the upstream byte for byte, without policies and with the default ones."""
    sent = list(bodies(path))
    assert sent
    assert await arrive(script, await ride(policies=policies), sent) == []


ENDS = [(path, Script.json(answer)) for path, answer in ANSWERS.items()]
ENDS += [(path, Script.sse(*events, named=path != CHAT)) for path, events in STREAMS.items()]
ENDS += [
    (path, Line(status, [("content-type", "text/html"), ("x-a", "1")], b"<p>\xff"))
    for path in ANSWERS
    for status in (200, 502)
]
ENDS += [
    (
        "/v1/audio/speech",
        Line(headers=[("content-type", "audio/mpeg")], body=[bytes(range(256))] * 9, framing="chunked"),
    )
]


@pytest.mark.parametrize("policies", ["off", "session"])
async def test_answers_arrive_as_they_were_given(script: Script, ride: Ride, policies: str) -> None:
    """Status, headers and body of an answer pass; ours are added at the end and those of the hop are made anew."""
    url = await ride(policies=policies)
    for path, line in ENDS:
        script.say(line)
        got = await post(url, path, QUESTIONS.get(path, {}))
        assert (got.status, got.body) == (line.status, b"".join(piece.data for piece in line.pieces))
        names = [name.lower() for name, _ in got.headers if name.lower() not in OF_THE_HOP | {"content-length"}]
        theirs = [(name.lower(), value) for name, value in line.headers]
        assert [(name, got.header(name)) for name in names[: len(theirs)]] == theirs
        streams = any(value.startswith("text/event-stream") for _, value in theirs)
        assert set(names[len(theirs) :]) <= ADDED | (ADDED_TO_STREAMS if streams else set())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from([CHAT, RESPONSES, MESSAGES, EMBEDDINGS, "/v1/files", "/v1/audio/speech"]),
    body=st.binary(min_size=1, max_size=4096),
    framing=st.sampled_from(["length", "chunked", "close"]),
    kind=st.sampled_from(["application/json", "text/event-stream", "application/octet-stream", ""]),
)
async def test_any_answer_arrives(script: Script, url: str, path: str, body: bytes, framing: Any, kind: str) -> None:
    """Whatever the upstream says under whatever name, the client gets these bytes."""
    script.say(Line(headers=[("content-type", kind)] if kind else [], body=body, framing=framing))
    assert (await post(url, path, QUESTIONS.get(path, {}))).body == body

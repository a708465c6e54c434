"""Drop-in, errors, retries and headers: the provider is quoted, and Outrider's own words bear its name.

It must not know how the road does it; each test is a dialogue over sockets, told by its line of the list.
"""

import gc
import gzip
import json
from typing import Any

import httpx
import pytest

from proxy.exchange import Exchange
from proxy.testing import Line, Script
from tests.live.caller import Broke, Got, ask, calling, post, until
from tests.live.conftest import Ride
from tests.live.replies import CHAT, EMBEDDINGS, MESSAGES, QUESTIONS, RESPONSES, chat, error

pytestmark = pytest.mark.anyio

BY_HOP = {"connection", "keep-alive", "transfer-encoding"}
OURS = {"server-timing", "x-outrider-session", "x-outrider-agent", "x-outrider-decisions"}
ON_STREAMS = {"cache-control", "x-accel-buffering"}


def is_ours(got: Got, status: int, code: str) -> None:
    """An error of Outrider's own in OpenAI's shape, told apart by its type and its header."""
    assert (got.status, got.header("x-outrider-error")) == (status, code)
    assert got.header("content-type") == "application/json"
    told = got.json["error"]
    assert set(told) == {"message", "type", "param", "code"}
    assert (told["type"], told["param"], told["code"]) == ("outrider_error", None, code)
    assert told["message"].startswith("Outrider: ")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529])
async def test_the_providers_errors_pass(script: Script, url: str, status: int) -> None:
    """Line 29: the provider's status and error object pass unchanged, `code` null or a string, and are not ours."""
    refusal = Script.json(error("no", code="sorry" if status % 2 else None), status=status)
    script.say(refusal)
    got = await post(url, CHAT, QUESTIONS[CHAT])
    assert (got.status, got.body) == (status, refusal.body)
    assert not got.header("x-outrider-error")


@pytest.mark.parametrize("path", [CHAT, RESPONSES, EMBEDDINGS])
async def test_malformed_json_is_told(script: Script, url: str, path: str) -> None:
    """Line 29: what is not JSON is a 400 that says where, in OpenAI's shape; the upstream is not asked."""
    got = await post(url, path, b'{"model": "gpt-4o", "messages": [}')
    is_ours(got, 400, "invalid_json")
    assert "column 34" in got.json["error"]["message"] or "byte" in got.json["error"]["message"]
    assert not script.heard


@pytest.mark.parametrize("prefix", ["", "/s/one/a/two"])
async def test_malformed_json_is_told_in_anthropics_shape(script: Script, url: str, prefix: str) -> None:
    """Line 29: on the messages path the same is told as Anthropic does, whatever stands before the path."""
    got = await post(url, prefix + MESSAGES, b"{")
    assert (got.status, got.header("x-outrider-error")) == (400, "invalid_json")
    assert got.json["type"] == "error"
    assert got.json["error"]["type"] == "outrider_error"


STRANGE = ("/", "/chat/completions", "/v1", "/v2/models", "/s//v1/models", "/s/one/v2/models", "/outriders")


@pytest.mark.parametrize("path", STRANGE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_paths_are_told(script: Script, url: str, method: str, path: str) -> None:
    """Line 29: a path that is none of ours is a 404 in the same shape, never `detail`."""
    got = await ask(url, method, path, b"{}" if method == "POST" else b"")
    assert got.status == 404
    assert got.json["error"]["type"] == "outrider_error"
    assert got.header("x-outrider-error") == "not_found"
    assert not script.heard


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/healthz", 405), ("GET", "/outrider/nothing", 404), ("GET", "/outrider/sessions?limit=zero", 400)],
)
async def test_admin_errors_have_the_same_shape(url: str, method: str, path: str, status: int) -> None:
    """Line 29: the admin pages refuse in the same shape."""
    got = await ask(url, method, path)
    assert got.status == status
    assert got.json["error"]["type"] == "outrider_error"


async def test_an_upstream_that_is_not_there_is_told(ride: Ride) -> None:
    """Line 29: no connection to the upstream is a 502 of ours that names it; the process goes on."""
    url = await ride(upstream="http://127.0.0.1:9/v1")
    got = await post(url, CHAT, QUESTIONS[CHAT])
    is_ours(got, 502, "connect")
    assert "default" in got.json["error"]["message"]


@pytest.mark.parametrize("ending", ["fin", "rst"])
async def test_an_upstream_that_hangs_up_is_told(script: Script, url: str, ending: Any) -> None:
    """Line 29: an upstream that closes without an answer is a 502 of ours; within a document the connection breaks."""
    script.say(Line(silent=True, ending=ending), Line(body=b'{"ha', headers=[("content-length", "9")], ending=ending))
    is_ours(await post(url, CHAT, QUESTIONS[CHAT]), 502, "closed")
    with pytest.raises(Broke):
        await post(url, CHAT, QUESTIONS[CHAT])


NAMED = [
    ("Retry-After", "7"),
    ("retry-after-ms", "7000"),
    ("x-should-retry", "false"),
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-remaining-tokens", "0"),
    ("x-ratelimit-reset-tokens", "6m0s"),
    ("X-Request-ID", "req_1"),
    ("openai-processing-ms", "12"),
    ("openai-version", "2020-10-01"),
    ("openai-organization", "org-1"),
    ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z"),
    ("request-id", "req_2"),
    ("set-cookie", "a=1"),
    ("set-cookie", "b=2"),
    ("server", "cloudflare"),
    ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ("content-type", "application/json"),
]


@pytest.mark.parametrize("status", [200, 429])
async def test_headers_keep_their_names(script: Script, url: str, status: int) -> None:
    """Line 30: the provider's headers come under their own names, doubled ones twice, with nothing but ours added."""
    script.say(Line(status, NAMED, b"{}"))
    got = await post(url, CHAT, QUESTIONS[CHAT])
    theirs = [(name.lower(), value) for name, value in NAMED]
    told = [(name.lower(), value) for name, value in got.headers if name.lower() not in BY_HOP | {"content-length"}]
    assert told[: len(theirs)] == theirs
    assert {name for name, _ in told[len(theirs) :]} <= OURS


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
async def test_nothing_is_asked_twice(script: Script, url: str, status: int) -> None:
    """Line 31: one request of the client is one request upstream, whatever the answer; a retry's count passes."""
    script.say(Script.json(error("no"), status=status))
    await post(url, CHAT, QUESTIONS[CHAT], [("x-stainless-retry-count", "1")])
    assert [heard.header("x-stainless-retry-count") for heard in script.heard] == ["1"]


@pytest.mark.parametrize("line", [Line(silent=True, ending="fin"), Line(silent=True, ending="rst")])
async def test_a_generation_is_not_repeated_after_a_hang_up(script: Script, url: str, line: Line) -> None:
    """Line 31: a kept connection that the upstream closes while it holds a POST costs that POST, not a second bill."""
    script.say(Script.json(chat()), line)
    assert (await post(url, CHAT, QUESTIONS[CHAT])).status == 200
    assert (await post(url, CHAT, QUESTIONS[CHAT])).status == 502
    assert len(script.heard) == 2


async def test_idempotency_keys_pass(script: Script, url: str) -> None:
    """Line 32: an idempotency key goes upstream as it is, each time."""
    for _ in range(2):
        await post(url, CHAT, QUESTIONS[CHAT], [("Idempotency-Key", "stainless-1")])
    assert [heard.header("idempotency-key") for heard in script.heard] == ["stainless-1"] * 2


@pytest.mark.parametrize("status", [200, 400])
async def test_compressed_answers_pass_raw(script: Script, url: str, status: int) -> None:
    """Line 33: an answer that is compressed unasked passes with its encoding and length; clients can read it, and
    so can we."""
    body = gzip.compress(json.dumps(chat()).encode())
    headers = [("content-encoding", "gzip"), ("content-type", "application/json")]
    script.say(*[Line(status, headers, body)] * 2)
    got = await post(url, CHAT, QUESTIONS[CHAT])
    assert got.body == body
    assert (got.header("content-encoding"), got.header("content-length")) == ("gzip", str(len(body)))
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"{url}{CHAT}", json=QUESTIONS[CHAT])).json() == chat()
    if status == 200:
        session = await ask(url, "GET", f"/outrider/sessions/{got.header('x-outrider-session')}")
        assert session.json["completion_tokens"] == 3


async def test_an_answer_is_framed_anew(script: Script, url: str) -> None:
    """Line 34: however the upstream framed its body, the client's framing is its connection's own, and it holds."""
    script.say(
        Line(body=[b"a" * 9, b"b"], framing="chunked"),
        Line(body=b"cc", framing="close", headers=[("connection", "close")]),
        Line(body=b"ddd", headers=[("connection", "x-hop"), ("x-hop", "1"), ("keep-alive", "timeout=5")]),
    )
    async with calling(url) as caller:
        for body in (b"a" * 9 + b"b", b"cc", b"ddd"):
            await caller.send("POST", CHAT, json.dumps(QUESTIONS[CHAT]).encode())
            got = await caller.answer()
            assert got.body == body
            assert len(got.all("content-length")) + len(got.all("transfer-encoding")) == 1
            assert not {"x-hop", "keep-alive", "connection"} & {name.lower() for name, _ in got.headers}


@pytest.mark.parametrize(
    ("method", "line"),
    [
        ("HEAD", Line(body=b"unsent", headers=[("etag", "1")])),
        ("OPTIONS", Line(204, [("allow", "GET, POST")])),
        ("DELETE", Line(204)),
        ("GET", Line(304, [("etag", "1")])),
        ("POST", Line(200)),
    ],
)
async def test_answers_without_a_body(script: Script, url: str, method: str, line: Line) -> None:
    """Line 34: HEAD, 204, 304 and empty bodies end where they should: the connection serves the next request."""
    script.say(line, Line(body=b"next"))
    async with calling(url) as caller:
        await caller.send(method, "/v1/files/file-1")
        got = await caller.answer()
        assert (got.status, got.body) == (line.status, b"")
        assert [(name, got.header(name)) for name, _ in line.headers] == list(line.headers)
        await caller.send("GET", "/v1/models")
        assert (await caller.answer()).body == b"next"
    assert script.heard[0].method == method


async def test_refusals_pile_up_nothing(script: Script, ride: Ride) -> None:
    """Line 35: hundreds of failing requests leave no exchange behind; sessions are kept by the store alone."""
    url = await ride(record="off")
    reset, broken = Line(silent=True, ending="rst"), Line(500, body=b"<html>")
    script.handler = lambda _: reset if len(script.heard) % 3 else broken
    for place in range(300):
        await post(url, f"/s/{place}{CHAT}", QUESTIONS[CHAT])
    await until(lambda: _exchanges() <= 2)  # sinks hear of the last ones a moment later


def _exchanges() -> int:
    gc.collect()
    return sum(isinstance(each, Exchange) for each in gc.get_objects())

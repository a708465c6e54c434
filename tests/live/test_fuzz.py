"""Whatever a client sends, Outrider stays up, says nothing of its own above 499, and answers the next request.

It must not know which inputs are odd; it draws them.
"""

import asyncio
import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from proxy.testing import Heard, Line, Script
from tests.live.caller import Caller, ask, calling, post
from tests.live.replies import CHAT, EMBEDDINGS, MESSAGES, RESPONSES, chat

pytestmark = pytest.mark.anyio
DRAWN = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
PATHS = [CHAT, RESPONSES, MESSAGES, EMBEDDINGS, "/v1/completions", "/v1/moderations", "/v1/messages/count_tokens"]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
)
documents = anything.map(lambda value: json.dumps(value).encode())
WORDS = ("role", "content", "type", "text", "tool_calls", "function", "name", "arguments", "id", "input", "output")
ROLES = ("user", "assistant", "system", "tool", "developer", "function", "message", "reasoning", "function_call_output")
item = st.dictionaries(st.sampled_from(WORDS), st.sampled_from(ROLES) | anything, max_size=6)
items = st.lists(item | anything, max_size=5)
FIELDS = ("model", "messages", "input", "tools", "stream", "system", "instructions", "metadata", "previous_response_id")
body = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), items | item | anything, max_size=7)


def echo(heard: Heard) -> Line:
    """The upstream says back what it heard, as JSON or whatever it is."""
    return Line(headers=[("content-type", "application/json"), ("x-heard", str(len(heard.body)))], body=heard.body)


@DRAWN
@given(path=st.sampled_from(PATHS), value=body)
async def test_any_json_passes(script: Script, url: str, path: str, value: dict[str, Any]) -> None:
    """Any JSON object, shaped like a request or not, reaches the upstream as it is; any JSON may be the answer."""
    script.handler = echo
    sent = json.dumps(value).encode()
    got = await post(url, path, sent)
    assert (got.status, got.body, script.heard[-1].body) == (200, sent, sent)
    assert got.header("x-outrider-session")
    assert "road" not in got.header("x-outrider-decisions")


@DRAWN
@given(
    path=st.sampled_from(PATHS), sent=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode())
)
async def test_any_bytes_are_answered(script: Script, url: str, path: str, sent: bytes) -> None:
    """Any bytes are relayed as they are or refused as no JSON; the connection serves the next request."""
    script.handler = echo
    async with calling(url) as caller:
        await caller.send("POST", path, sent)
        got = await caller.answer()
        assert (got.status, got.body) == (200, sent) or (got.status, got.header("x-outrider-error")) == (
            400,
            "invalid_json",
        )
        await caller.send("GET", "/v1/models")
        assert (await caller.answer()).status == 200


names = st.from_regex(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}", fullmatch=True)
values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
OURS = ("x-outrider-session", "x-outrider-agent", "x-outrider-run", "x-outrider-parent", "idempotency-key")
THEIRS = ("x-session-id", "session_id", "traceparent", "x-portkey-metadata", "user-agent", "cookie", "content-type")
SPECIAL = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer"}
drawn_headers = st.tuples(st.sampled_from((*OURS, *THEIRS, "authorization")) | names, values.map(str.strip))


@DRAWN
@given(headers=st.lists(drawn_headers, max_size=8))
async def test_any_headers_pass(script: Script, url: str, headers: list[tuple[str, str]]) -> None:
    """Any headers are relayed as they are, in their order, less those of the hop and ours; none makes an error."""
    script.handler = echo
    dropped = SPECIAL | {
        "accept-encoding",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
    }
    sent = [(name, value) for name, value in headers if name.lower() not in SPECIAL and name != "x-outrider-upstream"]
    sent = [(name, value) for name, value in sent if name.lower() != "content-encoding"]
    got = await ask(url, "POST", CHAT, b"{}", sent)
    assert got.status == 200
    kept = [(n.lower(), v) for n, v in sent if n.lower() not in dropped and not n.lower().startswith("x-outrider-")]
    heard = [(n.lower(), v) for n, v in script.heard[-1].headers if n.lower() not in SPECIAL | {"accept-encoding"}]
    assert heard == kept


targets = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60)
PREFIXES = ("/v1/", "/", "/s/", "/s/a/a/b/r/c/v1/", "/outrider/", "/outrider/sessions/", "/healthz", "/v1/responses/")


@DRAWN
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"]),
    prefix=st.sampled_from(PREFIXES),
    rest=targets,
)
async def test_any_target_is_answered(script: Script, url: str, method: str, prefix: str, rest: str) -> None:
    """Any method and target is relayed verbatim or refused; never a 5xx, and the proxy is there afterwards."""
    script.heard.clear()
    got = await ask(url, method, prefix + rest)
    assert got.status < 500
    if script.heard:
        assert (script.heard[0].method, got.status) == (method, 200)
        assert script.heard[0].target in prefix + rest
    assert (await ask(url, "GET", "/healthz")).status == 200


@DRAWN
@given(noise=st.binary(min_size=1, max_size=400))
async def test_noise_breaks_nothing(url: str, noise: bytes) -> None:
    """Bytes that are no HTTP are refused or dropped; the next client is served."""
    async with calling(url) as caller:
        await caller.write(noise + b"\r\n\r\n")
        assert await _first_status(caller) in (0, 400, 404)
    assert (await ask(url, "GET", "/healthz")).status == 200


async def _first_status(caller: Caller) -> int:
    """0 when the connection is closed without a word, or more is waited for."""
    try:
        async with asyncio.timeout(0.05):
            return (await caller.head()).status
    except (EOFError, ConnectionError, TimeoutError):
        return 0


replies = st.one_of(
    body.map(lambda value: json.dumps(chat() | value).encode()),
    st.lists(body.map(lambda value: b"data: " + json.dumps(value).encode() + b"\n\n"), max_size=5).map(b"".join),
    st.binary(max_size=200),
)


@DRAWN
@given(
    path=st.sampled_from(PATHS),
    reply=replies,
    status=st.sampled_from([200, 201, 400, 429, 500]),
    kind=st.sampled_from(["application/json", "text/event-stream", "text/event-stream; charset=utf-8", "a/b", ""]),
    encoding=st.sampled_from(["", "", "gzip", "deflate", "br", "tomorrow"]),
)
async def test_any_answer_passes(
    script: Script, url: str, path: str, reply: bytes, status: int, kind: str, encoding: str
) -> None:
    """Whatever a provider says, under whatever status, type and encoding, is what the client gets."""
    headers = [pair for pair in (("content-type", kind), ("content-encoding", encoding)) if pair[1]]
    script.say(Line(status, headers, reply))
    got = await post(url, path, {"model": "m", "stream": "stream" in kind})
    assert (got.status, got.body) == (status, reply)


OPERATIONS: dict[str, Any] = {
    path: {
        "post": {
            "parameters": [{"name": "x-outrider-agent", "in": "header", "schema": {"type": "string"}}],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": [field],
                            "properties": {
                                "model": {"type": "string"},
                                "stream": {"type": "boolean"},
                                field: {"type": "array", "items": {"type": "object"}},
                            },
                        }
                    }
                },
            },
            "responses": {"200": {"description": "relayed"}, "400": {"description": "no JSON"}},
        }
    }
    for path, field in ((CHAT, "messages"), (RESPONSES, "input"), (MESSAGES, "messages"), (EMBEDDINGS, "input"))
}
API = {"openapi": "3.1.0", "info": {"title": "the road", "version": "1"}, "paths": OPERATIONS}


def strange(description: dict[str, Any], url: str) -> list[str]:
    """What requests drawn from an API's description bring to light: an answer above 499, or a status not described."""
    found: list[str] = []
    for result in schemathesis.openapi.from_dict(description).get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        promised = {*operation.definition.raw["responses"], "400", "404"} - {"422"}
        found += _drawn(operation.as_strategy(), promised, url)
    return found


def _drawn(cases: st.SearchStrategy[Any], promised: set[str], url: str) -> list[str]:
    found: list[str] = []

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def draw(case: Any) -> None:
        status = str(case.call(base_url=url).status_code)
        if status not in promised:
            found.append(f"{status}: {case.as_curl_command()}")

    draw()
    return found


async def test_the_admin_pages_keep_their_description(script: Script, url: str) -> None:
    """Requests drawn from `/outrider/openapi.json` get what it promises, and nothing above 499."""
    script.handler = lambda _: Script.json(chat())
    await post(url, f"/s/one{CHAT}", {"model": "m", "messages": []})
    described = (await ask(url, "GET", "/outrider/openapi.json")).json
    assert len(described["paths"]) >= 6
    assert await asyncio.to_thread(strange, described, url) == []


async def test_the_road_keeps_its_description(script: Script, url: str) -> None:
    """Requests drawn from a description of the API are relayed, and nothing is above 499."""
    script.handler = echo
    assert await asyncio.to_thread(strange, API, url) == []
    assert len(script.heard) >= len(OPERATIONS)

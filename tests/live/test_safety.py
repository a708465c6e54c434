"""Safety: who may come in, what never leaves the house, and that nothing a client writes leads elsewhere.

It must not know how any of it is done; each test is a dialogue over sockets.
"""

import asyncio
import json
from typing import Any

import pytest

from proxy.testing import Line, Script
from tests.live.caller import ask, calling, post
from tests.live.conftest import Ride
from tests.live.replies import CHAT, EMBEDDINGS, MESSAGES, QUESTIONS, RESPONSES, chat

pytestmark = pytest.mark.anyio
GONE = ("/outrider/sessions/one", "/outrider/sessions/one/items/two")
ADMIN = ("/outrider/sessions", "/outrider/agents", "/outrider/upstreams", "/metrics", *GONE)


def bearer(key: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {key}")]


@pytest.mark.parametrize("path", [CHAT, "/v1/models", "/s/one/v1/files"])
@pytest.mark.parametrize("headers", [[], bearer("wrong"), bearer(""), [("authorization", "Basic b3VyOmtleQ==")]])
async def test_strangers_stay_outside(script: Script, ride: Ride, path: str, headers: Any) -> None:
    """With OUTRIDER_KEYS a request without one of them is a 401 in OpenAI's shape; nothing goes upstream."""
    got = await post(await ride(keys="our-key,second"), path, {}, headers)
    assert (got.status, got.header("x-outrider-error"), got.header("www-authenticate")) == (
        401,
        "invalid_api_key",
        "Bearer",
    )
    assert got.json["error"]["type"] == "outrider_error"
    assert not script.heard


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "api-key"])
async def test_our_keys_never_leave(script: Script, ride: Ride, name: str) -> None:
    """A key of ours opens the door in whichever header it comes, and does not reach the upstream in any."""
    url = await ride(keys="our-key,second-key", upstream_key="sk-provider")
    for key in ("our-key", "second-key"):
        value = f"Bearer {key}" if name == "authorization" else key
        assert (await post(url, CHAT, QUESTIONS[CHAT], [(name, value)])).status == 200
        assert (await post(url, MESSAGES, QUESTIONS[MESSAGES], [(name, value)])).status == 200
    assert all(b"our-key" not in heard.head and b"second-key" not in heard.head for heard in script.heard)
    assert {heard.header("authorization") for heard in script.heard} == {"Bearer sk-provider", ""}
    assert {heard.header("x-api-key") for heard in script.heard} == {"sk-provider", ""}


async def test_the_providers_key_is_never_told(script: Script, ride: Ride) -> None:
    """The upstream's key stands in no answer, no session, no recording, no metric and no error of ours."""
    url = await ride(upstream_key="sk-provider-secret")
    script.say(Script.json(chat()), Line(silent=True, ending="rst"))
    answers = [await post(url, CHAT, QUESTIONS[CHAT], bearer("sk-client-secret")) for _ in range(2)]
    session = answers[0].header("x-outrider-session")
    pages = (*ADMIN, f"/outrider/sessions/{session}", f"/outrider/sessions/{session}.jsonl", "/healthz", "/readyz")
    answers += [await ask(url, "GET", page) for page in pages]
    for got in answers:
        assert b"secret" not in got.body
        assert "secret" not in str(got.headers)


@pytest.mark.parametrize(
    ("given", "key", "status"),
    [
        ({}, "", 200),
        ({"admin_key": "door"}, "", 401),
        ({"admin_key": "door"}, "doors", 401),
        ({"admin_key": "door"}, "door", 200),
        ({"host": "0.0.0.0"}, "", 403),
        ({"host": "0.0.0.0", "keys": "our-key"}, "our-key", 403),
        ({"host": "0.0.0.0", "admin_key": "door"}, "", 401),
        ({"host": "0.0.0.0", "admin_key": "door"}, "door", 200),
    ],
)
async def test_the_admin_pages_have_a_door(ride: Ride, given: dict[str, str], key: str, status: int) -> None:
    """The admin pages are open on loopback, or ask for their key; elsewhere they are shut without one."""
    url = await ride(**given)
    headers = bearer(key) if key else []
    statuses = {path: (await ask(url, "GET", path, headers=headers)).status for path in ADMIN}
    known = 404 if status == 200 else status
    assert statuses == {path: known if path in GONE else status for path in ADMIN}
    assert [(await ask(url, "GET", path)).status for path in ("/healthz", "/readyz")] == [200, 200]


async def test_bodies_have_a_limit(script: Script, ride: Ride) -> None:
    """A body over OUTRIDER_MAX_BODY_MB is a 413 that names the setting, with a length, in chunks, or claimed only."""
    url = await ride(max_body_mb=0.1)
    body = b'{"a":"' + b"x" * 100_000 + b'"}'
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:60_000], body[60_000:])) + b"0\r\n\r\n"
    answers = [await post(url, CHAT, body)]
    answers.append(await ask(url, "POST", "/v1/files", chunked, [("transfer-encoding", "chunked")]))
    answers.append(await ask(url, "POST", CHAT, b"{", [("content-length", "99999999999")]))
    for got in answers:
        assert (got.status, got.header("x-outrider-error")) == (413, "request_too_large")
        assert "OUTRIDER_MAX_BODY_MB" in got.json["error"]["message"]
    assert not script.heard
    assert (await post(url, CHAT, body[:60_000] + b'"}')).status == 200


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES, EMBEDDINGS])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a":1}}'])
async def test_what_is_no_json_is_told_or_passed(script: Script, url: str, path: str, body: bytes) -> None:
    """What is no JSON is a 400 of ours in the path's own shape, or the provider's to refuse; never a 5xx."""
    got = await post(url, path, body)
    assert got.status in (200, 400)
    if got.status == 400:
        assert got.header("x-outrider-error") == "invalid_json"
        assert got.json["error"]["message"].startswith("Outrider: ")
        assert (got.json.get("type") == "error") == (path == MESSAGES)
    else:
        assert script.heard[-1].body == body


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:9/v1/models",
        "http://metadata.google.internal/v1/models",
        "//evil.example/v1/models",
        "/v1/models?url=http://evil.example",
        "/v1//evil.example/models",
        "/v1/@evil.example/models",
    ],
)
async def test_no_target_leads_elsewhere(script: Script, url: str, target: str) -> None:
    """Whatever host a request line names, only the configured upstream is asked, under its own name."""
    got = await ask(url, "GET", target)
    assert got.status in (200, 404)
    assert len(script.heard) == (got.status == 200)
    assert all(heard.header("host") == script.url.removeprefix("http://") for heard in script.heard)


CLIMBING = ("/v1/../admin", "/v1/files/../../secret", "/v1/%2e%2e/admin", "/v1/.%2E/admin", "/v1/..", "/v1/.%2e%2fx")


@pytest.mark.parametrize("rest", [*CLIMBING, "/s/one/v1/../x", "/s/../v1/models"])
async def test_no_path_climbs(script: Script, ride: Ride, rest: str) -> None:
    """Dot segments never reach the upstream, where they would lead out of the API that was configured."""
    got = await ask(await ride(upstream=f"{script.url}/team/v1"), "GET", rest)
    assert got.status == 404
    assert not script.heard


ELSEWHERE = ("http://127.0.0.1:9/v1", "evil.example", "http://169.254.169.254", "../first", "default/", "")


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_an_upstream_is_a_name(script: Script, url: str, where: str) -> None:
    """`x-outrider-upstream` takes a configured name and nothing else: any URL is a 404 that lists the names."""
    got = await post(url, CHAT, QUESTIONS[CHAT], [("x-outrider-upstream", where)])
    if where:
        assert (got.status, got.header("x-outrider-error")) == (404, "unknown_upstream")
        assert "default" in got.json["error"]["message"]
    assert len(script.heard) == (not where)


@pytest.mark.parametrize("part", ["%0d%0aevil:%201", "%00", "%c3%a9", "a%2fb", "%ff", "%E2%80%AE", "x" * 3000])
async def test_names_cannot_split_headers(script: Script, url: str, part: str) -> None:
    """Line breaks, controls and other letters in a session or agent name end up in no header as such."""
    got = await post(url, f"/s/{part}/a/{part}{CHAT}", QUESTIONS[CHAT])
    assert got.status == 200
    assert "evil" not in {name.lower() for name, _ in got.headers}
    for name in ("x-outrider-session", "x-outrider-agent"):
        assert len(got.all(name)) == 1
        assert got.header(name).isascii()
        assert got.header(name).isprintable()
    assert "evil" not in str(script.heard[0].headers)


async def test_names_are_not_smuggled_upstream(script: Script, url: str) -> None:
    """A request hidden in another's body stays body: one request in is one request out."""
    hidden = b"GET /v1/stolen HTTP/1.1\r\nhost: x\r\n\r\n"
    async with calling(url) as caller:
        await caller.send("POST", "/v1/files", hidden, [("content-length", str(len(hidden)))])
        assert (await caller.answer()).status == 200
    assert [(heard.target, heard.body) for heard in script.heard] == [("/v1/files", hidden)]


@pytest.mark.parametrize(
    "framing",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/stolen HTTP/1.1\r\nhost: x\r\n\r\n",
        b"content-length: 3\r\ncontent-length: 9\r\n\r\nabcdefghi",
        b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"content-length: -1\r\n\r\n",
        b"x-split: a\nb: c\r\ncontent-length: 0\r\n\r\n",
    ],
)
async def test_ambiguous_framing_smuggles_nothing(script: Script, url: str, framing: bytes) -> None:
    """A request whose length can be read in two ways is refused, or is one request; never two (RFC 9112, 11.2)."""
    async with calling(url) as caller:
        await caller.write(b"POST /v1/files HTTP/1.1\r\nhost: x\r\n" + framing)
        async with asyncio.timeout(5):
            head = await caller.head()
        assert head.status in (200, 400)
    assert "/v1/stolen" not in [heard.target for heard in script.heard]
    assert len(script.heard) <= 1


async def test_own_errors_are_recognisable(ride: Ride) -> None:
    """Every error of ours says so in a header and in its type."""
    gone = await ride(upstream="http://127.0.0.1:9/v1")
    shut = await ride(keys="our-key")
    small = await ride(max_body_mb=0.00001)
    for got in (
        await post(gone, CHAT, QUESTIONS[CHAT]),
        await post(shut, CHAT, QUESTIONS[CHAT]),
        await post(small, CHAT, QUESTIONS[CHAT]),
        await post(gone, CHAT, b"{"),
        await ask(gone, "GET", "/nothing"),
        await ask(gone, "GET", "/outrider/nothing"),
    ):
        assert got.json["error"]["type"] == "outrider_error"
        assert got.header("x-outrider-error") == got.json["error"]["code"]


async def test_a_page_in_a_browser_reads_no_session(url: str) -> None:
    """A page of another host that was rebound to loopback is not shown sessions: an admin page asked for under a
    host name that is not this machine's is refused."""
    hosts = {"evil.example": 403, "localhost.evil.example": 403, "127.0.0.1:8080": 200, "[::1]": 200}
    for host, status in hosts.items():
        assert (await ask(url, "GET", "/outrider/sessions", headers=[("host", host)])).status == status


async def test_what_was_asked_stays_with_its_caller(script: Script, url: str) -> None:
    """A session id of another caller, named outright, opens nothing: it is a session of one's own of that name."""
    script.handler = lambda _: Script.json(chat())
    for key in ("sk-ann", "sk-bob"):
        await post(url, f"/s/shared-name{CHAT}", QUESTIONS[CHAT], bearer(key))
    rows = (await ask(url, "GET", "/outrider/sessions")).json["sessions"]
    mine = [row for row in rows if row["session"] == "shared-name"]
    assert [row["requests"] for row in mine] == [1, 1]
    assert len({row["caller"] for row in mine}) == 2
    assert not any("sk-" in json.dumps(row) for row in mine)

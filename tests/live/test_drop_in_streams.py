"""Drop-in, streams: what the provider streams is what the client gets, when it comes and as it comes.

It must not know how the road does it; each test is a dialogue over sockets, told by its line of the list.
"""

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.testing import Line, Piece, Script
from tests.live.caller import Broke, Got, calling, post
from tests.live.conftest import Ride
from tests.live.replies import (
    CHAT,
    MESSAGES,
    QUESTIONS,
    RESPONSES,
    STREAMS,
    Json,
    chat_stream,
    delta,
    error,
    tool_stream,
    usage_chunk,
)

pytestmark = pytest.mark.anyio
STREAMED = ("text/event-stream", "text/event-stream; charset=utf-8")
CHOPPED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def stream(url: str, path: str = CHAT, **fields: Any) -> Got:
    """The whole answer to a question that asks for a stream."""
    return await post(url, path, {**QUESTIONS[path], "stream": True, **fields})


def told(got: Got) -> list[Any]:
    """The events, parsed."""
    return [event if event == "[DONE]" else json.loads(event) for event in got.events]


async def test_the_role_only_delta_is_kept(script: Script, url: str) -> None:
    """Line 11: the first delta, which names the role and says nothing, arrives."""
    script.say(Script.sse(*chat_stream("A", "head.")))
    assert told(await stream(url)) == chat_stream("A", "head.")


async def test_finish_reason_null_is_kept(script: Script, url: str) -> None:
    """Line 12: chunks in the middle say `finish_reason: null` in so many words, and `logprobs: null` too."""
    script.say(Script.sse(*chat_stream("A", "head.")))
    middle = told(await stream(url))[:3]
    assert [event["choices"][0]["finish_reason"] for event in middle] == [None] * 3
    assert all("logprobs" in event["choices"][0] for event in middle)


async def test_tool_call_deltas_are_verbatim(script: Script, url: str) -> None:
    """Line 13: interleaved pieces of two tool calls keep their index, their order and every byte of their arguments."""
    line = Script.sse(*tool_stream())
    script.say(line)
    assert (await stream(url)).body == b"".join(piece.data for piece in line.pieces)


@pytest.mark.parametrize("reason", ["tool_calls", "stop", "length", "content_filter", "tomorrow"])
async def test_finish_reason_passes(script: Script, url: str, reason: str) -> None:
    """Line 14: the final finish reason is the provider's, whatever it is."""
    script.say(Script.sse(delta(role="assistant"), delta(reason), "[DONE]"))
    assert told(await stream(url))[1]["choices"][0]["finish_reason"] == reason


async def test_usage_that_was_asked_for_passes(script: Script, url: str) -> None:
    """Line 15: `include_usage` goes upstream; the usage chunk comes back with no choices, `usage: null` before it."""
    chunks: list[Json | str] = [
        {**delta(content="A"), "usage": None},
        {**delta("stop"), "usage": None},
        usage_chunk(),
        "[DONE]",
    ]
    script.say(Script.sse(*chunks))
    assert told(await stream(url, stream_options={"include_usage": True})) == chunks
    assert json.loads(script.heard[0].body)["stream_options"] == {"include_usage": True}


async def test_usage_is_not_asked_for_behind_the_client(script: Script, url: str) -> None:
    """Line 16: a client who did not ask for usage has no `stream_options` sent in its name, and gets no usage."""
    script.say(Script.sse(*chat_stream("A")))
    got = await stream(url)
    assert "stream_options" not in json.loads(script.heard[0].body)
    assert not any("usage" in event for event in told(got) if event != "[DONE]")


UNICODE = b"".join(piece.data for piece in Script.sse(*chat_stream("Kutsche \u00e9", "\U0001f40e", "\u4e2d")).pieces)
UNESCAPED = UNICODE.decode().encode().replace(b"\\u00e9", "é".encode()).replace(b"\\ud83d\\udc0e", "🐎".encode())


@CHOPPED
@given(cuts=st.lists(st.integers(1, len(UNESCAPED) - 1), max_size=40, unique=True))
async def test_events_cut_anywhere_arrive_whole(script: Script, url: str, cuts: list[int]) -> None:
    """Line 17: wherever the network cuts events and characters of several bytes, the client gets the same bytes."""
    borders = [0, *sorted(cuts), len(UNESCAPED)]
    pieces = [UNESCAPED[start:end] for start, end in pairwise(borders)]
    script.say(Line(headers=[("Content-Type", STREAMED[0])], body=pieces, framing="chunked"))
    got = await stream(url)
    assert got.body == UNESCAPED
    assert got.body.count(b"[DONE]") == 1


DIALECT = (
    b": ping\r\n\r\n"
    b"event: message\r\nid: 7\r\nretry: 9\r\ndata: {\"choices\":\r\ndata: []}\r\n\r\n"
    b":\n\ndata:{\"choices\":[]}\n\n"
    b"data: [DONE]\r\n\r\n"
)  # fmt: skip


@pytest.mark.parametrize("path", STREAMS)
async def test_dialects_of_event_streams_pass(script: Script, url: str, path: str) -> None:
    """Line 18: line ends, comments, ids, events of several lines pass as they are, on every path."""
    script.say(Line(headers=[("Content-Type", STREAMED[1])], body=DIALECT, framing="chunked"))
    assert (await stream(url, path)).body == DIALECT


@pytest.mark.parametrize("path", STREAMS)
async def test_done_is_said_as_often_as_the_provider_says_it(script: Script, url: str, path: str) -> None:
    """Line 18: `[DONE]` ends a chat stream exactly once, and no other."""
    script.say(Script.sse(*STREAMS[path], named=path != CHAT))
    got = await stream(url, path)
    assert told(got) == STREAMS[path]
    assert got.body.count(b"[DONE]") == (path == CHAT)


@pytest.mark.parametrize("path", STREAMS)
async def test_the_first_byte_waits_for_nothing(script: Script, url: str, path: str) -> None:
    """Line 19: each event is handed on while the upstream has not said the next one; nothing is compressed."""
    say = asyncio.Event()

    async def slow(_: object) -> Line:
        await say.wait()
        return Script.sse(*STREAMS[path][2:], named=path != CHAT)

    script.handler = slow
    first = Script.sse(*STREAMS[path][:2], named=path != CHAT)
    script.say(Line(headers=first.headers, body=first.body, framing="chunked", ending="stay"))
    async with calling(url) as caller:
        body = json.dumps(QUESTIONS[path] | {"stream": True}).encode()
        await caller.send("POST", path, body, [("accept-encoding", "gzip, br")])
        head = await caller.head()
        begun = b""
        while len(begun) < sum(len(piece.data) for piece in first.pieces):
            begun += await caller.chunk()
        assert begun == b"".join(piece.data for piece in first.pieces)
        assert head.header("content-encoding") == ""
        assert head.header("cache-control") == "no-cache"
        assert head.header("x-accel-buffering") == "no"


async def test_the_providers_own_cache_control_stays(script: Script, url: str) -> None:
    """Line 19: where the provider says how its stream may be cached, that is what the client reads."""
    script.say(Script.sse("[DONE]", headers=[("Cache-Control", "no-store, private")]))
    assert (await stream(url)).all("cache-control") == ["no-store, private"]


CLOSING = {CHAT: '"type":"outrider_error"', RESPONSES: "outrider_error", MESSAGES: "event: error"}


@pytest.mark.parametrize("ending", ["fin", "rst"])
@pytest.mark.parametrize("path", STREAMS)
async def test_a_death_between_events_is_told(script: Script, url: str, path: str, ending: Any) -> None:
    """Line 20: an upstream that dies between two events leaves an error event, and no end that looks good."""
    script.say(Script.sse(*STREAMS[path][:2], named=path != CHAT, ending=ending))
    got = await stream(url, path)
    assert CLOSING[path] in got.body.decode()
    assert b"[DONE]" not in got.body
    assert b"message_stop" not in got.body
    assert b"response.completed" not in got.body


@pytest.mark.parametrize("ending", ["fin", "rst"])
@pytest.mark.parametrize("framing", ["chunked", "length"])
async def test_a_death_within_an_event_breaks_the_connection(
    script: Script, url: str, ending: Any, framing: Any
) -> None:
    """Line 20: an upstream that dies inside an event, or inside a document, breaks the client's connection."""
    cut = [Piece(b'data: {"choi')]
    length = [("content-length", "99")] if framing == "length" else []
    script.say(Line(headers=[("content-type", STREAMED[0]), *length], body=cut, framing=framing, ending=ending))
    with pytest.raises(Broke):
        await stream(url)


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_a_refused_stream_is_no_stream(script: Script, url: str, path: str, status: int) -> None:
    """Line 21: an upstream that refuses a stream is quoted: its status, its JSON, its content type."""
    refusal = Script.json(error("no"), status=status)
    script.say(refusal)
    got = await stream(url, path)
    assert (got.status, got.body, got.header("content-type")) == (status, refusal.body, "application/json")


async def test_silence_gets_comments_where_wanted(script: Script, ride: Ride) -> None:
    """Line 22: with a heartbeat a silent upstream leaves comments, then its events whole; without one there is none."""
    slow = Script.sse(*chat_stream("A"), wait_s=0.35, after_s=0.15)
    script.say(slow, slow)
    plain = b"".join(piece.data for piece in slow.pieces)
    beating = await stream(await ride(sse_keepalive_s=0.1))
    assert beating.body.startswith(b": keep-alive\n\n")
    assert beating.body.replace(b": keep-alive\n\n", b"") == plain
    assert (await stream(await ride())).body == plain


async def test_a_late_refusal_comes_in_band(script: Script, ride: Ride) -> None:
    """Line 22: a stream opened early by its heartbeat tells the upstream's refusal as an event."""
    script.say(Script.json(error("too late"), status=429, wait_s=0.3))
    got = await stream(await ride(sse_keepalive_s=0.1))
    assert json.loads(got.events[-1]) == error("too late")


async def test_an_early_refusal_keeps_its_status(script: Script, ride: Ride) -> None:
    """Line 22: a refusal within the first heartbeat is told as without one."""
    script.say(Script.json(error("no"), status=429, headers=[("retry-after", "3")]))
    got = await stream(await ride(sse_keepalive_s=5))
    assert (got.status, got.header("retry-after"), got.json) == (429, "3", error("no"))


async def test_only_silence_is_timed(script: Script, ride: Ride) -> None:
    """Line 23: a stream may last many times the limit between chunks; only a silence of that length ends it."""
    url = await ride(between_chunks_timeout_s=0.4)
    long = Script.sse(*chat_stream(*"Ahead, a while"), after_s=0.1)
    silent = Script.sse(*chat_stream("A")[:2], ending="stay")
    script.say(long, silent)
    assert told(await stream(url)) == chat_stream(*"Ahead, a while")
    async with asyncio.timeout(5):
        got = await stream(url)
    assert "timeout" in got.events[-1]
    assert "outrider_error" in got.events[-1]


async def test_waiting_for_the_first_byte_has_its_own_limit(script: Script, ride: Ride) -> None:
    """Line 23: the first byte may take longer than a silence later on; past its own limit it is a 504 of ours."""
    url = await ride(first_byte_timeout_s=0.8, between_chunks_timeout_s=0.2)
    script.say(Script.sse(*chat_stream("A"), wait_s=0.5), Line(silent=True, ending="stay"))
    assert told(await stream(url)) == chat_stream("A")
    late = await stream(url)
    assert (late.status, late.header("x-outrider-error")) == (504, "timeout")

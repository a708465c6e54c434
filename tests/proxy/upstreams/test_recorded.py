"""Claims about answering from recordings, told with the official client's shapes and the shipped sessions."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest

from proxy.exchange import Completion, Exchange, Request, Session
from proxy.recorder import Recorder
from proxy.recording import write
from proxy.upstreams.recorded import RecordedUpstream
from tests.proxy.upstreams.requests import FORMS, body_of, chat, get, post

pytestmark = pytest.mark.anyio
SESSIONS = Path(__file__).parents[3] / "proxy" / "data" / "sessions.jsonl.gz"
ARGUMENTS = '{"a":2,"b":2}'
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": ARGUMENTS}}
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Two plus two?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "4"},
    {"role": "assistant", "content": "It is four, as far as anybody knows."},
]


def file(folder: Path, *lines: bytes) -> list[str]:
    path = folder / "recorded.jsonl"
    path.write_bytes(b"\n".join(lines))
    return [str(path)]


def trace(messages: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"id": "t", "agent_model": "gpt-4o", "messages": messages, "at_s": None})


async def test_every_shipped_reply_is_found() -> None:
    """Each reply of every shipped session comes back, word for word and call for call, for the messages before it."""
    upstream = RecordedUpstream("rec", [str(SESSIONS)])
    form = FORMS.of("POST", "/v1/chat/completions")
    asked = 0
    for line in gzip.decompress(SESSIONS.read_bytes()).splitlines():
        messages = orjson.loads(line)["messages"]
        first = next(place for place, message in enumerate(messages) if message["role"] == "user")
        for place in range(first + 1, len(messages)):
            if messages[place]["role"] != "assistant":
                continue
            reply = await upstream.send(chat(messages=messages[:place]))
            assert reply.status == 200
            said = form.fold(await body_of(reply), events=False).turns[0]
            asked += 1
            alike = form.fold(orjson.dumps({"choices": [{"message": messages[place]}]}), events=False).turns[0]
            assert bool(said.calls) == bool(alike.calls)
    assert asked > 20


async def test_a_whole_reply(tmp_path: Path) -> None:
    """A chat completion with the message, the reason it ended, tokens, and the model that was asked for."""
    upstream = RecordedUpstream("rec", file(tmp_path, trace(MESSAGES)), count=len)
    told = orjson.loads(await body_of(await upstream.send(chat(model="gpt-x", messages=MESSAGES[:2]))))
    assert told["object"] == "chat.completion"
    assert told["model"] == "gpt-x"
    assert told["choices"][0]["message"]["tool_calls"] == [CALL]
    assert told["choices"][0]["finish_reason"] == "tool_calls"
    assert told["usage"]["prompt_tokens"] == len("Be brief.Two plus two?")


async def test_a_streamed_reply(tmp_path: Path) -> None:
    """The same as events, with usage where asked for, each event a chunk of its own."""
    upstream = RecordedUpstream("rec", file(tmp_path, trace(MESSAGES)))
    request = chat(messages=MESSAGES[:4], stream=True, stream_options={"include_usage": True})
    reply = await upstream.send(request)
    pieces = [piece async for piece in reply.chunks]
    outcome = FORMS.of("POST", request.path).fold(b"".join(pieces), events=True)
    assert outcome.turns[0].text == MESSAGES[4]["content"]
    assert outcome.usage is not None
    assert len(pieces) > 4
    assert (b"content-type", b"text/event-stream; charset=utf-8") in reply.headers


async def test_identical_beginnings_take_turns(tmp_path: Path) -> None:
    """Recordings that share a beginning answer one after the other, then again from the first."""
    answers = ["one", "two", "three"]
    lines = [trace([*MESSAGES[:2], {"role": "assistant", "content": answer}]) for answer in answers]
    upstream = RecordedUpstream("rec", file(tmp_path, *lines))
    told = [orjson.loads(await body_of(await upstream.send(chat(messages=MESSAGES[:2])))) for _ in range(4)]
    assert [each["choices"][0]["message"]["content"] for each in told] == ["one", "two", "three", "one"]
    assert told[0] == {**told[3], "usage": told[0]["usage"]}
    assert len({each["id"] for each in told}) == 3


async def test_what_was_not_recorded_says_how_near_it_was(tmp_path: Path) -> None:
    """A 404 in OpenAI's shape tells how many turns matched at best."""
    upstream = RecordedUpstream("rec", file(tmp_path, trace(MESSAGES)))
    reply = await upstream.send(chat(messages=[*MESSAGES[:4], {"role": "user", "content": "Really?"}]))
    error = orjson.loads(await body_of(reply))["error"]
    assert (reply.status, error["code"]) == (404, "not_recorded")
    assert "at best 4 of its 5 turns" in error["message"]
    assert (await upstream.send(Request("GET", "/v1/files"))).status == 404


async def test_a_changed_request_gets_the_answer_to_what_the_client_asked(tmp_path: Path) -> None:
    """Its words are no longer the recording's; its origin is, and the tokens are those of what was sent."""
    upstream = RecordedUpstream("rec", file(tmp_path, trace(MESSAGES)), count=len)
    asked = chat(messages=MESSAGES[:4]).conversation
    assert asked is not None
    changed = chat(messages=[MESSAGES[0], {"role": "user", "content": "In short: 2+2?"}])
    assert (await upstream.send(changed)).status == 404
    told = orjson.loads(await body_of(await upstream.send(changed.but(origin=asked.turns[-1].strict))))
    assert told["choices"][0]["message"]["content"] == MESSAGES[4]["content"]
    assert told["usage"]["prompt_tokens"] == len("Be brief.In short: 2+2?")


async def test_models_are_listed(tmp_path: Path) -> None:
    """GET /v1/models names the recorded models."""
    upstream = RecordedUpstream("rec", file(tmp_path, trace(MESSAGES)))
    told = orjson.loads(await body_of(await upstream.send(get("/v1/models"))))
    assert [entry["id"] for entry in told["data"]] == ["gpt-4o"]


def recording(request: Request, body: bytes, **completion: Any) -> bytes:
    done = Completion(200, ((b"content-type", b"x/y"), (b"content-length", b"1")), body, **completion)
    return write(Exchange("e", request, Session("s"), completion=done), mode="full")


async def test_our_own_recordings_give_back_their_bytes(tmp_path: Path) -> None:
    """In any wire form: status, headers and every byte, in the chunks in which they came."""
    beats = ((0.0, 3), (0.01, 4))
    requests = [
        chat("a", stream=True),
        post("/v1/responses", model="m", input="hello"),
        post("/v1/messages", model="m", messages=[{"role": "user", "content": "x"}]),
        post("/v1/embeddings", model="m", input="x"),
        get("/v1/files", "limit=2"),
    ]
    upstream = RecordedUpstream("rec", file(tmp_path, *(recording(each, b"bytes!!", beats=beats) for each in requests)))
    for request in requests:
        reply = await upstream.send(request)
        assert (reply.status, reply.headers) == (200, ((b"content-type", b"x/y"),))
        assert [piece async for piece in reply.chunks] == [b"byt", b"es!!"]
    assert (await upstream.send(get("/v1/files", "limit=3"))).status == 404


async def test_a_recording_asked_for_the_other_way(tmp_path: Path) -> None:
    """A chat that was recorded whole can be asked for as a stream."""
    body = orjson.dumps({"model": "m", "choices": [{"message": MESSAGES[2], "finish_reason": "tool_calls"}]})
    upstream = RecordedUpstream("rec", file(tmp_path, recording(chat("a"), body)))
    told = await body_of(await upstream.send(chat("a", stream=True)))
    outcome = FORMS.of("POST", "/v1/chat/completions").fold(told, events=True)
    assert outcome.turns[0].calls[0].arguments == ARGUMENTS


async def test_the_recorded_pace(tmp_path: Path) -> None:
    """With a speed, the bytes come no earlier than recorded, divided by it; at speed 0 they wait for nothing."""
    line = recording(chat("a"), b"ab", beats=((0.0, 1), (10.0, 1)), first_byte_s=0.2)
    loop = asyncio.get_running_loop()
    upstream = RecordedUpstream("rec", file(tmp_path, line), speed=2)
    reply, began = await upstream.send(chat("a")), loop.time()
    assert await anext(reply.chunks) == b"a"
    assert loop.time() - began >= 0.099
    at_once = RecordedUpstream("rec", file(tmp_path, line))
    async with asyncio.timeout(5):
        assert await body_of(await at_once.send(chat("a"))) == b"ab"


async def test_recordings_that_hold_what_was_added(tmp_path: Path) -> None:
    """Lines straight from a store answer as exported ones do; those whose beginning is gone do not answer."""
    recorder = Recorder("full")
    talk = [{"role": "user", "content": "How so? " * 1_000}, MESSAGES[4], {"role": "user", "content": "And now?"}]
    requests = [chat(messages=talk[:1]), chat(messages=talk)]
    lines = [
        recorder(Exchange(f"e{turn}", each, Session("s"), completion=Completion(200, body=b"answer %d" % turn)))
        for turn, each in enumerate(requests)
    ]
    upstream = RecordedUpstream("rec", file(tmp_path, *lines))
    assert [await body_of(await upstream.send(each)) for each in requests] == [b"answer 0", b"answer 1"]
    assert (await RecordedUpstream("rec", file(tmp_path, lines[1])).send(requests[1])).status == 404

"""Drop-in, the request's side: what the client sent is what the upstream gets.

It must not know how the road does it; each test is a dialogue over sockets, told by its line of the list.
"""

import base64
import gzip
import hashlib
import json
import zlib
from typing import Any

import pytest

from proxy.testing import Script
from tests.live.caller import Pairs, ask, calling, post
from tests.live.conftest import Ride
from tests.live.replies import ANSWERS, CHAT, MESSAGES, QUESTIONS, RESPONSES, chat

pytestmark = pytest.mark.anyio
TOMORROW = {"enable_thinking": True, "x_vendor": {"deep": [1, None, {"a": 1e-7}]}, "max_completion_tokens": 9}


@pytest.mark.parametrize("path", QUESTIONS)
async def test_unknown_fields_pass(script: Script, url: str, path: str) -> None:
    """Line 1: fields nobody knows yet reach the upstream unchanged, on every path that is read."""
    script.say(Script.json(ANSWERS[path]))
    await post(url, path, QUESTIONS[path] | TOMORROW)
    assert json.loads(script.heard[0].body) == QUESTIONS[path] | TOMORROW


@pytest.mark.parametrize("path", QUESTIONS)
async def test_nothing_of_ours_goes_upstream(script: Script, url: str, path: str) -> None:
    """Line 2: neither headers of ours, nor the identity in the URL, nor any field of ours reaches the upstream."""
    script.say(Script.json(ANSWERS[path]))
    own = [("x-outrider-session", "s1"), ("X-Outrider-Agent", "planner"), ("x-outrider-tomorrow", "1")]
    await post(url, f"/s/one/a/two/r/three{path}", QUESTIONS[path], own)
    heard = script.heard[0]
    assert heard.target == path
    assert json.loads(heard.body) == QUESTIONS[path]
    assert b"outrider" not in heard.head.lower()


ODD = (
    b'\n{ "temperature" :1.0,"top_p":1E-0, "seed": 12345678901234567890123,\t"model":"gpt-4o", '
    b'"a":1,"a":2, "u":"\\u00e9\\ud83d\\ude00\xc3\xa9\\/","messages":[{"content":"x","role":"user"}] }\r\n '
)


@pytest.mark.parametrize("policies", ["off", "session"])
async def test_bodies_pass_byte_for_byte(script: Script, ride: Ride, policies: str) -> None:
    """Line 3: spacing, number formats, doubled keys and escapes arrive as they were written."""
    url = await ride(policies=policies)
    await post(url, CHAT, ODD)
    assert script.heard[0].body == ODD


async def test_prefix_is_stable_across_turns(script: Script, url: str) -> None:
    """Line 4: each turn's body begins with the last one's messages, cache marks and signed blocks included."""
    script.handler = lambda _: Script.json(ANSWERS[MESSAGES])
    signed = {"type": "thinking", "thinking": "", "signature": "RXE="}
    use = {"type": "tool_use", "id": "toolu_01AbCdEf", "name": "scout", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_01AbCdEf", "content": "clear"}
    marked = {"type": "text", "text": "Go on.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    turns = [("user", [marked]), ("assistant", [signed, use]), ("user", [result, marked])] * 3
    messages = [{"role": role, "content": content} for role, content in turns]
    sent = []
    for count in range(1, len(messages) + 1, 2):
        sent.append(json.dumps({"messages": messages[:count], "model": "claude-next", "max_tokens": 9}).encode())
        await post(url, MESSAGES, sent[-1])
    assert [heard.body for heard in script.heard] == sent


REASONED: list[tuple[str, dict[str, Any]]] = [
    (CHAT, {"role": "assistant", "content": "", "reasoning_content": "First…", "tool_calls": []}),
    (CHAT, {"role": "assistant", "reasoning_details": [{"type": "reasoning.encrypted", "data": "gA=="}]}),
    (CHAT, {"role": "assistant", "tool_calls": [{"extra_content": {"google": {"thought_signature": "s/g+"}}}]}),
    (MESSAGES, {"role": "assistant", "content": [{"type": "thinking", "thinking": "", "signature": "RXE="}]}),
    (MESSAGES, {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "b64=="}]}),
    (RESPONSES, {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAA=="}),
]


@pytest.mark.parametrize(("path", "item"), REASONED)
async def test_reasoning_comes_back(script: Script, url: str, path: str, item: dict[str, Any]) -> None:
    """Line 5: a reasoning item reaches the client as the provider wrote it, and goes back as the client sends it."""
    script.say(Script.json({"output": [item]}), Script.json({}))
    got = await post(url, path, QUESTIONS[path])
    field = "input" if path == RESPONSES else "messages"
    await post(url, path, {"model": "m", field: [{"role": "user", "content": "Go."}, got.json["output"][0]]})
    assert json.loads(script.heard[1].body)[field][1] == item


async def test_headers_pass_as_they_are(script: Script, url: str) -> None:
    """Line 6: the client's headers pass in their order, doubled ones too; those of the hop stay; none is invented."""
    own: Pairs = [
        ("authorization", "Bearer sk-client"),
        ("openai-organization", "org-1"),
        ("anthropic-beta", "one"),
        ("anthropic-beta", "two"),
        ("x-stainless-retry-count", "1"),
        ("cookie", "a=1; b=2"),
        ("x-odd", "caf\xe9 \x80"),
        ("content-type", "application/json; charset=utf-8"),
    ]
    hop = [("connection", "keep-alive, x-mine"), ("x-mine", "1"), ("te", "trailers"), ("expect", "100-continue")]
    body = json.dumps(QUESTIONS[CHAT]).encode()
    await ask(url, "POST", CHAT, body, [*own, *hop, ("accept-encoding", "gzip, br, zstd")])
    heard = script.heard[0]
    port = script.url.removeprefix("http://")
    added = {("host", port), ("accept-encoding", "identity"), ("content-length", str(len(body)))}
    told = [(name.lower(), value) for name, value in heard.headers]
    assert [pair for pair in told if pair not in added] == list(own)
    assert len(told) == len(own) + len(added)


async def test_no_header_is_invented(script: Script, url: str) -> None:
    """Line 6: a request without any header of its own gets no user agent, no accept, no content type."""
    await ask(url, "GET", "/v1/models")
    assert {name.lower() for name, _ in script.heard[0].headers} == {"host", "accept-encoding"}


@pytest.mark.parametrize("path", [CHAT, "/v1/files"])
async def test_large_bodies_pass(script: Script, url: str, path: str) -> None:
    """Line 7: 36 MB pass whole, read and unread; so does a body in chunks, after a `100 Continue`."""
    large, small = _picture(27 << 20), _picture(2 << 20)
    async with calling(url) as caller:
        await caller.send("POST", path, large)
        assert (await caller.answer()).status == 200
        framing = [("transfer-encoding", "chunked"), ("expect", "100-continue")]
        await caller.send("POST", path, _in_chunks(small), framing)
        assert (await caller.answer()).status == 200
    assert [_digest(heard.body) for heard in script.heard] == [_digest(large), _digest(small)]


def _picture(size: int) -> bytes:
    picture = base64.b64encode(bytes(range(256)) * (size >> 8)).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
    return json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}).encode()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _in_chunks(body: bytes, size: int = 1 << 20) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_compressed_bodies_pass(script: Script, url: str, encoding: str, pack: Any) -> None:
    """Line 8: a compressed body passes as it is, under its own name, and is read nonetheless: its session is known."""
    script.handler = lambda _: Script.json(chat("Ahead, on the north road."))
    first = QUESTIONS[CHAT]["messages"]
    reply = {"role": "assistant", "content": "Ahead, on the north road."}
    told = [*first, reply, {"role": "user", "content": "How far?"}]
    sent = [pack(json.dumps({"model": "gpt-4o", "messages": messages}).encode()) for messages in (first, told)]
    got = [await post(url, CHAT, body, [("content-encoding", encoding)]) for body in sent]
    assert [heard.body for heard in script.heard] == sent
    assert [heard.header("content-encoding") for heard in script.heard] == [encoding] * 2
    assert len({each.header("x-outrider-session") for each in got}) == 1


async def test_odd_compressed_bodies_pass(script: Script, url: str) -> None:
    """Line 8: a body in an encoding that nobody here can undo, or that is none at all, passes as it is."""
    for encoding, body in (("br", b"\x0b\x02\x80"), ("gzip", b"not gzip"), ("zstd", b"\x28\xb5\x2f\xfd")):
        assert (await post(url, CHAT, body, [("content-encoding", encoding)])).status == 200
        assert script.heard[-1].body == body


async def test_content_is_never_flattened(script: Script, url: str) -> None:
    """Line 9: lists of parts, developer and tool roles, and null content stay what they are."""
    sound = {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}
    parts = [{"type": "text", "text": "Look."}, sound]
    call = {"id": "call_A1b2C3d4", "type": "function", "function": {"name": "scout", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": parts, "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": [call], "refusal": None},
        {"role": "tool", "tool_call_id": "call_A1b2C3d4", "content": [{"type": "text", "text": ""}]},
    ]
    await post(url, CHAT, {"model": "gpt-4o", "messages": messages})
    assert json.loads(script.heard[0].body)["messages"] == messages


async def test_rerouting_touches_only_the_model(script: Script, ride: Ride) -> None:
    """Line 10: `name/model` goes to that upstream with the model's own name; no other byte changes, up or down."""
    url = await ride(upstreams={"first": "http://127.0.0.1:9/v1", "second": f"{script.url}/v1"})
    answer = Script.json(chat(), headers=[("openai-version", "2020-10-01")])
    script.say(answer)
    body = b'{ "z":1.50, "model" : "second/gpt-4o", "messages":[{"role":"user","content":"model: second/gpt-4o"}]}'
    got = await post(url, CHAT, body)
    assert script.heard[0].body == body.replace(b"second/", b"", 1)
    assert got.body == answer.body
    assert got.json["model"] == "gpt-4o-2024-08-06"

"""Anthropic Messages: requests as clients write them, replies as they are streamed, and both in one digest.

It must not know any other form.
"""

import json
from collections.abc import Callable
from typing import Any

import anthropic
import pytest

from proxy.conversation import ToolCall, ToolResult
from proxy.exchange import Usage
from proxy.wire.forms import Forms
from tests.proxy.wire.chains import joined, last, texts

MESSAGES = Forms().of("POST", "/v1/messages")
THINKING = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
TEXT = {"type": "text", "text": "Looking.", "citations": None}
TOOL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome", "days": 2}}
CONTENTS: list[list[dict[str, Any]]] = [
    [TEXT],
    [THINKING, TEXT, TOOL],
    [TEXT, {**TEXT, "text": "Again. 🐎"}, TOOL, {**TOOL, "id": "toolu_2", "input": {}}],
    [{"type": "redacted_thinking", "data": "eA=="}, TEXT],
]
HEAD = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-1"}
USAGE = {"input_tokens": 3, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2, "output_tokens": 4}


def request(*messages: Any, **fields: Any) -> bytes:
    return json.dumps(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}, *messages], **fields}
    ).encode()


def reply(content: list[dict[str, Any]]) -> bytes:
    return json.dumps(
        {**HEAD, "content": content, "stop_reason": "end_turn", "stop_sequence": None, "usage": USAGE}
    ).encode()


_STREAMED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "text": ("text", "text_delta", {"text": ""}),
    "thinking": ("thinking", "thinking_delta", {"thinking": "", "signature": ""}),
    "tool_use": ("partial_json", "input_json_delta", {"input": {}}),
}
"""Where a block's pieces stand, under which kind of delta, and how the block begins."""


def block_events(index: int, block: dict[str, Any]) -> list[dict[str, Any]]:
    """A content block as the API streams it, letter by letter."""
    key, kind, empty = _STREAMED.get(block["type"], ("", "", {}))
    said = json.dumps(block["input"]) if block["type"] == "tool_use" and block["input"] else block.get(key, "")
    deltas = [{"type": kind, key: letter} for letter in said]
    if "signature" in block:
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    start = {"type": "content_block_start", "index": index, "content_block": {**block, **empty}}
    pieces = ({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
    return [start, *pieces, {"type": "content_block_stop", "index": index}]


def stream(content: list[dict[str, Any]], *, stop: bool = True) -> bytes:
    begun: dict[str, Any] = {
        **HEAD,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**USAGE, "output_tokens": 1},
    }
    events: list[dict[str, Any]] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for index, block in enumerate(content):
        events += block_events(index, block)
    if stop:
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 4, "input_tokens": None}})
        events.append({"type": "message_stop"})
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)


def test_request() -> None:
    """System text, blocks, calls and results become turns; other fields stay."""
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "12 °C"}]}
    flat = {"type": "tool_result", "tool_use_id": "toolu_2", "content": "rain", "is_error": True}
    conversation = MESSAGES.read(
        request(
            {"role": "assistant", "content": [TEXT, TOOL]},
            {"role": "user", "content": [result, flat, {"type": "text", "text": "so?"}]},
            system=[{"type": "text", "text": "Be kind."}, {"type": "text", "text": "Be brief."}],
            tools=[{"name": "weather", "input_schema": {}}, {"type": "web_search_20250305", "name": "web_search"}],
        )
    ).conversation
    assert conversation
    assert conversation.system == "Be kind.\nBe brief."
    assert conversation.tools == ("weather", "web_search")
    assert set(conversation.fields) == {"model", "max_tokens", "system"}
    assert texts(conversation.turns) == [("user", "hi"), ("assistant", "Looking."), ("user", "so?")]
    assert conversation.turns[1].calls == (ToolCall("toolu_1", "weather", '{"city":"Rome","days":2}'),)
    assert conversation.turns[2].results == (ToolResult("toolu_1", "12 °C"), ToolResult("toolu_2", "rain"))
    assert not any(turn.opaque for turn in conversation.turns)


@pytest.mark.parametrize(
    "block", [THINKING, {"type": "image", "source": {}}, {**TEXT, "cache_control": {"type": "ephemeral"}}]
)
def test_opaque(block: dict[str, Any]) -> None:
    """Thinking, images and cache marks make a turn opaque."""
    conversation = MESSAGES.read(request({"role": "user", "content": [block]})).conversation
    assert conversation
    assert [turn.opaque for turn in conversation.turns] == [False, True]


@pytest.mark.parametrize("content", CONTENTS)
def test_sent_back(content: list[dict[str, Any]], serve: Callable[[bytes, str], str]) -> None:
    """The reply, whole or streamed, has the digest of what the Anthropic SDK makes of it and sends back."""
    whole = MESSAGES.fold(reply(content), events=False)
    streamed = MESSAGES.fold(stream(content), events=True)
    expected = joined(MESSAGES.read(request()), whole)
    assert joined(MESSAGES.read(request()), streamed) == expected
    assert [turn.opaque for turn in streamed.turns] == [turn.opaque for turn in whole.turns]
    client = anthropic.Anthropic(base_url=serve(stream(content), "text/event-stream"), api_key="x")
    with (
        client,
        client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}]) as events,
    ):
        copy = events.get_final_message().model_dump(exclude_none=True)
    marked = [*content[:-1], {**content[-1], "cache_control": {"type": "ephemeral"}}]
    for variant in (content, copy["content"], marked):
        assert last(MESSAGES.read(request({"role": "assistant", "content": variant}))) == expected


def test_string_or_block() -> None:
    """A string is the same as one text block."""
    block = {"role": "assistant", "content": [{"type": "text", "text": "a"}]}
    assert last(MESSAGES.read(request(block))) == last(MESSAGES.read(request({"role": "assistant", "content": "a"})))


@pytest.mark.parametrize("events", [False, True])
def test_fold(events: bool) -> None:
    """Id, model, finish, and usage, of which the prompt includes what came from the cache or went into it."""
    outcome = MESSAGES.fold(stream([TEXT]) if events else reply([TEXT]), events=events)
    assert (outcome.id, outcome.model, outcome.finish, outcome.whole) == ("msg_1", "claude-1", "end_turn", True)
    assert outcome.usage == Usage(prompt=10, completion=4, cached=5, cache_write=2)


def test_died() -> None:
    """A stream that died keeps what was said and is not whole; an error in it is told."""
    died = (
        stream([TEXT], stop=False)
        + b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'
    )
    outcome = MESSAGES.fold(died, events=True)
    assert (texts(outcome.turns), outcome.whole, outcome.error) == ([("assistant", "Looking.")], False, "busy")


def test_ends() -> None:
    """The end is `message_stop` with its blank line, not the same words in what the model says."""
    whole = stream([TEXT])
    assert MESSAGES.ends(whole[-64:])
    assert MESSAGES.ends(b'data: {"type":"message_stop","amazon-bedrock-invocationMetrics":{"latency":1}}\r\n\r\n')
    for tail in (
        b"",
        whole[:-1],
        stream([TEXT], stop=False),
        stream([{**TEXT, "text": '\ndata: {"type":"message_stop"}\n\n'}], stop=False),
    ):
        assert not MESSAGES.ends(tail)


def test_sdk_raises(serve: Callable[[bytes, str], str]) -> None:
    """Our own error at the end of a stream makes the Anthropic SDK raise, with our words."""
    body = stream([TEXT], stop=False) + MESSAGES.stream_failure("the upstream went away", code="closed")
    with anthropic.Anthropic(base_url=serve(body, "text/event-stream"), api_key="x") as client:
        events = client.messages.create(model="m", max_tokens=9, messages=[], stream=True)
        with pytest.raises(anthropic.APIError, match="Outrider: the upstream went away"):
            list(events)

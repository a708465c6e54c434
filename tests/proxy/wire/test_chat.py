"""Chat Completions: requests as clients write them, replies as providers stream them, and both in one digest.

It must not know any other form.
"""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion

from proxy.conversation import ToolCall, ToolResult
from proxy.exchange import Usage
from proxy.wire.forms import Forms
from tests.proxy.wire.chains import joined, last, texts

CHAT = Forms().of("POST", "/v1/chat/completions")
ASKED = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Weather in Rome?"}]
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome", "days": 2}'}}


def request(*messages: Any, **fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": [*ASKED, *messages], **fields}).encode()


def reply(message: dict[str, Any], finish: str = "stop") -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m-1"}
    return json.dumps({**head, "choices": [choice], "usage": usage}).encode()


def stream(*deltas: Any, finish: str | None = "stop", done: bool = True, usage: Any = None) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m-1"}
    ended: list[Any] = [({}, finish)] if finish else []
    choices = [
        [{"index": 0, "delta": delta, "finish_reason": end}] for delta, end in [*((d, None) for d in deltas), *ended]
    ]
    chunks = [{**head, "choices": choice, "usage": None} for choice in choices]
    if usage:
        chunks.append({**head, "choices": [], "usage": usage})
    lines = [json.dumps(chunk) for chunk in chunks] + (["[DONE]"] if done else [])
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def test_request() -> None:
    """Model, stream, system text, tools, the other fields and every message's words, calls and results are read."""
    tools = [
        {"type": "function", "function": {"name": "weather"}},
        {"type": "custom", "custom": {"name": "sh"}},
        {"type": "web_search"},
    ]
    body = CALL | {"function": {"name": "weather", "arguments": "{}"}}
    custom = {"id": "c2", "type": "custom", "custom": {"name": "sh", "input": "ls"}}
    read = CHAT.read(
        request(
            {"role": "assistant", "content": None, "tool_calls": [body, custom]},
            {
                "role": "tool",
                "tool_call_id": "call_1",
                "content": [{"type": "text", "text": "12"}, {"type": "text", "text": "°C"}],
            },
            {"role": "assistant", "name": "ann", "content": None, "refusal": "I cannot."},
            stream=True,
            tools=tools,
            functions=[{"name": "old"}],
            temperature=0.5,
        )
    )
    assert (read.model, read.stream) == ("m", True)
    conversation = read.conversation
    assert conversation
    assert conversation.system == "Be kind."
    assert conversation.tools == ("weather", "sh", "web_search", "old")
    assert conversation.fields == {"model": "m", "stream": True, "temperature": 0.5}
    assert conversation.turns[2].calls == (ToolCall("call_1", "weather", "{}"), ToolCall("c2", "sh", "ls"))
    assert conversation.turns[3].results == (ToolResult("call_1", "12\n°C"),)
    assert (conversation.turns[4].name, conversation.turns[4].text) == ("ann", "I cannot.")


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]},
        {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]},
        {"role": "assistant", "content": "a", "reasoning_content": "hm"},
        {"role": "assistant", "content": "a", "reasoning_details": [{"signature": "x"}]},
        {"role": "assistant", "content": "a", "thinking_blocks": []},
        {"role": "assistant", "tool_calls": [{**CALL, "extra_content": {"google": {"thought_signature": "x"}}}]},
    ],
)
def test_opaque(message: dict[str, Any]) -> None:
    """What is signed, cached or no text makes a turn opaque; the same fields as null do not."""
    conversation = CHAT.read(
        request(message, {"role": "assistant", "content": "a", "reasoning_content": None})
    ).conversation
    assert conversation
    assert [turn.opaque for turn in conversation.turns] == [False, False, True, False]


REPLIES: list[dict[str, Any]] = [
    {"role": "assistant", "content": "Sunny.", "refusal": None, "annotations": []},
    {"role": "assistant", "content": None, "refusal": "No."},
    {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "call_2"}]},
    {"role": "assistant", "content": "Looking.", "reasoning_content": "hm", "tool_calls": [CALL]},
    {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}},
]


@pytest.mark.parametrize("message", REPLIES)
def test_sent_back(message: dict[str, Any]) -> None:
    """A reply's turn has the digest that the client's copy of it will have, however the client writes it."""
    body = reply(message)
    expected = joined(CHAT.read(request()), CHAT.fold(body, events=False))
    copy = ChatCompletion.model_validate_json(body).choices[0].message.model_dump(exclude_none=True)
    spaced = json.loads(json.dumps(copy))
    for call in spaced.get("tool_calls", []):
        arguments = json.loads(call["function"]["arguments"])
        call["function"]["arguments"] = json.dumps(dict(reversed(arguments.items())), indent=2)
    parts = {**copy, "content": [{"type": "text", "text": copy["content"]}]} if copy.get("content") else copy
    for variant in (message, copy, spaced, parts, {"content": "", "refusal": None, **copy}):
        assert last(CHAT.read(request(variant))) == expected
    assert last(CHAT.read(request({**copy, "content": "else"}))) != expected


@pytest.mark.parametrize("message", REPLIES)
def test_stream_as_sdk(message: dict[str, Any], serve: Callable[[bytes, str], str]) -> None:
    """What is folded from a stream is what the OpenAI SDK makes of the same stream and sends back."""
    deltas: list[Any] = [{"role": "assistant", "content": ""}]
    deltas += [{key: piece} for key in ("content", "refusal", "reasoning_content") for piece in message.get(key) or ""]
    for index, call in enumerate(message.get("tool_calls", [])):
        name, arguments = call["function"].values()
        deltas.append({"tool_calls": [{**call, "index": index, "function": {"name": name, "arguments": ""}}]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in arguments]
    if "function_call" in message:
        deltas += [{"function_call": {"name": "weather", "arguments": "{"}}, {"function_call": {"arguments": "}"}}]
    body = stream(*deltas)
    outcome = CHAT.fold(body, events=True)
    whole = CHAT.fold(reply(message), events=False)
    assert outcome.turns == whole.turns
    if "function_call" in message:
        return  # the SDK cannot accumulate this legacy field; what is folded stands above
    client = openai.OpenAI(base_url=serve(body, "text/event-stream"), api_key="x")
    with client, client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "hi"}]) as events:
        copy = events.get_final_completion().choices[0].message.model_dump(exclude_none=True)
    assert last(CHAT.read(request(copy))) == joined(CHAT.read(request()), outcome)


def test_fold_json() -> None:
    """Id, model, finish, usage with its details, and the first choice."""
    document = json.loads(reply({"role": "assistant", "content": "a"}))
    document["choices"].append({"index": 1, "message": {"content": "b"}, "finish_reason": "length"})
    document["choices"].reverse()
    document["usage"] |= {
        "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    outcome = CHAT.fold(json.dumps(document).encode(), events=False)
    assert (outcome.id, outcome.model, outcome.finish, outcome.whole) == ("chatcmpl-1", "m-1", "stop", True)
    assert texts(outcome.turns) == [("assistant", "a")]
    assert outcome.usage == Usage(prompt=9, completion=4, cached=5, cache_write=2, reasoning=3)


def test_fold_usage_chunk() -> None:
    """Usage is taken from the chunk without choices; DeepSeek's spelling of cached tokens too."""
    outcome = CHAT.fold(stream({"content": "a"}, usage={"prompt_tokens": 7, "prompt_cache_hit_tokens": 4}), events=True)
    assert outcome.usage == Usage(prompt=7, cached=4)


@pytest.mark.parametrize(
    ("finish", "done", "whole"), [("stop", True, True), ("stop", False, True), (None, True, True), (None, False, False)]
)
def test_whole(finish: str | None, done: bool, whole: bool) -> None:
    """A stream is whole when it said that it is done or why it stopped."""
    assert CHAT.fold(stream({"content": "a"}, finish=finish, done=done), events=True).whole is whole


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (b'{"error":{"message":"too many","type":"t","code":null}}', "too many"),
        (b'{"error":"flat"}', "flat"),
        (b'{"object":"error","message":"vllm","code":400}', "vllm"),
        (b'{"detail":"Not Found"}', "Not Found"),
        (b'{"error":{"code":429}}', "429"),
    ],
)
def test_errors(error: bytes, message: str) -> None:
    """An error's message is found in the body and in the stream, in every shape."""
    assert CHAT.fold(error, events=False).error == message
    streamed = CHAT.fold(stream({"content": "a"}, finish=None, done=False) + b"data: " + error + b"\n\n", events=True)
    assert (streamed.error, streamed.whole, texts(streamed.turns)) == (message, False, [("assistant", "a")])


def test_calls_all_numbered_zero() -> None:
    """Servers that number every call 0 still make several calls; a repeated id does not make another."""
    first, again, second = (
        {"tool_calls": [{"index": 0, "id": id, "function": {"name": name, "arguments": arguments}}]}
        for id, name, arguments in (("a", "f", "{"), ("a", "f", "}"), ("b", "f", "{}"))
    )
    (turn,) = CHAT.fold(stream(first, again, second), events=True).turns
    assert turn.calls == (ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}"))


def test_character_over_two_chunks() -> None:
    """A character whose halves come in two chunks is one character."""
    assert texts(CHAT.fold(stream({"content": "\ud83d"}, {"content": "\udc0e!"}), events=True).turns) == [
        ("assistant", "🐎!")
    ]


def test_ends() -> None:
    """The end is `[DONE]` with its blank line on a line of its own, not the same word in what the model says."""
    whole = stream({"content": "a"})
    assert CHAT.ends(whole[-64:])
    assert CHAT.ends(b"data:[DONE]\r\n\r\n")
    for tail in (
        b"",
        whole[:-1],
        whole[:-2],
        stream({"content": "data: [DONE]\n\n"}, finish=None, done=False),
        b'{"x":"data: [DONE]\n\n',
    ):
        assert not CHAT.ends(tail[-64:])


def test_sdk_raises(serve: Callable[[bytes, str], str]) -> None:
    """Our own error at the end of a stream makes the OpenAI SDK raise, with our words."""
    body = stream({"content": "a"}, finish=None, done=False) + CHAT.stream_failure(
        "the upstream went away", code="closed"
    )
    with openai.OpenAI(base_url=serve(body, "text/event-stream"), api_key="x") as client:
        chunks = client.chat.completions.create(model="m", messages=[], stream=True)
        with pytest.raises(openai.APIError, match="Outrider: the upstream went away"):
            list(chunks)

"""Responses: input as clients write it, output as it is streamed, and both in one digest.

It must not know any other form.
"""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai.types.responses import Response

from proxy.conversation import ToolCall, ToolResult
from proxy.exchange import Usage
from proxy.wire.forms import Forms
from tests.proxy.wire.chains import joined, last, texts

RESPONSES = Forms().of("POST", "/v1/responses")
MESSAGE = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Sunny.", "annotations": [], "logprobs": []}],
}
CALL = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "weather",
    "arguments": '{"city": "Rome"}',
    "status": "completed",
}
REASONING: dict[str, Any] = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [],
    "encrypted_content": None,
    "content": None,
}
SEARCH = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {"type": "search", "query": "q", "sources": None},
}
MCP = {
    "type": "mcp_call",
    "id": "mcp_1",
    "name": "get",
    "server_label": "s",
    "arguments": "{}",
    "output": "x",
    "error": None,
}
USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 1},
    "output_tokens": 4,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 13,
}


def request(*items: Any, **fields: Any) -> bytes:
    return json.dumps({"model": "m", "input": [{"role": "user", "content": "hi"}, *items], **fields}).encode()


def response(*output: Any, **fields: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m-1", "status": "completed"}
    more = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "usage": USAGE, "error": None}
    return {**head, **more, "incomplete_details": None, "output": list(output), **fields}


def stream(*events: dict[str, Any]) -> bytes:
    numbered = ({"type": event["type"], "sequence_number": number, **event} for number, event in enumerate(events))
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in numbered)


def streamed(*output: Any) -> list[dict[str, Any]]:
    """The events of a response up to, not with, its terminal one."""
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response(status="in_progress", usage=None)}
    ]
    for index, item in enumerate(output):
        events.append(
            {"type": "response.output_item.added", "output_index": index, "item": {**item, "status": "in_progress"}}
        )
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    return events


def test_request() -> None:
    """Messages, calls and outputs become turns; instructions are system text; other fields stay."""
    body = request(
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Be kind."}]},
        CALL,
        {"type": "function_call_output", "call_id": "call_1", "output": "12 °C"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "sh", "input": "ls"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "a"}]},
        {"type": "local_shell_call", "call_id": "c3", "action": {"command": ["ls"], "user": None}},
        {"type": "local_shell_call_output", "id": "c3", "output": "a"},
        {"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]},
        instructions="Be brief.",
        previous_response_id="resp_0",
        tools=[{"type": "function", "name": "weather"}, {"type": "web_search"}],
    )
    conversation = RESPONSES.read(body).conversation
    assert conversation
    assert conversation.system == "Be brief.\nBe kind."
    assert conversation.tools == ("weather", "web_search")
    assert conversation.fields == {"model": "m", "instructions": "Be brief.", "previous_response_id": "resp_0"}
    turns = conversation.turns
    assert [turn.role for turn in turns] == ["user", "developer", *["assistant", "tool"] * 3, "user"]
    assert turns[2].calls == (ToolCall("call_1", "weather", '{"city": "Rome"}'),)
    assert turns[3].results == (ToolResult("call_1", "12 °C"),)
    assert turns[4].calls == (ToolCall("c2", "sh", "ls"),)
    assert turns[6].calls == (ToolCall("c3", "local_shell", '{"command":["ls"]}'),)
    assert [turn.opaque for turn in turns] == [False] * 6 + [True] * 3
    assert [json.loads(body[slice(*turn.span)]) for turn in turns] == json.loads(body)["input"]


def test_string_input() -> None:
    """A string is one user turn, the same as a user message of these words."""
    body = b'{"model":"m", "input" : "hi" }'
    conversation = RESPONSES.read(body).conversation
    assert conversation
    assert texts(conversation.turns) == [("user", "hi")]
    assert body[slice(*conversation.turns[0].span)] == b'"hi"'
    assert last(RESPONSES.read(body)) == last(RESPONSES.read(request()))


def test_instructions_are_strict() -> None:
    """Other instructions make another strict digest and the same loose one."""
    first, second = last(RESPONSES.read(request(instructions="a"))), last(RESPONSES.read(request(instructions="b")))
    assert first[0] == second[0]
    assert first[1] != second[1]


OUTPUTS: list[list[dict[str, Any]]] = [
    [MESSAGE],
    [REASONING, MESSAGE],
    [REASONING, CALL, {**CALL, "id": "fc_2", "call_id": "call_2"}],
    [SEARCH, MCP, MESSAGE],
    [{"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "sh", "input": "ls", "status": "completed"}],
    [{**MESSAGE, "content": [{"type": "refusal", "refusal": "No."}]}],
]


@pytest.mark.parametrize("output", OUTPUTS)
def test_sent_back(output: list[dict[str, Any]]) -> None:
    """However a client sends the output back, with or without ids and reasoning, it has the digest of the reply."""
    document = json.dumps(response(*output)).encode()
    outcome = RESPONSES.fold(document, events=False)
    expected = joined(RESPONSES.read(request()), outcome)
    copy = [item.model_dump(exclude_none=True) for item in Response.model_validate_json(document).output]
    bare = [{key: value for key, value in item.items() if key not in ("status",)} for item in output]
    for item in copy:
        if item["type"] == "function_call":
            item["arguments"] = json.dumps(json.loads(item["arguments"]), indent=1)
    dropped = [item for item in copy if item["type"] != "reasoning"]
    referenced = [{"type": "item_reference", "id": "rs_9"}, *dropped]
    for variant in (output, copy, bare, dropped, referenced):
        assert last(RESPONSES.read(request(*variant))) == expected
    assert last(RESPONSES.read(request())) != expected
    ends = RESPONSES.fold(
        stream(*streamed(*output), {"type": "response.completed", "response": response(*output)}), events=True
    )
    died = RESPONSES.fold(stream(*streamed(*output)), events=True)
    assert ends == outcome
    assert (died.turns, died.whole) == (outcome.turns, False)


def test_fold() -> None:
    """Id, model, finish and usage with its details."""
    outcome = RESPONSES.fold(json.dumps(response(MESSAGE)).encode(), events=False)
    assert (outcome.id, outcome.model, outcome.finish, outcome.whole) == ("resp_1", "m-1", "completed", True)
    assert outcome.usage == Usage(prompt=9, completion=4, cached=5, cache_write=1, reasoning=2)


CUT = response(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
FAILED = response(status="failed", error={"code": "server_error", "message": "sorry"})


@pytest.mark.parametrize(
    ("event", "finish", "error", "whole"),
    [
        ({"type": "response.incomplete", "response": CUT}, "max_output_tokens", "", True),
        ({"type": "response.failed", "response": FAILED}, "failed", "sorry", True),
        ({"type": "error", "code": "x", "message": "flat", "param": None}, "in_progress", "flat", False),
        ({"type": "error", "error": {"message": "nested"}}, "in_progress", "nested", False),
        ({"type": "response.completed", "response": response()}, "completed", "", True),
    ],
)
def test_endings(event: dict[str, Any], finish: str, error: str, whole: bool) -> None:
    """Each ending tells why; what was streamed before it is kept though the last event does not repeat it."""
    deltas = ({"type": "response.output_text.delta", "output_index": 1, "delta": text} for text in ("Sun", "ny"))
    outcome = RESPONSES.fold(stream(*streamed(CALL), *deltas, event), events=True)
    assert (outcome.finish, outcome.error, outcome.whole) == (finish, error, whole)
    assert [turn.calls[0].name if turn.calls else turn.text for turn in outcome.turns] == ["weather", "Sunny"]


def test_ends() -> None:
    """A terminal event is the end when its beginning is in sight; a tail that cannot tell is not taken for one."""
    last_event = stream({"type": "response.completed", "response": response(MESSAGE)})
    assert RESPONSES.ends(last_event)
    assert RESPONSES.ends(last_event.split(b"\n", 1)[1])
    assert not RESPONSES.ends(last_event[:-1])
    assert not RESPONSES.ends(last_event[-64:])
    said = {"type": "response.output_text.delta", "delta": '\ndata: {"type":"response.completed"}\n\n'}
    assert not RESPONSES.ends(stream(said))


def test_sdk_raises(serve: Callable[[bytes, str], str]) -> None:
    """Our own error at the end of a stream makes the OpenAI SDK raise, with our words."""
    body = stream(*streamed()) + RESPONSES.stream_failure("the upstream went away", code="closed")
    with openai.OpenAI(base_url=serve(body, "text/event-stream"), api_key="x") as client:
        events = client.responses.create(model="m", input="hi", stream=True)
        with pytest.raises(openai.APIError, match="Outrider: the upstream went away"):
            list(events)

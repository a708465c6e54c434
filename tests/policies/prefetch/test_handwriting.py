"""How clients write a reply and its results."""

import json
from typing import Any

import pytest

from policies.prefetch.handwriting import Answered, replies, results
from proxy.conversation import ToolCall
from proxy.exchange import Completion
from proxy.testing import Script
from proxy.wire.forms import Forms
from tests.live.replies import chat, message

CALL = ToolCall("c1", "read", '{"key": "é"}')
CALLS = [{"id": "c1", "type": "function", "function": {"name": "read", "arguments": CALL.arguments}}]
RESULT = {"content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}], "_meta": {"x": 1}}


def completion(path: str, body: bytes, *, events: bool = False) -> Completion:
    """A reply as `learn` sees it."""
    return Completion(200, body=body, turns=Forms().of("POST", path).fold(body, events=events).turns)


def of_chat(text: str | None = None) -> Any:
    """The ways for a chat reply that is one document."""
    body = json.dumps(chat(text, tool_calls=CALLS)).encode()
    return replies("chat", completion("/v1/chat/completions", body))


def test_a_chat_message_as_it_came() -> None:
    """OpenAI's client sends back what it was given; some leave out what is null."""
    ways = of_chat()
    assert ways["as it came"] == (chat(None, tool_calls=CALLS)["choices"][0]["message"],)
    assert ways["as it came, without nulls"] == ({"role": "assistant", "tool_calls": CALLS},)


def test_a_chat_message_written_anew() -> None:
    """With one of three things for no text, and arguments as they came or written again."""
    ways = of_chat()
    assert ways["null content, given arguments"] == ({"role": "assistant", "content": None, "tool_calls": CALLS},)
    assert ways["absent content, given arguments"] == ({"role": "assistant", "tool_calls": CALLS},)
    (item,) = ways["empty content, dense arguments"]
    assert (item["content"], item["tool_calls"][0]["function"]["arguments"]) == ("", '{"key":"\\u00e9"}')
    assert of_chat("Hm.")["absent content, spaced arguments"][0]["content"] == "Hm."


def test_a_chat_stream_is_put_together() -> None:
    """From what was read of it."""
    function = {"name": "read", "arguments": CALL.arguments}
    piece = {"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": function}]}}
    line = Script.sse({"choices": [piece]}, {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    body = b"".join(each.data for each in line.pieces) + b"data: [DONE]\n\n"
    ways = replies("chat", completion("/v1/chat/completions", body, events=True))
    assert "as it came" not in ways
    assert ways["null content, given arguments"] == ({"role": "assistant", "content": None, "tool_calls": CALLS},)


def test_results_of_chat() -> None:
    """As one text, as lines, as parts, as the Agents SDK dumps them."""
    ways = results("chat", [Answered(CALL, RESULT)])
    told = {name: items[0]["content"] for name, items in ways.items() if "named" not in name}
    assert told["joined"] == "onetwo"
    assert told["lines"] == "one\ntwo"
    assert told["parts"] == [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    assert ways["joined, named"][0]["name"] == "read"
    (one,) = results("chat", [Answered(CALL, {"content": [{"type": "text", "text": "é"}]})])["dumped"]
    assert one["content"] == '{"type":"text","text":"é","annotations":null,"meta":null}'


BLOCKS: list[Any] = [
    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
    {"type": "text", "text": "Ahead.", "citations": None},
    {"type": "tool_use", "id": "c1", "name": "read", "input": {"key": "é"}},
]


@pytest.mark.parametrize("events", [True, False])
def test_messages(events: bool) -> None:
    """Blocks as they came, also out of a stream, or only with what they are."""
    body = json.dumps(message(*BLOCKS, stop="tool_use")).encode()
    if events:
        body = b"".join(each.data for each in Script.sse(*streamed(), named=True).pieces)
    ways = replies("messages", completion("/v1/messages", body, events=events))
    assert ways["as it came"] == ({"role": "assistant", "content": BLOCKS},)
    assert ways["plain"][0]["content"][1] == {"type": "text", "text": "Ahead."}
    answered = results("messages", [Answered(CALL, RESULT), Answered(CALL._replace(id="c2"), RESULT)])
    (item,) = answered["lines, no error"]
    assert [each["tool_use_id"] for each in item["content"]] == ["c1", "c2"]
    assert item["content"][0]["is_error"] is False


def streamed() -> list[Any]:
    """The same blocks as events."""
    empty: list[Any] = [
        {**BLOCKS[0], "thinking": "", "signature": ""},
        {**BLOCKS[1], "text": ""},
        {**BLOCKS[2], "input": {}},
    ]
    deltas: list[Any] = [
        (0, {"type": "thinking_delta", "thinking": "Hm."}),
        (0, {"type": "signature_delta", "signature": "c2ln"}),
        (1, {"type": "text_delta", "text": "Ahe"}),
        (1, {"type": "text_delta", "text": "ad."}),
        (2, {"type": "input_json_delta", "partial_json": '{"key": '}),
        (2, {"type": "input_json_delta", "partial_json": '"é"}'}),
    ]
    events: list[Any] = [{"type": "message_start", "message": {**message(), "content": []}}]
    for place, block in enumerate(empty):
        events.append({"type": "content_block_start", "index": place, "content_block": block})
        events += [
            {"type": "content_block_delta", "index": place, "delta": delta} for at, delta in deltas if at == place
        ]
        events.append({"type": "content_block_stop", "index": place})
    return [*events, {"type": "message_stop"}]


def test_what_cannot_be_put_together_is_written_in_no_way() -> None:
    """A stream that broke off, or holds what nobody knows."""
    for body in (b"", b"data: {nonsense\n\n", b'data: {"type": "content_block_delta", "index": 4, "delta": {}}\n\n'):
        assert replies("messages", Completion(200, body=body)) == {}
    assert "as it came" not in replies("chat", Completion(200, body=b"[1]"))

"""Chat Completions aside: what is sent back to the model."""

import json

from proxy.conversation import ToolCall
from proxy.wire.asides.chat import ChatAsides, merged
from tests.live.replies import chat, delta, tool_stream
from tests.proxy.wire.asides.said import OWN

CALL = {"id": "c1", "type": "function", "function": {"name": "seek", "arguments": "{}"}}


def test_the_message_goes_back_with_all_that_the_model_gave() -> None:
    """Signatures and reasoning stay; what no request holds, and nulls, do not."""
    signed = {**CALL, "extra_content": {"google": {"thought_signature": "c2ln"}}}
    joined = ChatAsides().joined(OWN, events=False)
    told = chat(None, tool_calls=[signed], reasoning_content="Hm.", annotations=[], audio=None)
    joined.feed(json.dumps(told).encode())
    joined.over()
    assert joined.wanted
    assert json.loads(joined.wanted.items[0]) == {
        "role": "assistant",
        "content": None,
        "reasoning_content": "Hm.",
        "tool_calls": [signed],
    }


def test_pieces_of_a_stream_make_the_message() -> None:
    """Interleaved calls, and servers that number all of them 0."""
    events = [event for event in tool_stream() if isinstance(event, dict)]
    calls = merged(events)["tool_calls"]
    assert [call["function"] for call in calls] == [
        {"name": "scout", "arguments": '{"road": "north"}'},
        {"name": "signal", "arguments": '{"horn": true}'},
    ]
    zeros = [delta(tool_calls=[{"index": 0, **CALL, "id": id}]) for id in ("a", "b")]
    assert [call["id"] for call in merged(zeros)["tool_calls"]] == ["a", "b"]


def test_the_tool_its_result_and_the_last_word() -> None:
    """In the shapes of the reference; `quiet` forbids tools."""
    asides = ChatAsides()
    body = asides.offer(b'{"messages":[]}', "seek", "Seeks.", {"type": "object"})
    function = {"name": "seek", "description": "Seeks.", "parameters": {"type": "object"}}
    assert json.loads(body)["tools"] == [{"type": "function", "function": function}]
    (result,) = asides.results([(ToolCall("c1", "seek", "{}"), "found")])
    assert json.loads(result) == {"role": "tool", "tool_call_id": "c1", "content": "found"}
    assert json.loads(asides.continued(body, [result], quiet=True))["tool_choice"] == "none"
    assert "tool_choice" not in json.loads(asides.continued(body, [result], quiet=False))

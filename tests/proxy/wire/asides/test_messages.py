"""Anthropic Messages aside: what is sent back to the model."""

import json
from typing import Any

from proxy.conversation import ToolCall
from proxy.wire.asides.messages import MessagesAsides, assembled
from tests.proxy.wire.asides.said import OWN, calls, fed, wire


def test_thoughts_go_back_with_their_signatures() -> None:
    """Before the call they led to, as they were; the other tool's call is left out."""
    joined = MessagesAsides().joined(OWN, events=True)
    fed(joined, wire(calls("messages", "scout", "seek"), named=True), [])
    assert joined.wanted
    assert json.loads(joined.wanted.items[0])["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbg=="},
        {"type": "text", "text": "Hm."},
        {"type": "tool_use", "id": "toolu_seek", "name": "seek", "input": {"q": "é"}},
    ]
    assert joined.wanted.parts == 2


def test_blocks_are_put_together() -> None:
    """Citations are gathered; arguments that are no object become an empty one, which the API takes."""
    start = {"type": "text", "text": ""}
    use = {"type": "tool_use", "id": "t", "name": "x", "input": {}}
    events: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "A"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {"n": 1}}},
        {"type": "content_block_start", "index": 1, "content_block": use},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "[1"}},
    ]
    assert assembled(events) == [{"type": "text", "text": "A", "citations": [{"n": 1}]}, use]


def test_the_tool_its_result_and_the_last_word() -> None:
    """All results of a reply stand in one user message."""
    asides = MessagesAsides()
    body = asides.offer(b'{"messages":[]}', "seek", "Seeks.", {"type": "object"})
    assert json.loads(body)["tools"] == [{"name": "seek", "description": "Seeks.", "input_schema": {"type": "object"}}]
    answers = [(ToolCall(id, "seek", "{}"), "found") for id in ("a", "b")]
    (result,) = asides.results(answers)
    assert [block["tool_use_id"] for block in json.loads(result)["content"]] == ["a", "b"]
    assert json.loads(asides.continued(body, [result], quiet=True))["tool_choice"] == {"type": "none"}

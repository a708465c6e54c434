"""OpenAI Responses aside: what is sent back to the model."""

import json
from typing import Any

import pytest

from proxy.conversation import ToolCall
from proxy.wire.asides.responses import ResponsesAsides
from tests.live.replies import response
from tests.proxy.wire.asides.said import OWN

CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "seek", "arguments": "{}"}


def wanted(*items: Any, store: bool) -> list[Any]:
    """What goes back of an output with these items and the call."""
    joined = ResponsesAsides().joined(OWN, events=False)
    joined.feed(json.dumps(response(output=[*items, CALL], store=store)).encode())
    joined.over()
    assert joined.wanted
    return [json.loads(item) for item in joined.wanted.items]


def test_reasoning_goes_back_with_its_call() -> None:
    """Where the provider keeps it or it is encrypted; else it cannot, nor can the id of the call that came with it."""
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    sealed = {**thought, "encrypted_content": "c2VhbGVk"}
    assert wanted(thought, store=True) == [thought, CALL]
    assert wanted(sealed, store=False) == [sealed, CALL]
    assert wanted(thought, store=False) == [{key: value for key, value in CALL.items() if key != "id"}]
    assert wanted({**CALL, "name": "scout"}, store=True) == [CALL]


@pytest.mark.parametrize(("store", "id"), [(False, "resp_7"), (True, "resp_8")])
def test_a_stored_response_ends_with_the_id_under_which_all_of_it_is_stored(store: bool, id: str) -> None:
    """The next request may refer to it by `previous_response_id`."""
    joined = ResponsesAsides().joined(OWN, events=False)
    joined.feed(json.dumps(response(output=[CALL], store=store)).encode())
    joined.over()
    joined.next()
    joined.feed(json.dumps(response(id="resp_8", store=store)).encode())
    assert json.loads(b"".join(joined.over()))["id"] == id


def test_the_tool_its_result_and_the_last_word() -> None:
    """In the shapes of the reference."""
    asides = ResponsesAsides()
    body = asides.offer(b'{"input":"Where?"}', "seek", "Seeks.", {"type": "object"})
    assert json.loads(body)["tools"][0]["name"] == "seek"
    (result,) = asides.results([(ToolCall("c1", "seek", "{}"), "found")])
    assert json.loads(result) == {"type": "function_call_output", "call_id": "c1", "output": "found"}
    made = json.loads(asides.continued(body, [result], quiet=True))
    assert made["tool_choice"] == "none"
    assert [item.get("role") or item["type"] for item in made["input"]] == ["user", "function_call_output"]

"""The example policy of docs/writing-a-policy.md, shown real request bodies.

It must not know the engine: a policy is asked directly.
"""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from examples.clip import MARK, Clip
from proxy.exchange import Exchange, Request, Session
from proxy.wire.forms import Forms

ROOT = Path(__file__).parent.parent.parent
CHAT = "/v1/chat/completions"


def exchange(body: bytes) -> Exchange:
    """An exchange as the road makes it from a chat body."""
    read = Forms().of("POST", CHAT).read(body)
    return Exchange("e1", Request("POST", CHAT, body=body, form="chat", conversation=read.conversation), Session("s1"))


def body_with(*results: str) -> bytes:
    """A chat body with these tool results and a field that nobody knows."""
    messages: list[dict[str, object]] = [{"role": "user", "content": "go"}]
    for number, result in enumerate(results):
        call = {"id": f"c{number}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{number}", "content": result, "tomorrow": 1},
        ]
    return json.dumps({"model": "m", "messages": messages, "unknown": {"kept": True}}).encode()


def test_short_results_leave_the_bytes_alone() -> None:
    """With nothing to clip the policy says nothing at all."""
    assert Clip(10).prepare(exchange(body_with("short", "also"))) is None


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_only_long_results_change(results: list[str]) -> None:
    """Every long result is clipped; every other field of every message is as it was."""
    body = body_with(*results)
    decision = Clip(10).prepare(exchange(body))
    after = json.loads(decision.request.body if decision and decision.request else body)
    before = json.loads(body)
    for old, new in zip(before["messages"], after["messages"], strict=True):
        if old["role"] == "tool" and len(old["content"]) > 10 + len(MARK):
            old["content"] = old["content"][:10] + MARK
        assert old == new
    assert {key: value for key, value in after.items() if key != "messages"} == {
        "model": "m",
        "unknown": {"kept": True},
    }


def test_the_page_shows_the_file_that_is_tested() -> None:
    """docs/writing-a-policy.md holds examples/clip.py word for word."""
    assert (ROOT / "examples" / "clip.py").read_text() in (ROOT / "docs" / "writing-a-policy.md").read_text()

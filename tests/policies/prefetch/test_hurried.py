"""A client's request as a fast model is asked it."""

import json
from typing import Any

import pytest

from policies.prefetch.hurried import MOST_TOKENS, hurried, may_hurry
from proxy.exchange import Request
from proxy.wire.forms import Forms

PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}


def request(form: str, **body: Any) -> Request:
    """A request of that form."""
    text = json.dumps(body).encode()
    conversation = Forms().of("POST", PATHS[form]).read(text).conversation
    headers = ((b"authorization", b"Bearer k"), (b"idempotency-key", b"x"))
    return Request("POST", PATHS[form], headers, text, form=form, model="slow", stream=True, conversation=conversation)


@pytest.mark.parametrize(
    ("form", "bound"), [("chat", "max_tokens"), ("responses", "max_output_tokens"), ("messages", "max_tokens")]
)
def test_what_is_asked_stays_and_how_it_is_answered_goes(form: str, bound: str) -> None:
    """Messages, tools, fields nobody knows; no stream, no thinking, nothing stored, a short answer."""
    items = "input" if form == "responses" else "messages"
    told = {items: [{"role": "user", "content": "é"}], "tools": [{"name": "f"}], "temperature": 0, "new": 1}
    slow = {"stream": True, "stream_options": {}, "thinking": {"type": "enabled"}, "reasoning_effort": "high", "n": 3}
    asked = hurried(request(form, model="slow", store=True, **told, **slow), "fast")
    assert json.loads(asked.body) == {**told, "model": "fast", bound: MOST_TOKENS, "store": False}
    assert (asked.model, asked.stream, asked.headers) == ("fast", False, ((b"authorization", b"Bearer k"),))


def test_a_model_that_reasons_is_bound_by_its_own_word() -> None:
    """OpenAI's newer ones."""
    body = json.loads(hurried(request("chat", messages=[], max_tokens=9), "gpt-5-nano").body)
    assert body == {"messages": [], "model": "gpt-5-nano", "max_completion_tokens": MOST_TOKENS}


def test_who_may_call_nothing_is_not_asked() -> None:
    """Nor is a body asked that nobody here can write again."""
    assert may_hurry(request("chat", messages=[]))
    assert may_hurry(request("chat", messages=[], tool_choice={"type": "function", "function": {"name": "f"}}))
    assert not may_hurry(request("chat", messages=[], tool_choice="none"))
    assert not may_hurry(request("messages", messages=[], tool_choice={"type": "none"}))
    packed = request("chat", messages=[])
    assert not may_hurry(packed.but(headers=((b"content-encoding", b"gzip"),)))

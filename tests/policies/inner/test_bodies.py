"""Requests to members in three forms: what stays, what is for the last call only, and what tools become in words."""

import json
from typing import Any

import pytest

from policies.inner.bodies import alone, following, has_tools, inner, named, question, readable
from proxy.exchange import Request
from tests.policies.ensemble.table import READ

HEADERS = ((b"content-type", b"application/json"), (b"idempotency-key", b"k"), (b"authorization", b"Bearer x"))


def request(path: str, **body: Any) -> Request:
    return READ(Request("POST", path, HEADERS, json.dumps(body).encode()))


def body(made: Request) -> Any:
    return json.loads(made.body)


FUNCTION = {"name": "look", "arguments": '{"q": 1}'}
CHAT = request(
    "/v1/chat/completions",
    model="goa",
    messages=[
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How deep?", "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": FUNCTION}]},
        {"role": "tool", "tool_call_id": "1", "content": "11 km"},
    ],
    tools=[{"type": "function", "function": {"name": "look"}}],
    tool_choice="auto",
    temperature=0.3,
    stream=True,
    stream_options={"include_usage": True},
    n=2,
    x_new=[1],
)
RESPONSES = request(
    "/v1/responses",
    model="goa",
    instructions="Be brief.",
    input=[
        {"role": "user", "content": [{"type": "input_text", "text": "How deep?"}]},
        {"type": "reasoning", "id": "r", "summary": []},
        {"type": "function_call", "call_id": "1", **FUNCTION},
        {"type": "function_call_output", "call_id": "1", "output": "11 km"},
    ],
    tools=[{"type": "function", "name": "look"}],
    text={"format": {"type": "json_object"}},
)
USE = {"type": "tool_use", "id": "1", "name": "look", "input": {"q": 1}}
RESULT = {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "11 km"}]}
MESSAGES = request(
    "/v1/messages",
    model="goa",
    system="Be brief.",
    max_tokens=99,
    messages=[
        {"role": "user", "content": "How deep?"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hm."}, USE]},
        {"role": "user", "content": [RESULT]},
    ],
    tools=[{"name": "look", "input_schema": {}}],
    stream=True,
)
ALL = [CHAT, RESPONSES, MESSAGES]
forms = pytest.mark.parametrize("asked", ALL, ids=["chat", "responses", "messages"])


@forms
def test_another_model_and_nothing_else(asked: Request) -> None:
    """Every field stays; so do the client's credentials, but not the key of its one request."""
    made = named(asked, "m")
    assert body(made) == {**body(asked), "model": "m"}
    assert made.model == "m"
    assert made.stream == asked.stream
    assert made.header(b"authorization") == "Bearer x"
    assert not made.header(b"idempotency-key")


@forms
def test_a_step_the_client_does_not_see(asked: Request) -> None:
    """No tools, no format, no stream; calls and results in words; what else the client set stays."""
    made = READ(inner(asked, "m", "And now?"))
    told = body(made)
    assert not {"tools", "tool_choice", "n", "text", "stream", "stream_options"} & told.keys()
    assert not made.stream
    assert made.conversation is not None
    assert [turn.calls for turn in made.conversation.turns] == [()] * len(made.conversation.turns)
    assert not any(turn.results for turn in made.conversation.turns)
    words = " ".join(turn.text for turn in made.conversation.turns)
    assert "[called look with" in words
    assert "[result: 11 km]" in words
    assert made.conversation.turns[-1].text == "And now?"
    assert "Be brief." in made.body.decode()


@forms
def test_the_last_call_has_all_and_a_word_more(asked: Request) -> None:
    """Tools and format and streaming; the added words stand last."""
    made = READ(following(asked, "m", "Once more"))
    assert body(made).get("tools") == body(asked)["tools"]
    assert made.stream == asked.stream
    assert made.conversation is not None
    assert made.conversation.turns[-1].text == "Once more"
    assert has_tools(made)


@forms
def test_a_question_of_ours(asked: Request) -> None:
    """The client's conversation is not in it; a form that needs a bound has one."""
    told = body(alone(asked, "m", "Score these"))
    assert "How deep?" not in json.dumps(told)
    assert ("max_tokens" in told) == (asked.form == "messages")


@forms
def test_the_question(asked: Request) -> None:
    """The user's last words, not a tool's."""
    assert question(asked) == "How deep?"
    assert readable(asked)


def test_fields_of_others_stay() -> None:
    """What nobody here has heard of goes on."""
    assert body(inner(CHAT, "m"))["x_new"] == [1]
    assert body(inner(CHAT, "m"))["temperature"] == 0.3
    assert body(inner(RESPONSES, "m"))["store"] is False
    assert body(inner(request("/v1/responses", model="goa", input="hi"), "m"))["input"] == [
        {"role": "user", "content": "hi"}
    ]


@pytest.mark.parametrize(
    "asked",
    [
        request("/v1/embeddings", model="goa", input="x"),
        request("/v1/completions", model="goa", prompt="x"),
        request("/v1/messages/count_tokens", model="goa", messages=[]),
        request("/v1/chat/completions", model="goa"),
        Request("POST", "/v1/chat/completions", (), b"[]", form="chat"),
        Request("POST", "/v1/chat/completions", (), b"\xff", form="chat"),
    ],
)
def test_what_is_no_conversation(asked: Request) -> None:
    """Not for a team."""
    assert not readable(asked)


def test_half_of_a_surrogate_pair_stays_escaped() -> None:
    """Clients cut texts in the midst of an emoji, and no provider takes bytes that are not UTF-8."""
    said = [{"role": "user", "content": "cut \ud83d"}]
    made = named(request("/v1/chat/completions", model="goa", messages=said), "m")
    assert made.body.decode()
    assert body(made)["messages"] == said

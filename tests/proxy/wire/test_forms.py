"""The table of forms, and what every form promises.

It must not know one form's details.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.wire import Malformed
from proxy.wire.forms import Forms

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CHAT_KEYS = ["choices", "delta", "message", "content", "tool_calls", "function", "arguments", "finish_reason", "usage"]
EVENT_KEYS = ["type", "event", "response", "output", "output_index", "item", "index", "content_block", "partial_json"]
OTHER_KEYS = ["id", "role", "name", "text", "input", "error", "model", "detail", "prompt_tokens", "call_id", "code"]
KEYS = [*CHAT_KEYS, *EVENT_KEYS, *OTHER_KEYS]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["message_start", "content_block_delta", "input_json_delta"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
NAMES = {
    "/v1/chat/completions": "chat",
    "/v1/responses": "responses",
    "/v1/responses/compact": "responses",
    "/v1/responses/input_tokens": "responses",
    "/v1/completions": "completions",
    "/v1/embeddings": "embeddings",
    "/v1/moderations": "moderations",
    "/v1/messages": "messages",
    "/v1/messages/count_tokens": "messages",
    "/v1/models": "plain",
    "/v1/files": "plain",
    "/v1/responses/resp_1": "plain",
    "/chat/completions": "plain",
}
PATHS = st.sampled_from(list(NAMES))


@pytest.mark.parametrize("path", NAMES)
def test_table(path: str) -> None:
    """A path is read in its form when it is posted to; everything else is relayed unread."""
    forms = Forms()
    assert forms.of("POST", path).name == NAMES[path]
    assert forms.of("GET", path).name == "plain"


@calm
@given(PATHS, st.binary(max_size=30) | st.lists(JSON, max_size=4), st.booleans())
def test_never_raises(path: str, said: bytes | list[Any], events: bool) -> None:
    """No reply, however strange, makes any form raise; and whatever is a JSON object can be read as a request."""
    form = Forms().of("POST", path)
    if isinstance(said, bytes):
        form.fold(said, events=events)
        form.ends(said)
        return
    form.fold(b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in said), events=True)
    for value in said:
        form.fold(json.dumps(value).encode(), events=False)
        fields = {"model": value, "stream": value, "messages": said, "input": said, "tools": value, "system": value}
        assert form.read(json.dumps({**fields, "prompt": value, "instructions": value}).encode()).stream in (
            True,
            False,
        )


@pytest.mark.parametrize("path", [path for path, name in NAMES.items() if name != "plain"])
def test_requests(path: str) -> None:
    """Every form reads the model, refuses what is no JSON, and relays unread what only providers can read."""
    form = Forms().of("POST", path)
    assert form.read(b'{"model":"m"}').model == "m"
    lenient = form.read(b'{"model":"m","stream":true,"input":"\\ud800","messages":[],"prompt":"a"}')
    assert (lenient.model, lenient.stream, lenient.conversation) == ("m", True, None)
    for body in (b"", b"{", b"[]", b"[" * 100_000):
        with pytest.raises(Malformed):
            form.read(body)


@pytest.mark.parametrize("path", NAMES)
def test_failures(path: str) -> None:
    """Errors of our own say that they are ours, in the body and in the stream, as a whole event."""
    form = Forms().of("POST", path)
    error = json.loads(form.failure("no way", code="connect", status=502))["error"]
    assert (error["message"], error["type"], error["code"]) == ("Outrider: no way", "outrider_error", "connect")
    event = form.stream_failure("no way", code="")
    assert event.endswith(b"\n\n")
    outcome = form.fold(event, events=True)
    if form.name not in ("plain", "embeddings", "moderations"):
        assert (outcome.error, outcome.whole) == ("Outrider: no way", False)


@pytest.mark.parametrize(
    ("form", "body", "events"),
    [
        ("chat", b'{"choices":[],"service_tier":"flex"}', False),
        ("chat", b'data: {"choices":[{"index":0,"delta":{"content":"a"}}],"service_tier":"flex"}\n\n', True),
        ("responses", b'{"output":[],"service_tier":"flex"}', False),
        ("responses", b'data: {"type":"response.completed","response":{"service_tier":"flex"}}\n\n', True),
        ("messages", b'{"content":[],"usage":{"input_tokens":1,"service_tier":"flex"}}', False),
        ("messages", b'data: {"type":"message_start","message":{"usage":{"service_tier":"flex"}}}\n\n', True),
    ],
)
def test_the_tier_that_answered_is_read(form: str, body: bytes, events: bool) -> None:
    """Each form has its own place for it; a reply that says nothing of it was the standard one."""
    read = Forms().named(form)
    assert read.fold(body, events=events).tier == "flex"
    assert read.fold(body.replace(b"service_tier", b"other"), events=events).tier == ""

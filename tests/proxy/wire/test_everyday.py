"""Everyday replies: what is read from them is what the form's own reading gives, and all others are left to it.

It must not know how either reads.
"""

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from proxy.conversation import Turn
from proxy.exchange import Usage
from proxy.wire.chat import Chat
from proxy.wire.document import loads
from proxy.wire.everyday import outcome
from proxy.wire.growth import Growth
from proxy.wire.parts import mapping

CHAT = Chat(Growth(0))
SAID: dict[str, Any] = {"role": "assistant", "content": "Sunny.", "refusal": None, "annotations": []}
CHOICE = {"index": 0, "message": SAID, "logprobs": None, "finish_reason": "stop"}
COUNTS = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
REPLY = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m-1", "choices": [CHOICE]}

odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 1, -3, 2.0, 2.5, True, "", "tool", "words", [], {}, [{}], {"content": "words"}, 1 << 70]
)
words = st.sampled_from(["Sunny.", "", "Ärger", "a\nb", '"']) | odd
counts = st.dictionaries(st.sampled_from([*COUNTS, "input_tokens", "prompt_cache_hit_tokens"]), st.integers(0, 9) | odd)
details = st.dictionaries(st.sampled_from(["cached_tokens", "cache_write_tokens", "reasoning_tokens"]), odd)
usages = st.builds(
    lambda some, given_, made: COUNTS | some | {"prompt_tokens_details": given_, "completion_tokens_details": made},
    counts,
    details | odd,
    details | odd,
)
fields = ["role", "content", "name", "refusal", "tool_calls", "function_call", "audio", "reasoning_content", "x"]
messages = st.dictionaries(st.sampled_from(fields), words).map(lambda some: SAID | some)
choices = st.dictionaries(st.sampled_from(["index", "finish_reason", "x"]), odd)
tops = st.dictionaries(st.sampled_from([*REPLY, "service_tier", "error", "message", "detail", "usage"]), odd)


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """Replies that are nearly everyday ones."""
    choice = CHOICE | {"message": draw(messages)} | draw(choices)
    many = draw(st.integers(0, 5)) == 0
    reply: dict[str, Any] = REPLY | {"choices": [choice, choice] if many else [choice], "usage": draw(usages)}
    return json.dumps(reply | draw(tops)).encode()


def test_an_everyday_reply() -> None:
    """Text, ids, finish, tier and counts are read."""
    used = COUNTS | {
        "prompt_tokens_details": {"cached_tokens": 5, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    read = outcome(orjson.dumps(REPLY | {"usage": used, "service_tier": "flex"}))
    assert read is not None
    assert read.turns == (Turn("assistant", "Sunny."),)
    assert (read.id, read.model, read.finish, read.tier) == ("chatcmpl-1", "m-1", "stop", "flex")
    assert read.usage == Usage(9, 4, 5, 0, 2)
    assert read.whole
    assert not read.error


@given(replies())
def test_the_same_as_the_forms_own_reading(body: bytes) -> None:
    """Whatever is not left to the form's own reading says the same."""
    read = outcome(body)
    assert read is None or read == CHAT._outcome(mapping(loads(body)))


def test_others_are_left() -> None:
    """Tool calls, errors, half a document and other encodings are not of the everyday kind."""
    called = CHOICE | {"message": SAID | {"content": None, "tool_calls": [{"id": "c"}]}}
    for left in (
        orjson.dumps(REPLY | {"choices": [called], "usage": COUNTS}),
        orjson.dumps(REPLY),
        orjson.dumps(REPLY | {"usage": COUNTS, "error": {"message": "no"}}),
        orjson.dumps(REPLY | {"usage": COUNTS})[:-1],
        orjson.dumps(REPLY | {"usage": COUNTS}).decode().encode("utf-16"),
        b"",
    ):
        assert outcome(left) is None

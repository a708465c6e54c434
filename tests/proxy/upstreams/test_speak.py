"""Claims about a message spoken again: whole or in pieces, it is the same message."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.exchange import Usage
from proxy.upstreams.speak import DONE, Speech, document, events
from proxy.wire.forms import Forms
from tests.proxy.upstreams.requests import FORMS

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
calls = st.builds(
    lambda name, arguments, ident: {
        "id": ident,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    },
    st.text("abc_", min_size=1, max_size=8),
    texts,
    st.text("0123", min_size=1, max_size=5),
)
messages = st.one_of(
    st.fixed_dictionaries({"role": st.just("assistant"), "content": texts}),
    st.fixed_dictionaries(
        {
            "role": st.just("assistant"),
            "content": st.one_of(st.none(), texts),
            "tool_calls": st.lists(calls, min_size=1, max_size=3),
        }
    ),
)
USAGE = Usage(prompt=2000, completion=7, cached=1920)


def speech(message: dict[str, Any]) -> Speech:
    return Speech("id", "m", message, USAGE)


def chunks(message: dict[str, Any], *, include_usage: bool) -> list[dict[str, Any]]:
    told = list(events(speech(message), include_usage=include_usage))
    assert told[-1] == DONE
    return [orjson.loads(event.removeprefix(b"data: ")) for event in told[:-1]]


@settings(deadline=None)
@given(messages)
def test_streamed_and_whole_say_the_same(message: dict[str, Any]) -> None:
    """The wire form reads the same turn, end and tokens from the stream as from the document."""
    form = Forms().of("POST", "/v1/chat/completions")
    whole = form.fold(document(speech(message)), events=False)
    streamed = form.fold(b"".join(events(speech(message), include_usage=True)), events=True)
    assert whole.turns[0].text == (message["content"] or "")
    assert (streamed.turns, streamed.finish, streamed.usage) == (whole.turns, whole.finish, whole.usage)
    assert whole.usage == USAGE
    assert streamed.whole


def test_the_stream_has_the_shape_clients_rely_on() -> None:
    """The role comes first and alone, the reason last with an empty delta, null until then."""
    told = chunks({"role": "assistant", "content": "one two three four five"}, include_usage=False)
    assert told[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert [chunk["choices"][0]["finish_reason"] for chunk in told] == [None] * (len(told) - 1) + ["stop"]
    assert told[-1]["choices"][0]["delta"] == {}
    assert len(told) == 4
    assert not any("usage" in chunk for chunk in told)


def test_usage_only_where_asked_for() -> None:
    """The tokens come in a last chunk without choices; every other chunk says null."""
    told = chunks({"role": "assistant", "content": "hi"}, include_usage=True)
    assert told[-1]["choices"] == []
    assert told[-1]["usage"]["prompt_tokens_details"]["cached_tokens"] == 1920
    assert [chunk["usage"] for chunk in told[:-1]] == [None] * (len(told) - 1)


def test_tool_calls_keep_their_index() -> None:
    """Each call opens with id and name, then its arguments follow under the same index."""
    function = {"name": "f", "arguments": '{"long": "' + "x" * 60 + '"}'}
    told = chunks(
        {"role": "assistant", "tool_calls": [{"id": name, "function": function} for name in "ab"]}, include_usage=False
    )
    pieces = [call for chunk in told for call in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert [piece["id"] for piece in pieces if "id" in piece] == ["a", "b"]
    for index in (0, 1):
        own = [piece["function"]["arguments"] for piece in pieces if piece["index"] == index]
        assert "".join(own) == function["arguments"]
    assert told[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert FORMS.of("POST", "/v1/chat/completions").name == "chat"

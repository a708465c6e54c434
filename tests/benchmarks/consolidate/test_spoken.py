"""Each wire form is spoken as its clients do: append-only, valid, the reply as it was recorded.

They must not know what a proxy makes of it.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.consolidate.items import read
from benchmarks.consolidate.meter import continues
from benchmarks.consolidate.sessions import Message, Session, paired
from benchmarks.consolidate.spoken import FORMS, spoken
from benchmarks.consolidate.validity import faults, told
from tests.benchmarks.consolidate.recorded import SYSTEM, assistant, session
from tests.benchmarks.consolidate.test_sessions import SAID


@pytest.mark.parametrize("form", FORMS)
@given(messages=st.lists(SAID, max_size=12))
def test_any_session_can_be_told_in_any_form(form: str, messages: list[Message]) -> None:
    """Every request is one that the provider would take, and begins with all of the one before it."""
    said = spoken(Session("any", (SYSTEM, *paired(messages))), form, "gpt-4o")
    before = "["
    for place in said.session.asked:
        got = read(form, said.body(place))
        client = told(read(form, said.around(said.items)).items)
        assert faults(form, got, client, got.items[-1]) == ()
        assert continues(before, got.stretch)
        before = got.stretch


def test_a_chat_client_sends_its_messages_as_they_are() -> None:
    """Nothing is added to the history of Chat Completions, and the body is compact."""
    said = spoken(session(), "chat", "gpt-4o").body(4)
    assert json.loads(said)["messages"] == list(session().messages[:4])
    assert said.startswith(b'{"messages":[{"role":"system","content":"Be brief."},{')


def test_a_history_that_begins_with_the_assistant_gets_a_user() -> None:
    """Anthropic wants the user first; a greeting stands for what the recording does not have."""
    messages = (SYSTEM, assistant("Hi! How can I help?"), *session().messages[1:])
    sent = json.loads(spoken(session(messages), "messages", "claude").body(1))
    assert sent["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Hello."}]}]
    assert sent["system"] == "Be brief."


def test_results_of_one_reply_are_one_message_of_anthropic() -> None:
    """Two results and nothing else between them and their calls."""
    sent = json.loads(spoken(session(), "messages", "claude").body(9))["messages"]
    assert [block["type"] for block in sent[-2]["content"]] == ["text", "tool_use", "tool_use"]
    assert [block["tool_use_id"] for block in sent[-1]["content"]] == ["b", "c"]


@pytest.mark.parametrize(
    ("form", "path", "ended"),
    [
        ("chat", ("choices", 0, "finish_reason"), "tool_calls"),
        ("responses", ("output", 1, "call_id"), "b"),
        ("messages", ("stop_reason",), "tool_use"),
    ],
)
def test_the_upstream_answers_what_was_recorded(form: str, path: tuple[str | int, ...], ended: str) -> None:
    """The reply has the calls of the recorded message, and the usage it is told."""
    reply = json.loads(spoken(session(), form, "gpt-4o").reply(6, 321))
    found = reply
    for step in path:
        found = found[step]
    assert found == ended
    assert 321 in reply["usage"].values()

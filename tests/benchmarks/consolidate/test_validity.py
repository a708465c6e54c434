"""What a provider would refuse is found, and what it takes is not.

They must not know how a request came to be.
"""

import json
from typing import Any

import pytest

from benchmarks.consolidate.items import read
from benchmarks.consolidate.spoken import FORMS, spoken
from benchmarks.consolidate.validity import faults, told
from tests.benchmarks.consolidate.recorded import HISTORY, SYSTEM, Message, assistant, body, result, session, user


def wrong(*messages: Message) -> str:
    """The faults of a chat request, the history being what its client has told."""
    got = read("chat", body(*messages))
    return "; ".join(faults("chat", got, told(read("chat", body(*HISTORY)).items), None))


@pytest.mark.parametrize("form", FORMS)
def test_the_full_history_is_valid(form: str) -> None:
    """No fault in what the client itself sends."""
    said = spoken(session(), form, "gpt-4o")
    got = read(form, said.body(9))
    assert faults(form, got, told(got.items), got.items[-1]) == ()


def test_a_condensed_history_is_valid() -> None:
    """A text in the place of old messages is no fault, as long as what is kept is whole."""
    assert wrong(SYSTEM, user("What was said before: …"), *HISTORY[6:9]) == ""


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ((SYSTEM, HISTORY[3]), "result a without its call"),
        ((SYSTEM, HISTORY[2]), "call a has no result"),
        ((SYSTEM, HISTORY[2], user("?"), HISTORY[3]), "call a has no result before user"),
        ((SYSTEM, *HISTORY[6:8], user("?")), "call c has no result before user"),
        ((SYSTEM, *HISTORY[2:4], *HISTORY[2:4]), "id a twice"),
        ((SYSTEM, *HISTORY[6:9], *HISTORY[2:4]), "call a out of order"),
        ((SYSTEM, assistant(None, ("a", "{}")), result("a", "")), "call a is not the client's"),
        ((SYSTEM, user(""), *HISTORY[6:9]), "an empty user message"),
        ((SYSTEM, {"role": "tutor", "content": "?"}), "unknown tutor"),
        ((SYSTEM, {"role": "assistant", "content": None}), "without content"),
        ((SYSTEM, {"role": "assistant", "content": "Hm.", "tool_calls": []}), "an empty list of calls"),
    ],
)
def test_a_fault_is_named(messages: tuple[Message, ...], why: str) -> None:
    """Pairing, ids, order, roles and content of Chat Completions."""
    assert why in wrong(*messages)


def test_the_newest_item_stays_the_last() -> None:
    """A request that no longer ends with what the client just said is at fault."""
    got = read("chat", body(SYSTEM, user("Thanks."), user("Summary: …")))
    client = read("chat", body(*HISTORY)).items
    assert faults("chat", got, told(client), client[-1]) == ("the client's newest item is not the last",)


USE: dict[str, Any] = {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {}}]}
TAKEN: dict[str, Any] = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "x"}]}
AFTER: dict[str, Any] = {"role": "user", "content": [{"type": "text", "text": "Look."}, *TAKEN["content"]]}
ASK: dict[str, Any] = {"role": "user", "content": "Go."}


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([USE, TAKEN], "the first message is not the user's"),
        ([ASK, USE, ASK, TAKEN], "calls and results of neighbouring messages"),
        ([ASK, TAKEN], "calls and results of neighbouring messages"),
        ([ASK, USE, AFTER], "a result after other blocks"),
        ([{"role": "user", "content": " "}], "with nothing in it"),
        ([{"role": "system", "content": "x"}], "unknown role system"),
    ],
)
def test_anthropic_is_stricter(messages: list[dict[str, Any]], why: str) -> None:
    """User first, results first in the very next message, no empty text."""
    got = read("messages", json.dumps({"messages": messages}, separators=(",", ":")).encode())
    assert why in "; ".join(faults("messages", got, told(got.items), None))


def test_responses_items_are_paired_too() -> None:
    """An output without its call, and a message without anything in it."""
    items = [{"role": "user", "content": ""}, {"type": "function_call_output", "call_id": "a", "output": "x"}]
    got = read("responses", json.dumps({"input": items}, separators=(",", ":")).encode())
    found = faults("responses", got, told(got.items), None)
    assert found == ("result a without its call", "a message without content")

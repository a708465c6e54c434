"""What a request is known by."""

import json
from typing import Any

import pytest

from policies.prefetch.trail import LATEST, Guess, grown, trail, written

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "é"}], "tools": [{"type": "function"}]}
REPLY, RESULT = {"role": "assistant", "content": None}, {"role": "tool", "content": "1"}
REPLIES = {"null": (REPLY,), "also null": (REPLY,), "empty": ({**REPLY, "content": ""},)}
RESULTS = {"text": (RESULT, RESULT), "other": (RESULT, {**RESULT, "content": "2"})}


def told(body: dict[str, Any]) -> bytes:
    """A body as a client may write it."""
    return json.dumps(body, indent=1).encode()


def guess(body: dict[str, Any]) -> Guess:
    """What is expected after this request; through JSON."""
    mark = trail(told(body))
    made = Guess(mark.length, mark.heads[mark.length], written(REPLIES), written(RESULTS), 0.0)
    return Guess(*json.loads(json.dumps(list(made))))


def test_the_next_request_is_known_by_its_ways() -> None:
    """Those that are known already, where they fit; else the first that fit."""
    for reply, result in ((REPLIES["empty"], RESULTS["other"]), (REPLIES["null"], RESULTS["text"])):
        mark = trail(grown(told(BODY), reply, result))
        ways = guess(BODY).ways(mark, ())
        assert ways is not None
        assert (REPLIES[ways[0]], RESULTS[ways[1]]) == (reply, result)
    assert guess(BODY).ways(mark, ("also null", "text")) == ("also null", "text")
    assert guess(BODY).ways(mark, ("empty", "other")) == ("null", "text")


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0},
        {"model": "n"},
        {"tools": []},
        {"messages": [{"role": "user", "content": "e"}, REPLY, RESULT, RESULT]},
        {"messages": [*BODY["messages"], REPLY]},
        {"messages": [*BODY["messages"], REPLY, RESULT]},
        {"messages": [*BODY["messages"], REPLY, RESULT, RESULT, RESULT]},
        {"messages": [*BODY["messages"], {**REPLY, "x": 1}, RESULT, RESULT]},
        {"messages": []},
    ],
)
def test_another_request_is_none_of_them(changes: dict[str, Any]) -> None:
    """Whatever differs, wherever."""
    body = {**BODY, "messages": [*BODY["messages"], REPLY, RESULT, RESULT], **changes}
    assert guess(BODY).ways(trail(told(body)), ()) is None


def test_only_the_latest_items_are_known() -> None:
    """A trail is small, however long the request."""
    long = {**BODY, "messages": BODY["messages"] * 300}
    mark = trail(told(long))
    assert len(mark.heads) == len(mark.items) == LATEST
    assert guess(long).ways(trail(grown(told(long), REPLIES["null"], RESULTS["text"])), ()) == ("null", "text")


@pytest.mark.parametrize(
    "more",
    [
        {"store": True},
        {"n": 2},
        {"web_search_options": {}},
        {"mcp_servers": [1]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    ],
)
def test_what_does_more_than_ask(more: dict[str, Any]) -> None:
    """Is not harmless."""
    assert trail(told(BODY)).harmless
    assert trail(told({**BODY, "tools": [{"name": "of messages"}]})).harmless
    assert trail(told({**BODY, **more})).harmless is False

"""The recorder: which part of a body it writes, and when it writes all of it.

It must not know how bodies are put together again.
"""

import json
from typing import Any

import pytest

from proxy.exchange import Completion, Exchange, Request, Session
from proxy.recorder import EVERY, SMALL, TRUSTED_S, Recorder
from proxy.recording import read, write
from proxy.redact import Redactor

TOOLS = [
    {"type": "function", "function": {"name": f"tool{number}", "description": "Tells. " * 40}} for number in range(20)
]
OPENING = {"role": "user", "content": "Where is my order? " * 500}


def asked(
    id_: str, *added: str, session: str = "s", purpose: str = "", now: float = 1.0, caller: str = "me"
) -> Exchange:
    """A chat with a long opening, some turns more, and tools behind them, as an OpenAI client writes it."""
    messages = [OPENING, *({"role": "user", "content": text} for text in added)]
    body = json.dumps({"messages": messages, "model": "gpt-4o", "tools": TOOLS}).encode()
    request = Request("POST", "/v1/chat/completions", body=body, form="chat", caller=caller)
    return Exchange(id_, request, Session(session), now=now, purpose=purpose, completion=Completion(200, body=b"{}"))


def written(recorder: Recorder, exchange: Exchange) -> dict[str, Any]:
    """The request as it stands in the line."""
    told: dict[str, Any] = json.loads(recorder(exchange))["request"]
    return told


def test_a_line_holds_what_was_added() -> None:
    """The first turn is whole; of the second there is what stands between the turns and the tools of the first."""
    recorder = Recorder("full")
    assert recorder(asked("1")) == write(asked("1"), mode="full")
    second = written(recorder, asked("2", "And now?"))
    assert second["like"]["id"] == "1"
    assert second["body"] == ', {"role": "user", "content": "And now?"}'


def test_a_retry_adds_nothing() -> None:
    """The same body once more is all said."""
    recorder = Recorder("full")
    recorder(asked("1"))
    again = written(recorder, asked("2"))
    assert (again["body"], again["like"]["first"]) == ("", len(asked("2").request.body))


@pytest.mark.parametrize(
    "other",
    [
        asked("2", session="t"),
        asked("2", caller="you"),
        asked("2", purpose="draft"),
        asked("2", now=2.0 + TRUSTED_S),
        asked("2").but(request=Request("POST", "/v1/chat/completions", body=b"[" + b"1," * SMALL, caller="me")),
    ],
)
def test_another_conversation_is_whole(other: Exchange) -> None:
    """Of another session, caller or purpose, after a long silence, or with other words."""
    recorder = Recorder("full")
    recorder(asked("1"))
    assert recorder(other) == write(other, mode="full")


@pytest.mark.parametrize("recorder", [Recorder("meta"), Recorder("full", Redactor(["email"]))])
def test_no_part_of_a_marked_or_redacted_line_is_elsewhere(recorder: Recorder) -> None:
    """`meta` has no bodies; a pattern may match across the seam of two parts."""
    assert [read(recorder(asked(str(number)))).like for number in range(3)] == [None] * 3


def test_small_bodies_are_whole_and_come_between_without_harm() -> None:
    """A client's side question of a few words does not make it forget the conversation."""
    recorder = Recorder("full")
    recorder(asked("1"))
    small = asked("2").but(request=Request("POST", "/v1/chat/completions", body=b"{}", caller="me"))
    assert recorder(small) == write(small, mode="full")
    assert written(recorder, asked("3", "And now?"))["like"]["id"] == "1"


@pytest.mark.parametrize("seed", [0, 5, EVERY - 1, 2**32 - 1])
def test_a_whole_body_comes_again_and_again(seed: int) -> None:
    """Wherever a session begins in the round, no line hangs on more than `EVERY - 1` others."""
    recorder = Recorder("full")
    exchanges = [asked(str(number), *["more"] * number).but(seed=seed) for number in range(3 * EVERY)]
    whole = [number for number, each in enumerate(exchanges) if "like" not in written(recorder, each)]
    assert whole == [0, *range(EVERY - seed % EVERY, 3 * EVERY, EVERY)]


def test_what_it_remembers_is_bounded() -> None:
    """Beyond the bound the strand that is silent for longest is forgotten, and its next line is whole."""
    size = len(asked("1").request.body)
    recorder = Recorder("full", kept_bytes=2 * size)
    recorder(asked("1", session="a"))
    recorder(asked("2", session="b"))
    assert read(recorder(asked("3", session="a"))).like is not None
    assert read(recorder(asked("4", session="c"))).like is None
    assert read(recorder(asked("5", session="a"))).like is not None
    assert read(recorder(asked("6", session="b"))).like is None

"""Programs that a model writes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.prefetch.language import parse
from policies.prefetch.written import Written, parted, read, tried, written
from proxy.conversation import Turn
from proxy.exchange import Completion, Request
from proxy.policy import Call, Failure, Work
from tests.policies.prefetch.shop import schooled
from tests.policies.prefetch.test_history import CLERK, trace

TOOLS = ("find_user", "get_user", "get_order", "cancel_order")
GOOD = json.dumps({"programs": [CLERK.json()]})
NOWHERE = {"rules": [{"when": [], "call": "fly_to_moon"}]}
MODEL = schooled(6)
TRACES = [trace(number, 1 + number % 3) for number in range(6)]


def asking(*answers: str | Failure) -> tuple[Written, list[Any]]:
    """What comes of it where the model answers so, and what it was asked."""
    said = iter(answers)
    bodies: list[Any] = []
    plan = written(Request("POST", "/v1/chat/completions", form="chat"), "writer", MODEL, TRACES)
    answer: Any = None
    while True:
        try:
            wish = plan.send(answer)
        except StopIteration as stop:
            return stop.value, bodies
        if isinstance(wish, Work):
            answer = wish.function(*wish.arguments)
            continue
        assert isinstance(wish, Call)
        assert wish.purpose == "programs"
        bodies.append(json.loads(wish.request.body))
        text = next(said)
        answer = Completion(200, turns=(Turn("assistant", text),), cost=0.25) if isinstance(text, str) else text


@pytest.mark.parametrize("text", [GOOD, f"Here you are:\n```json\n{GOOD}\n```\nEnjoy!", f"See [1].\n{GOOD}"])
def test_a_good_answer(text: str) -> None:
    """With words around it or without; tried on the sessions that the model has not seen."""
    came, bodies = asking(text)
    (particle,) = came.particles
    assert (particle.program, particle.origin) == (CLERK, "writer")
    assert particle.spoke > 8
    assert particle.hit_rate > 0.7
    assert (len(bodies), came.dollars) == (1, 0.25)
    assert bodies[0]["messages"][0]["content"].count("SESSION") == 3
    assert came.figures() == {"programs_asked": 1, "programs_joined": 1, "programs_usd": 0.25}


def test_a_fault_is_told_once() -> None:
    """And what comes then is taken."""
    came, bodies = asking(json.dumps({"programs": [NOWHERE]}), GOOD)
    assert [each["role"] for each in bodies[1]["messages"]] == ["user", "assistant", "user"]
    assert "there is no tool fly_to_moon; there are cancel_order, find_user" in bodies[1]["messages"][2]["content"]
    assert (came.askings, came.dollars, len(came.particles)) == (2, 0.5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "An agent is a program that acts. " * 400,
        '{"programs": [{"rules": [{"when": [{"turn": "us',
        '{"programs": []}',
        "[1, 2]",
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_is_borne(text: str) -> None:
    """It is asked once more, and counted."""
    came, bodies = asking(text, text)
    assert (came.particles, len(bodies)) == ((), 2)
    assert came.figures() == {"programs_asked": 2, "programs_refused": 1, "programs_usd": 0.5}


def test_a_call_that_fails_is_not_repeated() -> None:
    """What it cost is counted all the same."""
    came, bodies = asking(Failure("status 500", Completion(500, cost=0.1)))
    assert (came.particles, len(bodies), came.dollars) == ((), 1, 0.1)


def test_what_was_never_right_stays_out() -> None:
    """And of good and bad programs the good ones are taken without asking again."""
    wrong = {"rules": [{"when": [], "call": "cancel_order", "with": {"order_id": {"value": "x"}}}]}
    came, bodies = asking(json.dumps({"programs": [CLERK.json(), wrong, NOWHERE]}))
    assert [each.program for each in came.particles] == [CLERK]
    assert (came.useless, came.malformed, len(bodies)) == (1, 1, 1)


def test_few_sessions_serve_for_both() -> None:
    """With one there is none that was not shown."""
    assert parted(TRACES[:1]) == (TRACES[:1], TRACES[:1])
    assert parted(TRACES) == (TRACES[:3], TRACES[3:])


def test_a_record_is_the_one_it_would_have_had() -> None:
    """Each step that it spoke to counts, as in the pool."""
    particle = tried([CLERK, parse({"rules": [{"when": [{"turn": "result"}], "reply": True}]})], TRACES[:1], "w")[1]
    assert (particle.spoke, particle.matched > 0, particle.missed > 0) == (4, True, True)


@given(st.text(max_size=300) | st.recursive(st.none() | st.text(), st.lists, max_leaves=20).map(json.dumps))
def test_whatever_is_said_is_read(text: str) -> None:
    """Nothing is raised."""
    assert read(text, TOOLS).programs == ()

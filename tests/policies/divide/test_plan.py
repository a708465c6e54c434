"""The plan of a division, played with scripted models."""

import json
from typing import Any

from policies.divide.passage import longest
from policies.divide.plan import Division, Limits
from policies.divide.sizing import Sizing
from policies.inner.bodies import body_of
from proxy.policy import Call, Failure
from tests.policies.ensemble.table import Table, chat, last

ASK = "What is the second smallest number?"
NUMBERS = "\n".join(f"The box holds {(number * 37) % 101 + 5} pounds." for number in range(100))
PAIR = json.dumps({"worker": "Return the two smallest.", "manager": "Give the second smallest of all."})


def division(most: int = 1_000, **limits: Any) -> Division:
    """A request with a long text and a question, before a small model."""
    request = chat(f"{ASK}\n\n{NUMBERS}", model="divide/small", tools=[{"type": "function"}], stream=True)
    passage = longest(body_of(request), "chat")
    assert passage is not None
    return Division(request, "small", "small", passage, Sizing(250, "as set"), most, Limits(**limits))


def reader(model: str, purpose: str, words: str) -> str:
    """Writes instructions, and does what they say with the part it is given."""
    if purpose == "plan":
        return PAIR
    part = words.partition("<<<")[2].partition(">>>")[0]
    found = sorted(int(word) for word in part.split() if word.isdigit())
    return " ".join(map(str, found[:2]))


def test_planner_workers_manager() -> None:
    """Two looks at the instructions, every part read once, and the manager is asked in the client's own request: its
    tools, its stream, its question, and notes in place of the text."""
    table, work = Table(reader), division()
    ended = table.play(work.plan())
    assert isinstance(ended, Call)
    assert table.purposes[:2] == ["plan", "plan"]
    workers = [request for _, purpose, request in table.heard if purpose == "worker"]
    assert len(workers) == len(table.heard) - 2 >= 3
    assert all("Return the two smallest." in last(request) and ASK in last(request) for request in workers)
    read_parts = [last(request).partition("<<<\n")[2].partition("\n>>>")[0] for request in workers]
    assert "".join(read_parts) == work.passage.text
    assert all("tools" not in body_of(request) for request in workers)
    body = body_of(ended.request)
    assert (body["model"], body["stream"], body["tools"]) == ("small", True, [{"type": "function"}])
    words = body["messages"][0]["content"]
    assert words.startswith(ASK)
    assert "Give the second smallest of all." in words
    assert "pounds" not in words
    smallest = sorted(int(word) for word in NUMBERS.split() if word.isdigit())[:2]
    assert all(str(number) in words for number in smallest)


def test_the_account() -> None:
    """All calls but the last, and what was done; the notes are for the checks."""
    table, work = Table(reader), division()
    table.play(work.plan())
    (said,) = table.says
    assert said.facts["bill"][:3] == [len(table.heard), 10 * len(table.heard), 3 * len(table.heard)]
    assert said.facts["parts"] == len(said.texts) == len(table.heard) - 2
    assert "instructions: refined" in said.reason


def test_a_planner_that_writes_an_essay() -> None:
    """The instructions that there are without one; the work goes on."""
    table, work = Table(lambda *told: "Well, it depends." if told[1] == "plan" else "7"), division()
    ended = table.play(work.plan())
    assert isinstance(ended, Call)
    assert table.purposes.count("plan") == 1
    assert "word for word" in last(table.heard[1][2])
    assert table.says[0].facts["instructions"] == "default"


def test_a_part_that_is_not_read_is_named() -> None:
    """To the manager and in the headers; the others count."""

    def one_fails(model: str, purpose: str, words: str) -> Any:
        return Failure("status 500") if "Part 2 of" in words else reader(model, purpose, words)

    table, work = Table(one_fails), division()
    ended = table.play(work.plan())
    assert isinstance(ended, Call)
    words = last(ended.request)
    assert "Parts 2 could not be read" in words
    assert "parts not read: 2 (status 500)" in table.says[0].reason
    assert table.says[0].facts["failed"] == 1


def test_too_many_are_not_read() -> None:
    """Then the model is asked with the whole, and it is said why."""
    table, work = Table(lambda *told: Failure("status 500")), division()
    ended = table.play(work.plan())
    assert isinstance(ended, Call)
    assert NUMBERS in last(ended.request)
    assert body_of(ended.request)["model"] == "small"
    assert "whole: only 0 of" in table.says[0].reason


def test_budgets() -> None:
    """So many at once; beyond the tokens nobody is asked any more."""
    table, work = Table(reader), division(500, at_once=2, tokens=60)
    table.play(work.plan())
    assert len(table.heard) == 6
    assert "over the budget" in table.says[0].reason


def test_a_text_of_one_part() -> None:
    """Goes whole."""
    table, work = Table(reader), division(100_000)
    ended = table.play(work.plan())
    assert isinstance(ended, Call)
    assert table.heard == []
    assert "could not be cut" in table.says[0].reason


def test_where_no_part_held_anything_the_whole_is_asked() -> None:
    """A manager with empty notes would guess."""
    table, work = Table(lambda *told: PAIR if told[1] == "plan" else "Nothing."), division()
    ended = table.play(work.plan())
    assert isinstance(ended, Call)
    assert NUMBERS in last(ended.request)
    assert "no part held anything" in table.says[0].reason

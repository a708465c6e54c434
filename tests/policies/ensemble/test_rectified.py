"""mas2 played: designed, manned, put right where something fails, and always an answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from policies.ensemble.rectified import looping, rectified
from proxy.policy import Call, Failure
from tests.policies.ensemble.table import Table, chat, last, sitting

DESIGN = json.dumps(
    {
        "roles": [
            {"id": "look", "instruction": "Find what is known of the sea."},
            {"id": "count", "instruction": "Count the waves."},
            {"id": "say", "instruction": "Answer in one line.", "inputs": ["look", "count"]},
        ]
    }
)
OPEN = "How many waves has the sea?"
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
Members = Callable[[str, str, str], Any]


def team(
    fails: Callable[[str, str], Any] = lambda _model, _words: None, designs: tuple[str, ...] = (DESIGN,)
) -> Members:
    """Members that design as told, and work unless `fails` says what they do instead."""
    left = list(designs)

    def member(model: str, purpose: str, words: str) -> Any:
        if words.startswith("Design"):
            return left.pop(0) if len(left) > 1 else left[0]
        if words.startswith("An assistant could not"):
            return "Say what you know of the sea."
        return fails(model, words) or f"{model} worked"

    return member


def test_designed_and_worked() -> None:
    """One design, every role but the last at once, and the last speaks to the client with the results in sight."""
    table = Table(team())
    ended = table.play(rectified(sitting(chat(OPEN, tools=TOOLS, stream=True), team="mas2")))
    assert isinstance(ended, Call)
    assert table.purposes == ["design", "node", "node"]
    assert "Result of look:\none worked" in last(ended.request)
    assert "Answer in one line." in last(ended.request)
    assert json.loads(ended.request.body)["tools"] == TOOLS
    assert ended.request.stream
    assert all("tools" not in json.loads(request.body) for _, _, request in table.heard)
    assert "look, count, say(look count)" in table.says[-1].reason


@pytest.mark.parametrize(
    "failure",
    [
        Failure("status 500"),
        Failure("not waited for"),
        "I'm sorry, but I can't help with that.",
        "round and round we go\n" * 5,
    ],
)
def test_a_member_that_fails_is_swapped(failure: object) -> None:
    """Another member does the role; what was finished stays; the move is recorded with its reason."""
    table = Table(team(lambda model, words: failure if model == "one" and "waves." in words else None))
    ended = table.play(rectified(sitting(chat(OPEN))))
    assert isinstance(ended, Call)
    assert table.asked("node") == ["one", "one", "two"]
    (move,) = table.says[-1].facts["moves"]
    assert move.startswith("count: one to two (")
    assert "put right: count" in table.says[-1].reason


def test_then_the_instruction_is_rewritten() -> None:
    """Nobody can count waves; asked to say what they know, they can."""
    table = Table(team(lambda _model, words: "I can't help with that." if "Count the waves" in words else None))
    ended = table.play(rectified(sitting(chat(OPEN))))
    assert isinstance(ended, Call)
    assert "instruction rewritten" in table.says[-1].reason
    assert "Result of count:" in last(ended.request)


def test_then_the_rest_is_planned_anew() -> None:
    """What is finished can be read by the new team, and is not done again."""
    anew = json.dumps({"roles": [{"id": "end", "instruction": "Answer.", "inputs": ["look"]}]})
    fails = lambda _model, words: "I can't help with that." if "Count" in words or "what you know" in words else None  # noqa: E731
    table = Table(team(fails, (DESIGN, anew)))
    ended = table.play(rectified(sitting(chat(OPEN), "one two three four")))
    assert isinstance(ended, Call)
    assert "replan without count" in table.says[-1].reason
    assert "Result of look:" in last(ended.request)
    assert sum("Find what is known" in last(request) for _, purpose, request in table.heard if purpose == "node") == 1


def test_a_template_that_cannot_be_used_is_put_right_once() -> None:
    """The model is told what was wrong. Twice wrong: the best single model answers."""
    table = Table(team(designs=("A team of rivals!", DESIGN)))
    assert isinstance(table.play(rectified(sitting(chat(OPEN)))), Call)
    assert "Your last design cannot be used: it is no JSON" in last(table.heard[1][2])
    assert table.says[-1].facts["malformed"] == 1
    circle = json.dumps({"roles": [{"id": "a", "instruction": "x", "inputs": ["a"]}]})
    table = Table(team(designs=(circle,)))
    ended = table.play(rectified(sitting(chat(OPEN))))
    assert isinstance(ended, Call)
    assert ended.request.model == "one"
    assert "in a circle" in table.says[-1].reason
    assert "answers alone" in table.says[-1].reason


def test_all_fail_or_the_budget_ends() -> None:
    """The best single model answers, after no more calls than there may be."""
    table = Table(lambda *_: Failure("status 500"))
    assert isinstance(table.play(rectified(sitting(chat(OPEN)))), Call)
    table = Table(team(lambda *_: Failure("status 500")))
    ended = table.play(rectified(sitting(chat(OPEN), calls=4)))
    assert isinstance(ended, Call)
    assert len(table.heard) <= 4


def test_loops() -> None:
    """One line four times; a list of short lines is none."""
    assert looping("The sea is wide and deep.\n" * 4)
    assert not looping("The sea is wide and deep.\n" * 3)
    assert not looping("- yes\n" * 9)


def test_a_template_that_did_well_needs_no_design() -> None:
    """The next question of the kind saves the call; what has to be put right is told, and designed anew in the end."""
    first = sitting(chat(OPEN), team="mas2")
    table = Table(team())
    table.play(rectified(first))
    row = table.says[-1].facts["template"]
    assert row[1] is True
    again = sitting(chat(OPEN), team="mas2")
    again.templates = [[row[0], 1, 1]]
    table = Table(team())
    table.play(rectified(again))
    assert table.purposes == ["node", "node"]
    assert "as before" in table.says[-1].reason
    broken = sitting(chat(OPEN), team="mas2")
    broken.templates = [[row[0], 1, 1]]
    table = Table(
        team(fails=lambda model, words: Failure("status 500") if "waves." in words and model == "one" else None)
    )
    table.play(rectified(broken))
    assert table.says[-1].facts["template"][1] is False

"""The benchmark of teams: a world whose skills are what they are said to be, calls counted as they are made."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.teams.__main__ import main
from benchmarks.teams.figures import right, scene_rows
from benchmarks.teams.play import members, play
from benchmarks.teams.recorded import SMALL, calibrated, gains, read
from benchmarks.teams.rivals import single, vote
from benchmarks.teams.scenes import Scene, experts, half_weak
from benchmarks.teams.world import LETTERS, Nature, advised, answered, even, questions, scored
from policies.ensemble import Limits
from policies.ensemble.cascade import cascade
from policies.ensemble.graph_of_agents import graph_of_agents
from policies.ensemble.self_organising import self_organising

ASKS = questions(60, 1)
NATURE = Nature()


def test_models_are_as_good_as_they_are_said_to_be() -> None:
    """Over many questions, whatever they have in common."""
    many = questions(1_500, 3)
    for accuracy in (0.2, 0.6, 0.9):
        assert single(even("one", accuracy), many, NATURE) == pytest.approx(accuracy, abs=0.04)


def test_the_same_seed_is_the_same_world() -> None:
    """A model that is asked again as the first time says the same; another attempt is a fresh one."""
    model = even("one", 0.5)
    assert [answered(model, each, NATURE) for each in ASKS] == [
        answered(model, each, NATURE) for each in questions(60, 1)
    ]
    assert [answered(model, each, NATURE) for each in ASKS] != [answered(model, each, NATURE, 1) for each in ASKS]


def test_judges_like_what_they_think_themselves() -> None:
    """Scores are shares of 1; a reader that sees nothing but its own answer keeps it."""
    model = even("one", 0.9)
    own = answered(model, ASKS[0], NATURE)
    other = next(letter for letter in LETTERS if letter != own)
    scores = scored(model, ASKS[0], NATURE, [own, other])
    assert sum(scores) == pytest.approx(1)
    assert scores[0] > scores[1]
    wrong = next(letter for letter in LETTERS if letter != ASKS[0].right)
    assert advised(model, ASKS[0], NATURE, wrong, []) == wrong


@pytest.mark.parametrize("plan", [graph_of_agents, self_organising, cascade])
def test_every_question_is_answered_and_every_call_counted(plan: object) -> None:
    """By the plans that the proxy runs; the price of each call is on the account."""
    skills = experts()
    found = play(plan, members(skills), skills, NATURE, ASKS, limits=Limits(calls=32))  # type: ignore[arg-type]
    assert all(played.letter in LETTERS and played.letter for played in found)
    assert all(played.calls == played.spent for played in found)
    assert 0 < right(found, ASKS) < 1


def test_a_scene_has_its_rivals_in_the_same_row() -> None:
    """The vote of all is a vote of as many calls as there are models."""
    scene = Scene("half weak", half_weak())
    rows = {row.way: row for row in scene_rows(scene, 60, [1], NATURE)}
    assert rows["vote of all"].right == vote(scene.skills, ASKS, NATURE, 6)
    assert rows["selforg"].calls == 6
    assert rows["cascade"].calls < 3.1


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A file as the recorded ones are: 400 questions with ten choices, the first model the best."""
    rows = [
        {
            "question": "Which?\n" + "\n".join(f"{letter}. x" for letter in "ABCDEFGHIJ"),
            "score": [float((number * (place + 3)) % 10 < 5 - place % 2) for place in range(5)],
        }
        for number in range(400)
    ]
    path = tmp_path / "recorded.jsonl.gz"
    lines = [json.dumps({"models": list(SMALL)}), *map(json.dumps, rows)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_recorded_answers(recorded: Path) -> None:
    """Alike by chance only, voting gains the most; all alike, the least."""
    items = read(recorded)
    assert {item.choices for item in items} == {10}
    assert gains(items, 0.0, 1).plain > gains(items, 1.0, 1).plain
    assert 0 <= calibrated(items, 1, gain=0.0) <= 1
    with pytest.raises(ValueError, match="no answers of nobody"):
        read(recorded, ["nobody"])


def test_the_command(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables for people, and one object in the last line."""
    main(["--questions", "12", "--seeds", "1", "--recorded", str(recorded), "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(told) == {"recorded", "scenes", "changes", "recovery"}
    with pytest.raises(SystemExit, match=r"benchmarks\.teams: "):
        main(["--recorded", "/none.gz"])

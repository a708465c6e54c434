"""Sessions from a seed: the same again, every value once, calls and results paired."""

import json

import pytest

from benchmarks.consolidate.objectives.kinds import KINDS
from benchmarks.consolidate.objectives.task import Given, Task, tasks

GIVEN: tuple[Given, ...] = ("each", "start")


def told(task: Task) -> str:
    return "\n".join(str(message["content"]) for turn in task.turns for message in (*turn.said, turn.reply))


@pytest.mark.parametrize("given", GIVEN)
def test_a_seed_gives_the_same_sessions(given: Given) -> None:
    """And another seed others."""
    assert tasks(3, 2, 16, given) == tasks(3, 2, 16, given)
    assert tasks(3, 2, 16, given) != tasks(4, 2, 16, given)
    first, second = tasks(3, 2, 16, given)
    assert first.objectives != second.objectives


@pytest.mark.parametrize("given", GIVEN)
def test_what_is_asked_for_stands_once_in_the_session(given: Given) -> None:
    """In one record of one result: an answer can come from nowhere else."""
    for task in tasks(5, 4, 32, given):
        whole = told(task)
        assert len({objective.person for objective in task.objectives}) == 32
        for objective in task.objectives:
            assert whole.count(f'"{objective.value}"') == 1
            assert objective.value not in objective.question
            records = json.loads(objective.result)["matches"]
            mine = next(record for record in records if record[objective.kind.argument] == objective.person)
            assert mine[objective.field] == objective.value


@pytest.mark.parametrize("given", GIVEN)
def test_every_call_has_its_result_next(given: Given) -> None:
    """As providers ask for it."""
    (task,) = tasks(1, 1, 8, given)
    history = [message for turn in task.turns for message in (*turn.said, turn.reply)]
    calls = [place for place, message in enumerate(history) if message.get("tool_calls")]
    assert len(calls) == 8
    for place in calls:
        assert history[place + 1]["tool_call_id"] == history[place]["tool_calls"][0]["id"]
    assert {tool["function"]["name"] for tool in task.tools} == {kind.tool for kind in KINDS}


def test_there_are_so_many_names() -> None:
    """More objectives than people cannot be made."""
    with pytest.raises(ValueError, match="1 to 128 objectives, not 129"):
        tasks(1, 1, 129, "each")

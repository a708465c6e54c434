"""Whole sessions through a proxy, in front of a model that reads only what it is sent."""

import json
from collections.abc import AsyncIterator

import pytest

from benchmarks.consolidate.objectives.arms import Arm, Marks, arms
from benchmarks.consolidate.objectives.loop import Played, play
from benchmarks.consolidate.objectives.summary import shown, summed
from benchmarks.consolidate.objectives.task import Task, tasks
from benchmarks.consolidate.objectives.watching import completion
from proxy.testing import Heard, Line, Script

TASKS = tasks(2, 1, 8, "each")
FULL, CONDENSED, LAST, ALONE = arms([Marks(600, 400)], 5)
JSON = (("Content-Type", "application/json"),)
TOO_LONG = b'{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}'


def reader(heard: Heard) -> Line:
    """Knows which value is asked for, and says it where it was sent."""
    messages = json.loads(heard.body)["messages"]
    sent = json.dumps(messages)
    asked = next(one for one in TASKS[0].objectives if one.question == messages[-1]["content"])
    return Line(
        headers=JSON, body=completion({"role": "assistant", "content": asked.value if asked.value in sent else "?"})
    )


def forgetful(heard: Heard) -> Line:
    """A window of 3,000 bytes."""
    return Line(status=400, headers=JSON, body=TOO_LONG) if len(heard.body) > 3000 else reader(heard)


@pytest.fixture
async def model() -> AsyncIterator[Script]:
    async with Script(handler=reader) as script:
        yield script


async def played(model: Script, arm: Arm) -> Played:
    found, faults = await play(arm, TASKS, model.url, len, reads=False)
    assert faults == ()
    return found[0]


@pytest.mark.anyio
@pytest.mark.live
async def test_with_the_full_history_every_fact_is_there(model: Script) -> None:
    """And without any, none."""
    full = await played(model, FULL)
    assert all(answer.there and answer.right for answer in full.answers)
    assert full.events == 0
    alone = await played(model, ALONE)
    assert not any(answer.there or answer.right for answer in alone.answers)
    assert alone.peak < full.peak


@pytest.mark.anyio
@pytest.mark.live
async def test_the_newest_messages_hold_the_newest_fact(model: Script) -> None:
    """Five messages: the question, and one objective."""
    last = await played(model, LAST)
    assert [answer.back for answer in last.answers if answer.there] == [1]
    assert [answer.back for answer in last.answers if answer.right] == [1]
    assert last.events > 4


@pytest.mark.anyio
@pytest.mark.live
async def test_condensed_sessions_are_smaller_and_told_so(model: Script) -> None:
    """Facts that users asked for by name stay, though the peak is less than half."""
    full, condensed = await played(model, FULL), await played(model, CONDENSED)
    assert condensed.peak < full.peak / 2
    assert condensed.events
    assert all(answer.there for answer in condensed.answers)
    assert "condensed" in condensed.last


@pytest.mark.anyio
@pytest.mark.live
async def test_a_prompt_that_is_too_long_is_a_refusal_not_a_fault(model: Script) -> None:
    """It counts as an answer that was not right, and the session goes on."""
    model.handler = forgetful
    full = await played(model, FULL)
    assert all(answer.refused and not answer.right for answer in full.answers)
    row = summed([full])
    assert (row.refused, row.right.share) == (8, 0.0)
    told = shown([row])
    assert "| full history |" in told
    assert "0.00-0.32" in told


@pytest.mark.anyio
@pytest.mark.live
async def test_the_model_reads_every_turn_where_that_is_wished(model: Script) -> None:
    """One token of it; the reply is still the written one."""
    seen: list[bytes] = []

    def noting(heard: Heard) -> Line:
        seen.append(heard.body)
        return Line(headers=JSON, body=completion({"role": "assistant", "content": "?"}))

    model.handler = noting
    task: Task = TASKS[0]
    await play(FULL, TASKS, model.url, len, reads=True)
    turns = len(list(task.turns))
    assert len(seen) == turns + len(task.objectives)
    assert [json.loads(body)["max_tokens"] for body in seen[:turns]] == [1] * turns

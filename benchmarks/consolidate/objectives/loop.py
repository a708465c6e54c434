"""The agent's loop: one session through a proxy, its tool turns as they are written, then every question to the model.

It must not know how arms differ. The client is the official one and keeps its whole history.
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any, NamedTuple

from openai import APIStatusError, AsyncOpenAI

from benchmarks.consolidate.objectives.arms import Arm
from benchmarks.consolidate.objectives.scoring import right
from benchmarks.consolidate.objectives.task import SYSTEM, Message, Objective, Task
from benchmarks.consolidate.objectives.watching import WAIT_S, Received, Watch
from benchmarks.consolidate.play import QUIET, counted
from proxy.compose import running
from proxy.settings import Settings

MODEL = "local"
MOST_ANSWER = 24
"""Tokens of an answer."""


class Answer(NamedTuple):
    """One question and what came of it."""

    question: str
    value: str
    said: str
    """Empty where the request was refused."""
    right: bool
    back: int
    """Objectives ago, from 1."""
    there: bool
    """The value stood in the request that the model received."""
    refused: bool
    """The prompt was longer than the model's window."""


class Played(NamedTuple):
    """A session in one arm."""

    arm: str
    task: str
    answers: tuple[Answer, ...]
    peak: int
    """Tokens of the largest conversation received, questions included (o200k, without system text and tools)."""
    total: int
    """Of all requests."""
    model_peak: int
    """The largest prompt by the model's own count."""
    events: int
    """Requests up to the first question that do not begin with the one before."""
    requests: int
    refused: int
    seconds: float
    model_seconds: float
    """Of them, spent by the model."""
    last: str
    """The conversation as the last question found it."""


async def play(
    arm: Arm, tasks: Sequence[Task], model_url: str, count: Callable[[str], int], *, reads: bool
) -> tuple[list[Played], tuple[str, ...]]:
    """The sessions of one arm, one after another, and what the proxy counted as faults.

    `reads`: the model reads every turn, not only the questions. Raises `openai.APIError` for an answer that is neither
    a completion nor the refusal of a long prompt.
    """
    async with AsyncExitStack() as stack:
        watch = await stack.enter_async_context(Watch(model_url, count, reads=reads))
        settings = Settings.model_validate({**QUIET, **PATIENT, **arm.settings, "upstream": watch.url})
        url = await stack.enter_async_context(running(settings))
        client = await stack.enter_async_context(
            AsyncOpenAI(base_url=f"{url}/v1", api_key="none", timeout=WAIT_S, max_retries=0)
        )
        found = [await _session(client, watch, arm, task) for task in tasks]
        metrics = await client.get(f"{url}/metrics", cast_to=str)
        return found, counted(metrics)


PATIENT = {"first_byte_timeout_s": WAIT_S, "between_chunks_timeout_s": WAIT_S}


async def _session(client: AsyncOpenAI, watch: Watch, arm: Arm, task: Task) -> Played:
    watch.begin()
    began = perf_counter()
    history: list[Message] = [SYSTEM]
    for turn in task.turns:
        history += turn.said
        watch.reply = turn.reply
        said = await _asked(client, task, arm.view(history))
        history.append(said or turn.reply)
    before, watch.reply = len(watch.received), None
    answers = [await _answered(client, watch, arm, task, history, place) for place in range(len(task.objectives))]
    took = perf_counter() - began
    return _summed(arm, task, answers, watch.received, before, took)


async def _answered(
    client: AsyncOpenAI, watch: Watch, arm: Arm, task: Task, history: Sequence[Message], place: int
) -> Answer:
    """A question beside the session: neither it nor the answer is in the history of the next one."""
    objective: Objective = task.objectives[place]
    asked = {"role": "user", "content": objective.question}
    said = await _asked(client, task, arm.view([*history, asked]))
    text = str((said or {}).get("content") or "")
    there = right(objective.value, watch.received[-1].text)
    back = len(task.objectives) - place
    return Answer(objective.question, objective.value, text, right(objective.value, text), back, there, said is None)


async def _asked(client: AsyncOpenAI, task: Task, messages: list[Message]) -> Message | None:
    """The reply, as the client keeps it; None where the prompt was refused as too long."""
    given: Any = {"messages": messages, "tools": task.tools}
    try:
        got = await client.chat.completions.create(model=MODEL, temperature=0, max_tokens=MOST_ANSWER, **given)
    except APIStatusError as fault:
        if fault.status_code == 400 and "context" in str(fault.body):
            return None
        raise
    return got.choices[0].message.model_dump(exclude_none=True)


def _summed(
    arm: Arm, task: Task, answers: Sequence[Answer], received: Sequence[Received], before: int, took: float
) -> Played:
    return Played(
        arm.name,
        task.name,
        tuple(answers),
        max(each.tokens for each in received),
        sum(each.tokens for each in received),
        max(each.model_tokens for each in received),
        sum(each.event for each in received[: before + 1]),
        len(received),
        sum(each.status == 400 for each in received),
        took,
        sum(each.seconds for each in received),
        received[-1].text,
    )

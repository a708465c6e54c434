"""Teams of small real models beside each of them alone and beside as many answers of the best one.

It must not know how a team decides. Calls and tokens are those that reached the models.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import NamedTuple

from openai import APIError, AsyncOpenAI

from benchmarks.small.door import Door
from benchmarks.small.questions import Question
from proxy.compose import running
from proxy.settings import Settings

TEAMS = ("cascade", "selforg", "goa", "mas2")
TIMES = 3
"""Answers of one model whose most frequent counts, where it is asked several times."""
WARMTH = 0.8
SAID = re.compile(r"answer is:?\s*\**\(?([A-D])\b|^\s*\**\(?([A-D])[.):]", re.IGNORECASE | re.MULTILINE)
Asking = Callable[[str], Awaitable[str]]


class Row(NamedTuple):
    """One way to answer, over all questions."""

    name: str
    right: float
    """Share of the questions."""
    calls: float
    """For a question, as they reached the models."""
    tokens: float
    seconds: float
    failed: int


def letter(text: str) -> str:
    """The choice in an answer: the last one that it names as such; empty where it names none."""
    found = [one or two for one, two in SAID.findall(text)]
    return found[-1].upper() if found else ""


async def rows(
    door: Door, questions: Sequence[Question], models: Sequence[str], told: Callable[[Row], None]
) -> list[Row]:
    """Every way, the cheap ones first; the best single model is the one that is asked several times."""
    settings = Settings(_env_file=None, upstream=door.url, team=tuple(models), log="off", record="off")  # type: ignore[call-arg]
    found: list[Row] = []
    async with running(settings) as url, AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        for model in models:
            found.append(await _row(door, model, questions, _once(client, model)))
            told(found[-1])
        best = max(found, key=lambda row: row.right).name
        found.append(await _row(door, f"{best}, {TIMES} times", questions, _often(client, best)))
        told(found[-1])
        for team in TEAMS:
            found.append(await _row(door, team, questions, _once(client, team)))
            told(found[-1])
    return found


async def _row(door: Door, name: str, questions: Sequence[Question], ask: Asking) -> Row:
    right = failed = 0
    begin, began = len(door.passed), perf_counter()
    for question in questions:
        try:
            right += await ask(question.text) == question.right
        except APIError:
            failed += 1
    count = len(questions)
    passed = door.passed[begin:]
    tokens = sum(each.prompt + each.completion for each in passed)
    return Row(name, right / count, len(passed) / count, tokens / count, (perf_counter() - began) / count, failed)


def _once(client: AsyncOpenAI, model: str) -> Asking:
    async def ask(text: str) -> str:
        got = await client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
        return letter(got.choices[0].message.content or "")

    return ask


def _often(client: AsyncOpenAI, model: str) -> Asking:
    async def ask(text: str) -> str:
        said = []
        for seed in range(TIMES):
            got = await client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": text}], temperature=WARMTH, seed=seed
            )
            said.append(letter(got.choices[0].message.content or ""))
        return Counter(each for each in said if each).most_common(1)[0][0] if any(said) else ""

    return ask

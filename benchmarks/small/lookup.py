"""A key looked up in long inputs by a small real model: in a single call, and divided.

It must not know how an input is divided. Calls and tokens are those that reached the model.
"""

from collections.abc import Callable, Sequence
from random import Random
from time import perf_counter
from typing import NamedTuple

from openai import APIError, AsyncOpenAI

from benchmarks.small.door import Door
from proxy.compose import running
from proxy.settings import Settings

LINE_TOKENS = 14
"""Of a line, roughly."""
NAMES = ("Ada", "Bela", "Cora", "Dan", "Edda", "Finn", "Gus", "Hanna", "Ivo", "Jana", "Kurt", "Lea", "Max", "Nora")


class Lookup(NamedTuple):
    """One input and what is looked up in it."""

    text: str
    ask: str
    value: str


class Row(NamedTuple):
    """One way, at one length of the input."""

    name: str
    tokens: int
    """Of an input, roughly."""
    right: float
    calls: float
    seen: float
    """Tokens that reached the model, for an input."""
    seconds: float
    failed: int


def drawn(tokens: int, count: int, seed: int) -> list[Lookup]:
    """So many inputs of that length; the key stands somewhere in each."""
    chance = Random(f"{seed}:{tokens}")
    found = []
    for _ in range(count):
        lines = max(2, tokens // LINE_TOKENS)
        people = [f"{chance.choice(NAMES)} {chance.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}. {n}" for n in range(lines)]
        values = [chance.randint(1000, 9999) for _ in people]
        told = [f"The code of {person} is {value}." for person, value in zip(people, values, strict=True)]
        place = chance.randrange(lines)
        ask = f"What is the code of {people[place]}? Answer with the number alone."
        found.append(Lookup("\n".join(told), ask, str(values[place])))
    return found


async def rows(
    door: Door, model: str, lengths: Sequence[int], size: int, count: int, seed: int, told: Callable[[Row], None]
) -> list[Row]:
    """Single calls at every length; the longest divided into parts of `size` tokens, without a planner and with one."""
    found: list[Row] = []
    for length in lengths:
        found.append(await _row(door, model, drawn(length, count, seed), length, {}))
        told(found[-1])
    longest = drawn(lengths[-1], count, seed)
    for name, planner in (("-", "no planner"), ("", "a planner")):
        settings = {"divide_size": size, "divide_planner": name}
        row = await _row(door, f"divide/{model}", longest, lengths[-1], settings)
        found.append(row._replace(name=f"divided into {size}, {planner}"))
        told(found[-1])
    return found


async def _row(door: Door, model: str, lookups: Sequence[Lookup], length: int, given: dict[str, object]) -> Row:
    settings = Settings(_env_file=None, upstream=door.url, log="off", record="off", **given)  # type: ignore[arg-type]
    right = failed = 0
    begin, began = len(door.passed), perf_counter()
    async with running(settings) as url, AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        for lookup in lookups:
            said: list[dict[str, str]] = [{"role": "user", "content": f"{lookup.text}\n\n{lookup.ask}"}]
            try:
                got = await client.chat.completions.create(model=model, messages=said)  # type: ignore[arg-type]
            except APIError:
                failed += 1
                continue
            right += lookup.value in (got.choices[0].message.content or "")
    passed, count = door.passed[begin:], len(lookups)
    seen = sum(each.prompt + each.completion for each in passed) / count
    return Row(model, length, right / count, len(passed) / count, seen, (perf_counter() - began) / count, failed)

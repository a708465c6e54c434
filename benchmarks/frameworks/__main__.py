"""The command: `python -m benchmarks.frameworks [--runs N] [--seed N] [--json]`.

It must not know how anything is found; it knows what is run.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import Any

from benchmarks.frameworks import ag2_runs, agents_sdk_runs, langgraph_runs
from benchmarks.frameworks.judging import found, judged
from benchmarks.frameworks.script import Agents
from proxy.compose import running
from proxy.settings import Settings
from proxy.testing import Script

Team = Callable[..., Awaitable[None]]
TEAMS: Mapping[str, Sequence[Team]] = {
    "LangGraph": (langgraph_runs.fan, langgraph_runs.chain, langgraph_runs.round_table),
    "AG2": (ag2_runs.fan, ag2_runs.panel, ag2_runs.chain),
    "OpenAI Agents SDK": (agents_sdk_runs.fan, agents_sdk_runs.helpers, agents_sdk_runs.pairs),
}
TOPICS = ("the old harbour", "water in the valley", "freight at night", "a new museum", "the price of oats")
AT_ONCE = 4
SETTLED_S = 1.5
"""After which all that is looked at beside clients has been."""


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.frameworks", description="Aggregations seen without a word of who is who."
    )
    parser.add_argument("--runs", type=int, default=8, metavar="N", help="runs of each team (8), four at once")
    parser.add_argument("--seed", type=int, default=1, help="of sizes, texts and topics (1)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object, in the last line")
    return parser


def main(arguments: Sequence[str]) -> None:
    """Runs and prints."""
    chosen = parser().parse_args(arguments)
    told = asyncio.run(measured(chosen.runs, chosen.seed))
    for name, figures in told.items():
        print(f"{name}\n  " + "  ".join(f"{key} {value:g}" for key, value in figures.items()))
    if chosen.json:
        print(json.dumps({**told["all"], **{name: each for name, each in told.items() if name != "all"}}))


async def measured(runs: int, seed: int) -> dict[str, dict[str, float]]:
    """The figures of each framework and of all together, each framework before a proxy of its own."""
    told, said, seen = {}, [], {}
    for name, teams in TEAMS.items():
        agents = Agents(seed)
        async with Script(handler=agents.answer) as upstream:
            settings = Settings(_env_file=None, upstream=f"{upstream.url}/v1", log="off", record="full", noise="shadow")  # type: ignore[call-arg]
            async with running(settings) as url:
                await _ridden(url, teams, runs, seed)
                await asyncio.sleep(SETTLED_S)
                its = await found(url)
        told[name] = judged(agents.said, its)
        said += agents.said
        seen |= its
    told["all"] = judged(said, seen)
    return told


async def _ridden(url: str, teams: Sequence[Team], runs: int, seed: int) -> None:
    """Every team so many times, some at once, all for the same caller."""
    chance, gate = Random(seed), asyncio.Semaphore(AT_ONCE)

    async def ride(team: Team, run: str, given: dict[str, Any]) -> None:
        async with gate:
            await team(url, run, chance.choice(TOPICS), **given)

    await asyncio.gather(
        *(
            ride(team, f"r{number}-{team.__name__}", {"count": chance.randint(2, 6), "stream": number % 2 == 1})
            for number in range(runs)
            for team in teams
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])

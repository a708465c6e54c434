"""The command: `python -m benchmarks.consolidate.objectives [--objectives 16] [--sessions N] [--model NAME]`.

It must not know how anything is measured or shown; it knows what can be asked for.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openai import APIError

from benchmarks.consolidate.__main__ import reason
from benchmarks.consolidate.objectives.arms import Arm, Marks, arms
from benchmarks.consolidate.objectives.loop import Played, play
from benchmarks.consolidate.objectives.serving import Serving, Unserved, served
from benchmarks.consolidate.objectives.summary import shown, summed
from benchmarks.consolidate.objectives.task import Task, tasks
from benchmarks.consolidate.objectives.weights import MODELS, Missing, file_of
from benchmarks.consolidate.setting import Count, counting


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.consolidate.objectives", description="Answers of a real model, with and without consolidation."
    )
    add = parser.add_argument
    add("--objectives", type=int, nargs="+", default=[16], metavar="K", help="objectives in a session (16)")
    add("--sessions", type=int, default=3, metavar="N", help="sessions in each arm (3)")
    add("--seed", type=int, default=1, help="of the sessions (1)")
    add("--given", choices=("each", "start"), default="each", help="objectives one after another, or all at the start")
    add("--model", default="qwen2.5-coder-1.5b", help=f"{', '.join(MODELS)}, or the path of a GGUF file")
    add("--window", type=int, default=8192, metavar="TOKENS", help="of the model (8192)")
    add("--threads", type=int, default=2, metavar="N", help="of the model (2)")
    add(
        "--marks",
        type=marks,
        nargs="+",
        default=[Marks(1000, 450)],
        metavar="ABOVE/TO",
        help="of the policy (1000/450)",
    )
    add("--keep", type=int, default=12, metavar="N", help="messages of the arm that keeps the newest (12)")
    add("--set", type=setting, nargs="+", default=[], metavar="NAME=VALUE", help="further arms: a setting of the proxy")
    add("--arms", nargs="+", metavar="TEXT", help="only the arms whose names hold one of these")
    add("--read", action="store_true", help="the model reads every turn, not only the questions")
    add("--json", type=Path, metavar="FILE", help="write rows, answers and requests as JSON")
    return parser


def marks(text: str) -> Marks:
    """`1500/600`."""
    above, _, to = text.partition("/")
    return Marks(int(above), int(to))


def setting(text: str) -> tuple[str, dict[str, Any]]:
    """`consolidate_state=tagged`: an arm named so, with that setting."""
    name, is_one, value = text.partition("=")
    if not is_one:
        raise ValueError(text)
    return text, {name: value}


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    asked = parser().parse_args(arguments)
    every = arms(asked.marks, asked.keep, dict(asked.set))
    chosen = [arm for arm in every if _wanted(arm, asked.arms)]
    if not chosen:
        raise SystemExit(f"no arm is called so: {', '.join(arm.name for arm in every)}")
    count = counting()
    told: list[dict[str, object]] = []
    try:
        serving = Serving(file_of(asked.model), asked.window, asked.threads)
        for size in asked.objectives:
            made = tasks(asked.seed, asked.sessions, size, asked.given)
            print(f"## {size} objectives, {asked.sessions} sessions, {asked.model}, window {asked.window:,}\n")
            told.append(asyncio.run(_carried_out(serving, chosen, made, count, asked.read)))
    except (Missing, Unserved, APIError, ValueError, ExceptionGroup) as fault:
        raise SystemExit(reason(fault)) from fault
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2), encoding="utf-8")


async def _carried_out(
    serving: Serving, chosen: Sequence[Arm], made: Sequence[Task], count: Count, reads: bool
) -> dict[str, object]:
    rows, sessions, noted = [], list[Played](), list[str]()
    for arm in chosen:
        async with served(serving) as url:
            played, faults = await play(arm, made, url, count, reads=reads)
        rows.append(summed(played))
        sessions += played
        noted += (f"{arm.name}: the proxy noted {fault}" for fault in faults)
        print(f"{arm.name}: {rows[-1].right.share:.2f} right", file=sys.stderr, flush=True)
    print(shown(rows), *noted, sep="\n", flush=True)
    return {
        "rows": [row._asdict() for row in rows],
        "sessions": [{**each._asdict(), "answers": [one._asdict() for one in each.answers]} for each in sessions],
    }


def _wanted(arm: Arm, named: Sequence[str] | None) -> bool:
    return not named or any(text in arm.name for text in named)


if __name__ == "__main__":
    main(sys.argv[1:])

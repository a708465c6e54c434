"""The command: `python -m benchmarks.small teams|divide [--questions N] [--models NAME NAME] [--json]`.

It must not know how anything is measured; it knows what can be asked for.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.consolidate.objectives.serving import Serving, Unserved
from benchmarks.consolidate.objectives.weights import Missing, file_of
from benchmarks.small import lookup, teams
from benchmarks.small.door import Door
from benchmarks.small.questions import drawn


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.small", description="Small real models, alone and together.")
    add = parser.add_argument
    add("part", choices=("teams", "divide"), help="several models as one; or a long input in parts")
    add("--questions", type=int, default=20, metavar="N", help="questions, or inputs of each length (20)")
    add("--models", nargs="+", default=["qwen2.5-coder-1.5b", "smollm2-135m"], metavar="NAME", help="by name, or files")
    add("--lengths", type=int, nargs="+", default=[250, 500, 1000, 2000], metavar="TOKENS", help="of inputs")
    add("--size", type=int, default=250, metavar="TOKENS", help="of a part (250)")
    add("--window", type=int, default=4096, metavar="TOKENS", help="of the models (4096)")
    add("--threads", type=int, default=2, metavar="N", help="of a model (2)")
    add("--seed", type=int, default=1, help="of the questions (1)")
    add("--json", action="store_true", help="print the rows as one JSON object, in the last line")
    return parser


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    try:
        rows = asyncio.run(measured(chosen))
    except (Missing, Unserved) as fault:
        raise SystemExit(f"benchmarks.small: {fault}") from fault
    if chosen.json:
        print(json.dumps({chosen.part: [row._asdict() for row in rows]}))


async def measured(chosen: argparse.Namespace) -> Sequence[teams.Row | lookup.Row]:
    """The rows of a part, printed as they come. Raises `Missing` or `Unserved`."""
    names = chosen.models if chosen.part == "teams" else chosen.models[-1:]
    models = {name: Serving(file_of(name), chosen.window, chosen.threads) for name in names}
    async with Door(models) as door:
        if chosen.part == "teams":
            return await teams.rows(door, drawn(chosen.questions, chosen.seed), names, _told)
        lengths = sorted(chosen.lengths)
        return await lookup.rows(door, names[0], lengths, chosen.size, chosen.questions, chosen.seed, _told)


def _told(row: NamedTuple) -> None:
    shown = (f"{value:.2f}" if isinstance(value, float) else str(value) for value in row)
    print("  ".join(f"{name} {value}" for name, value in zip(row._fields, shown, strict=True)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

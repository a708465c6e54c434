"""The command: `python -m benchmarks.teams [--questions N] [--seeds N] [--recorded FILE] [--overhead] [--json]`.

It must not know how anything is measured; it knows what can be asked for.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.teams.figures import Row, Shift, scene_rows, shifts
from benchmarks.teams.overhead import overheads
from benchmarks.teams.recorded import PLAIN_GAIN, SMALL, Gains, calibrated, gains, read
from benchmarks.teams.recovery import Recovery, recoveries
from benchmarks.teams.scenes import SCENES
from benchmarks.teams.world import Nature


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.teams", description="Teams beside what the same number of model calls buys otherwise."
    )
    add = parser.add_argument
    add("--questions", type=int, default=300, metavar="N", help="questions of each scene and seed (300)")
    add("--seeds", type=int, default=5, metavar="N", help="seeds (5)")
    add("--recorded", type=Path, metavar="FILE", help="recorded answers of small models (mmlupro28.jsonl.gz)")
    add("--overhead", action="store_true", help="what a call costs beside the member's own time, through a real proxy")
    add("--json", action="store_true", help="print the figures as one JSON object, in the last line")
    return parser


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    told: dict[str, Any] = {}
    if chosen.recorded:
        try:
            told["recorded"] = recorded(chosen.recorded, range(chosen.seeds))
        except (OSError, ValueError, KeyError) as fault:
            raise SystemExit(f"benchmarks.teams: {fault}") from fault
    if chosen.overhead:
        told["overhead"] = overhead()
    told |= world(chosen.questions, range(chosen.seeds))
    if chosen.json:
        print(json.dumps(told))


def world(count: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Every scene and every change, printed as it comes."""
    nature, told = Nature(), {}
    for scene in SCENES:
        rows = scene_rows(scene, count, seeds, nature)
        told[scene.name] = [row._asdict() for row in rows]
        print(f"\n{scene.name}, {len(scene.skills)} models\n{HEAD}", *map(line, rows), sep="\n", flush=True)
    found = shifts(count, seeds, nature)
    print(f"\ngoa under a changed condition: points lost\n{CHANGED}", *map(changed, found), sep="\n", flush=True)
    mended = recoveries(count, seeds[:1], nature)
    print(
        f"\nmas2 with a member of its team that fails: shares of the runs\n{MENDED}", *map(recovered, mended), sep="\n"
    )
    return {
        "scenes": told,
        "changes": [shift._asdict() for shift in found],
        "recovery": [each._asdict() for each in mended],
    }


def overhead() -> list[dict[str, Any]]:
    """The proxy's own time for each call of a team."""
    found = asyncio.run(overheads())
    print("\nour own time for each call, median", *(f"{each.team}: {each.per_call:.1f} ms" for each in found), sep="\n")
    return [each._asdict() for each in found]


def recorded(path: Path, seeds: Sequence[int]) -> dict[str, Any]:
    """The gain of weighted votes on recorded answers."""
    items = read(path)
    pull = calibrated(items, seeds[0])
    told: dict[str, Any] = {"questions": len(items), "pull": round(pull, 3)}
    print(f"{len(items)} recorded questions, {len(SMALL)} small models: points over the best of them")
    print("| wrong answers | plain | weights learned without labels | from 100 scores | known |\n|---|---|---|---|---|")
    for name, each in ((f"as measured (plain {PLAIN_GAIN:+.1%})", pull), ("never alike", 0.0), ("all alike", 1.0)):
        runs = [gains(items, each, seed) for seed in seeds]
        found = Gains(*(mean(column) for column in zip(*runs, strict=True)))
        told[name] = found._asdict()
        print("| " + " | ".join([name, *(f"{gain * 100:+.1f}" for gain in found)]) + " |", flush=True)
    return told


RULE = "\n" + "|---" * 6 + "|"
HEAD = "| way | right | calls | best single | self-consistency, as many calls | vote, as many calls |" + RULE
CHANGED = "| change | graph follows | graph stands | spent, follows | spent, stands | unanswered |" + RULE
MENDED = "| it | put right | graph stands | right answers | with nobody ill |\n" + "|---" * 5 + "|"


def recovered(found: Recovery) -> str:
    """A row of what was put right."""
    return "| " + " | ".join([found.ill, *(f"{share:.2f}" for share in found[1:])]) + " |"


def line(row: Row) -> str:
    """A row of a scene."""
    shares = (row.single, row.consistent, row.voted)
    return "| " + " | ".join([row.way, f"{row.right:.3f}", f"{row.calls:.1f}", *(f"{x:.3f}" for x in shares)]) + " |"


def changed(shift: Shift) -> str:
    """A row of the changes."""
    lost = [f"{points * 100:.1f}" for points in (shift.follows, shift.stands)]
    spent = [f"{price:.1f}" for price in (shift.spent_follows, shift.spent_stands)]
    return "| " + " | ".join([shift.change, *lost, *spent, str(shift.unanswered)]) + " |"


if __name__ == "__main__":
    main(sys.argv[1:])

"""The command: `python -m benchmarks.consolidate FILE… [--chain 16] [--above N --to N] [--json FILE]`.

It must not know how anything is measured or shown; it knows what can be asked for.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from benchmarks.consolidate.play import Unplayed
from benchmarks.consolidate.setting import Setting, Way, carried_out, counting, standard
from benchmarks.consolidate.spoken import FORMS
from benchmarks.consolidate.summary import Run
from benchmarks.consolidate.tables import misses, page, run_table, targets
from benchmarks.consolidate.targets import figures

WHERE = "OUTRIDER_TRACES"
"""Environment variable with the folder of recorded sessions."""


def files(named: Sequence[Path]) -> list[Path]:
    """The files that were named, else those of the folder in the environment. Ends the program where there are none."""
    folder = os.environ.get(WHERE, "")
    found = list(named) or (sorted(Path(folder).glob("*.jsonl*")) if folder else [])
    if not found:
        raise SystemExit(f"Name files of sessions (.jsonl or .jsonl.gz), or their folder in {WHERE}.")
    return found


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.consolidate", description="What consolidation saves and keeps, measured at the upstream."
    )
    add = parser.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help=f"sessions, one a line (default: all in ${WHERE})")
    add("--chain", type=int, default=16, metavar="K", help="trajectories joined to one session (16)")
    add("--above", type=int, default=4500, metavar="N", help="high-water mark in tokens (4500; 0: the policy's own)")
    add("--to", type=int, default=1500, metavar="N", help="low-water mark in tokens (1500)")
    add("--form", choices=[*FORMS, "all"], default="chat", help="wire form that is played (chat)")
    add("--model", default="gpt-4o", help="model that the client names (gpt-4o)")
    add("--off", action="store_true", help="ride without the policy: every ratio is 1")
    add("--pause", type=float, default=0.0, metavar="MS", help="from an answer to the next request (0)")
    add("--standard", action="store_true", help="the settings that have targets, instead of --chain, --above, --to")
    add("--misses", action="store_true", help="list the values that were lost")
    add("--page", action="store_true", help="print the page for the documentation, and nothing else")
    add("--json", type=Path, metavar="FILE", help="write runs and figures as JSON")
    return parser


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    there = files(chosen.files)
    settings = [Setting(path, chosen.chain, chosen.above, chosen.to) for path in there]
    way = Way(FORMS if chosen.form == "all" else (chosen.form,), chosen.model, not chosen.off, chosen.pause / 1e3)
    count = counting()
    runs: list[Run] = []
    for setting in standard(there) if chosen.standard else settings:
        try:
            runs.append(carried_out(setting, way, count))
        except (OSError, ValueError, Unplayed, ExceptionGroup) as fault:
            raise SystemExit(f"{setting.path}: {reason(fault)}") from fault
        if not chosen.page:
            print(run_table(runs[-1]), *[misses(runs[-1])] * chosen.misses, sep="\n", flush=True)
    found = figures(runs, "the policy off" if chosen.off else "consolidate")
    print(page(runs, found) if chosen.page else targets(found))
    if chosen.json:
        told = {"runs": [described(run) for run in runs], "figures": found}
        chosen.json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def described(run: Run) -> dict[str, object]:
    """A run for machines."""
    rows = [
        {**row._asdict(), "less": row.less, "sessions": [each._asdict() for each in row.sessions]} for row in run.rows
    ]
    return {**run._asdict(), "rows": rows, "missed": [each._asdict() for each in run.missed]}


def reason(fault: BaseException) -> str:
    """What went wrong, of a group the first."""
    return reason(fault.exceptions[0]) if isinstance(fault, ExceptionGroup) else str(fault)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The command: `python -m benchmarks.prefetch --train FILE… --test FILE… [--split task] [--tools FILE] [--json]`.

It must not know how anything is measured; it knows what can be asked for.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.prefetch.figures import Figures, by_task, curve, enough, measured
from benchmarks.prefetch.traces import Session, read, read_only
from policies.prefetch.gate import Gate

WHERE = "OUTRIDER_TRACES"
"""Environment variable with the folder of recorded sessions."""
AIRLINE = ("airline-gpt4o", "airline-sonnet45", "airline-gpt54")
STANDARD = (("retail-gpt41",), AIRLINE, *((each,) for each in AIRLINE), ("telecom-gpt41",))
SHOWN = (
    "name_top1", "m4_name_top1", "exact_top1", "exact_top3", "served", "launches_per_read", "useful", "mismatches",
    "calibration_error", "calibration_pooled", "calibration_chance", "cpu_ms_p99",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.prefetch",
        description="How well the next calls are foretold, and what prefetching would serve.",
    )
    add = parser.add_argument
    add("--train", nargs="+", type=Path, metavar="FILE", help="sessions to learn from, one a line")
    add("--test", nargs="+", type=Path, metavar="FILE", help="sessions to foretell (default: those of --train)")
    add("--split", choices=["task"], help="split by task: 70 %% learned, 30 %% foretold, mean of five splits")
    add("--tools", type=Path, metavar="FILE", help="tools with `read_only` (default: by the beginnings of names)")
    add("--seeds", type=int, default=5, metavar="N", help="splits (5)")
    add("--curve", action="store_true", help="exact top-1 by sessions learned from; with --split")
    add("--cost", type=float, default=Gate().cost, metavar="C", help="cost of a launch, in served calls")
    add("--per-read", type=float, default=Gate().per_read, metavar="N", help="most launches for a read call")
    add("--standard", action="store_true", help=f"every set of sessions in the folder ${WHERE}")
    add("--json", action="store_true", help="print the figures as one JSON object, in the last line")
    return parser


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    gate = Gate(cost=chosen.cost, per_read=chosen.per_read)
    try:
        for name, found in figures(chosen, gate):
            print(line(name, found), flush=True)
    except (OSError, ValueError, KeyError) as fault:
        raise SystemExit(f"benchmarks.prefetch: {fault}") from fault
    if chosen.json:
        print(json.dumps(found))


def figures(chosen: argparse.Namespace, gate: Gate) -> Iterator[tuple[str, Figures]]:
    """What was asked for, one set of sessions after the other."""
    if chosen.standard:
        folder = Path(os.environ.get(WHERE, ""))
        for names in STANDARD:
            files = [folder / f"{name}.jsonl.gz" for name in names]
            tools = folder / f"{names[0].partition('-')[0]}-tools.json"
            yield "+".join(names), of_split(sessions(files), tools, chosen, gate)
        return
    if not chosen.train:
        raise SystemExit(f"Name files of sessions with --train, or their folder in {WHERE} with --standard.")
    known = sessions(chosen.train)
    if chosen.split:
        yield (
            "+".join(path.name.partition(".")[0] for path in chosen.train),
            of_split(known, chosen.tools, chosen, gate),
        )
        return
    unknown = sessions(chosen.test or chosen.train)
    reads = read_only(chosen.tools, [*known, *unknown])
    yield (
        "+".join(path.name.partition(".")[0] for path in chosen.test or chosen.train),
        measured(known, unknown, reads, gate),
    )


def of_split(known: Sequence[Session], tools: Path | None, chosen: argparse.Namespace, gate: Gate) -> Figures:
    """The figures of sessions split by task."""
    reads = read_only(tools, known)
    found = by_task(known, reads, gate, chosen.seeds)
    if chosen.curve:
        exact = curve(known, reads, chosen.seeds)
        print("sessions learned from: " + "  ".join(f"{count}: {share:.1f} %" for count, share in exact.items()))
        found["sessions_for_90"] = enough(exact)
    return found


def sessions(files: Sequence[Path]) -> list[Session]:
    """The sessions of all files."""
    return [session for path in files for session in read(path)]


def line(name: str, found: Figures) -> str:
    """The figures for a person."""
    return f"{name}\n  " + "  ".join(
        f"{each} {found[each]:g}" for each in dict.fromkeys((*SHOWN, *found)) if each in found
    )


if __name__ == "__main__":
    main(sys.argv[1:])

"""The command: `python -m benchmarks.noise PART FILE… [--json]`; the parts stand in `PARTS`.

It must not know how anything is measured; it knows what can be asked for.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.noise import alarms, divide, dropped, faithfulness, fit, foreign, groups, numbers, overhead, speed

WHERE = "OUTRIDER_NOISE_DATA"
"""Environment variable with the folder that holds `aggregation/`, `faithfulness/` and `failures/`."""
CONVERSATIONS = ("aggregation/locomo-half.jsonl.gz",)
RESPONSES = ("faithfulness/begin.jsonl.gz", "faithfulness/summedits8.jsonl.gz")
RUNS = ("failures/agentrx_magentic.jsonl.gz",)
PARTS = ("dropped", "foreign", "numbers", "faithfulness", "alarms", "speed", "divide", "overhead", "fit", "all")
Figures = Mapping[str, float]


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.noise", description="How well the checks of an aggregation see what was lost or changed."
    )
    add = parser.add_argument
    add("part", choices=PARTS, help="what is measured; `fit` prints the judges' weights instead")
    add("files", nargs="*", type=Path, metavar="FILE", help=f"recorded texts (default: those in the folder ${WHERE})")
    add("--seed", type=int, default=0, help="of what is random (0)")
    add("--json", action="store_true", help="print the figures as one JSON object, in the last line")
    return parser


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    try:
        if chosen.part == "fit":
            print(fit.source(*given(chosen.files)[:2]), end="")
            return
        parts = PARTS[:8] if chosen.part == "all" else (chosen.part,)
        for part in parts:
            found = measured(part, chosen.files, chosen.seed)
            for name, figures in found.items():
                print(
                    f"{part} {name}\n  " + "  ".join(f"{key} {value:g}" for key, value in figures.items()), flush=True
                )
    except (OSError, ValueError) as fault:
        raise SystemExit(f"benchmarks.noise: {fault}") from fault
    if chosen.json:
        print(json.dumps(found["all"] | {name: each for name, each in found.items() if name != "all"}))


def measured(part: str, files: Sequence[Path], seed: int) -> dict[str, Figures]:
    """The figures of one part, by set of texts; `all` is the whole."""
    if part == "overhead":
        return {"all": overhead.measured(seed)}
    if part == "divide":
        return dict(divide.from_files(files) if files else divide.measured(seed))
    conversations, responses, runs = given(files)
    if part == "alarms":
        return {"all": alarms.measured(alarms.read(runs))}
    if part == "faithfulness":
        return dict(faithfulness.measured(faithfulness.read(responses)))
    if part == "numbers":
        return {"all": numbers.measured(numbers.read(conversations), seed)}
    found = groups.read(conversations)
    if not found:
        raise ValueError("no conversation has five sessions with findings and a summary")
    if part == "dropped":
        return {"all": dropped.measured(found)}
    if part == "speed":
        return {"all": speed.measured(found)}
    return {"all": foreign.measured(found, seed)}


def given(files: Sequence[Path]) -> tuple[list[Path], list[Path], list[Path]]:
    """The files named, for each form; or the standard ones of each."""
    if files:
        return [*files], [*files], [*files]
    if not os.environ.get(WHERE):
        raise ValueError(f"name files of recorded texts, or their folder in {WHERE}")
    folder = Path(os.environ[WHERE])
    return (
        [folder / name for name in CONVERSATIONS],
        [folder / name for name in RESPONSES],
        [folder / name for name in RUNS],
    )


if __name__ == "__main__":
    main(sys.argv[1:])

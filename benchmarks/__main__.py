"""The command: `python -m benchmarks [WHAT] [--quick] [--json FILE] [--write]`; `--help` names what there is.

It must not know how anything is measured; it knows what there is to measure.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from benchmarks import growth, instructions, latency, readiness, road, stream
from benchmarks.contestant import BARE, NOTHING, OUTRIDER, PARSING, RAW, RELAY, Contestant, Unable
from benchmarks.figure import Figure
from benchmarks.peers import PEERS
from benchmarks.report import page, tables
from benchmarks.stage import DIRECT, Stage, raised, say

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
OURS = (DIRECT, NOTHING, RELAY, PARSING, RAW, OUTRIDER, BARE)
MEASURES: dict[str, Callable[[Stage], list[Figure]]] = {
    "road": road.measure,
    "instructions": instructions.measure,
    "latency": latency.measure,
    "stream": stream.measure,
    "growth": growth.measure,
    "start": readiness.measure,
}


def installed() -> list[Contestant]:
    """The peers that can be had; the others are named on stderr."""
    peers = []
    for name, install in PEERS.items():
        try:
            peers.append(install())
        except Unable as why:
            say(f"{name} is left out: {why}")
    return peers


def measured(what: str, peers: list[Contestant], quick: bool) -> list[Figure]:
    """The figures of one measure, of `peers` (the road with the peers on it), or of all."""
    with raised(quick) as stage:
        if what == "peers":
            return road.measure(stage, peers)
        figures = road.measure(stage, peers) if what == "all" else []
        for name in set_out(what):
            try:
                figures += MEASURES[name](stage)
            except Unable as why:
                say(f"{name} came to no end: {why}")
        return figures


def set_out(what: str) -> list[str]:
    """The measures that are still to be taken; of all, the road has been."""
    return [name for name in MEASURES if name != "road"] if what == "all" else [what]


def main(arguments: list[str]) -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="What the road costs, beside its targets.")
    parser.add_argument("what", nargs="?", default="all", choices=[*MEASURES, "peers", "all"])
    parser.add_argument("--quick", action="store_true", help="fewer requests and rounds: a first look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args(arguments)
    peers = installed() if chosen.what in ("peers", "all") else []
    figures = measured(chosen.what, peers, chosen.quick)
    print(tables(figures))
    if chosen.json:
        chosen.json.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
    if chosen.write:
        PAGE.parent.mkdir(exist_ok=True)
        contestants = [(each.name, each.about) for each in (*OURS, *peers)]
        PAGE.write_text(page(figures, contestants, chosen.quick))


if __name__ == "__main__":
    main(sys.argv[1:])

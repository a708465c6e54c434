"""The command: `python -m benchmarks.gateway [--calls 10000] [--sessions 12] [--seed 7] [--json]`.

It must not know how anything is measured. It ends with 1 when an answer differed from a direct call's.
"""

import argparse
import asyncio
import json

from benchmarks.gateway.faults import Plan, play


def main() -> None:
    """Reads the command line, plays, prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=play.__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    given = parser.parse_args()
    tally = asyncio.run(play(Plan(given.calls, given.sessions, given.seed)))
    figures = tally.figures()
    for name, value in figures.items():
        print(f"{name:24} {value}")
    for mismatch in tally.mismatches[:20]:
        print(mismatch)
    if given.json:
        print(json.dumps(figures))
    raise SystemExit(bool(tally.mismatches))


if __name__ == "__main__":
    main()

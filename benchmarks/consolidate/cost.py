"""What condensing costs beside the full history: the policy's marks and arithmetic over many sessions, in one table.

It must not know how the proxy rewrites a request: a stand-in shortens prompts by token counts, or, with `--played`,
the proxy does. `python -m benchmarks.consolidate.cost [FILE…]`; without files those in the folder OUTRIDER_TRACES.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from benchmarks.consolidate import synthetic
from benchmarks.consolidate.caching import REGIMES, Charged, Regime, block_of, relative, worst
from benchmarks.consolidate.sessions import Session, chained
from benchmarks.consolidate.setting import counting
from benchmarks.consolidate.standin import Item, Marks, plain, shortened
from benchmarks.consolidate.till import ON, rung

PACES = (20, 60, 150)
CHAINS = (1, 4, 16)
TARGETS = {20: (1.00, 1.00, 1.00), 60: (0.75, 0.61, 0.59), 150: (0.41, 0.27, 0.25)}
"""For each regime, at so many turns of an even pace, at most so much beside append-only."""
MOST = 1.03
"""No session may cost more beside append-only."""
HEADS = ("system", "developer")
GIVEN = (Marks(4500, 1500), Marks(3000, 1200), Marks(1000, 400))


class Row(NamedTuple):
    """Sessions of one kind in one regime."""

    kind: str
    marks: str
    regime: str
    mean: float
    highest: float
    """The dearest session, beside its own full history."""
    beginning: float
    """The dearest beginning of a session: had it ended just there."""
    events: float
    """Share of requests at which the prefix was written anew."""
    target: float
    holds: bool


def items_of(session: Session, count: Callable[[str], int]) -> list[Item]:
    """A recorded session as the stand-in reads it: tools first, as providers read them."""
    tools = [Item("head", block_of(list(session.tools), count))] if session.tools else []
    said = [Item("head" if each["role"] in HEADS else each["role"], block_of(each, count)) for each in session.messages]
    return tools + said


def even(turns: int) -> list[Item]:
    """A synthetic session: system, task, then an answer and a result at each request."""
    last = synthetic.asks(turns + 1)[-1].blocks
    roles = ["head", "user", *("assistant", "tool") * turns]
    return [Item(role, block) for role, block in zip(roles, last, strict=True)]


def simulated(
    sessions: Sequence[Sequence[Item]], regime: Regime, given: Marks | None, *, gated: bool = True
) -> list[Charged]:
    """What the sessions cost with the stand-in. `given` None: at default marks."""
    charged = []
    for items in sessions:
        before = plain(items)
        after = shortened(items, regime, marks=given, gated=gated)
        ratios = relative(after.asks, before, regime), worst(after.asks, before, regime)
        charged.append(Charged(*ratios, after.events, len(before)))
    return charged


def row(kind: str, marks: str, regime: Regime, found: Sequence[Charged], target: float = MOST) -> Row:
    """Adds up."""
    mean = sum(one.relative for one in found) / len(found)
    beginning = max(one.worst for one in found)
    events = sum(one.events for one in found) / sum(one.requests for one in found)
    holds = round(mean, 2) <= target and beginning <= MOST
    highest = max(one.relative for one in found)
    return Row(kind, marks, regime.name, mean, highest, beginning, events, target, holds)


def rows(files: Sequence[Path], count: Callable[[str], int], *, always: bool = False) -> Iterator[Row]:
    """All rows of the table; `always` adds those in which every passed mark makes an event, whatever it costs."""
    for turns in PACES:
        for regime, target in zip(REGIMES, TARGETS[turns], strict=True):
            yield row(f"even pace, {turns} turns", "default", regime, simulated([even(turns)], regime, None), target)
    for file, length in product(files, CHAINS):
        sessions = [items_of(session, count) for session in chained(file, length)]
        kind = f"{file.name.partition('.')[0]}, chain-{length}"
        for given, regime in product((None, *GIVEN), REGIMES):
            marks = f"{given.above} / {given.to}" if given else "default"
            yield row(kind, marks, regime, simulated(sessions, regime, given))
            if always and given:
                yield row(kind, f"{marks}, always", regime, simulated(sessions, regime, given, gated=False))


def played(files: Sequence[Path], count: Callable[[str], int], marks: Sequence[Marks | None]) -> Iterator[Row]:
    """The same, measured: played through the proxy with a model of such prices."""
    for turns in PACES:
        for regime, target in zip(REGIMES, TARGETS[turns], strict=True):
            found = rung([synthetic.session(turns, count)], regime, count)
            yield row(f"even pace, {turns} turns, played", "default", regime, found, target)
    for file, length, given, regime in product(files, CHAINS, marks, REGIMES):
        settings = {**ON, "consolidate_above": given.above, "consolidate_to": given.to} if given else ON
        found = rung(chained(file, length), regime, count, settings)
        shown = f"{given.above} / {given.to}" if given else "default"
        yield row(f"{file.name.partition('.')[0]}, chain-{length}, played", shown, regime, found)


def show(found: Iterator[Row]) -> int:
    """Prints the table; the number of rows that missed. Rows that are made to happen `always` have no target."""
    print("| sessions | marks | prices | mean | dearest | dearest beginning | events | at most | |")
    print("|---|---|---|---|---|---|---|---|---|")
    missed = 0
    for one in found:
        forced = one.marks.endswith("always")
        missed += not one.holds and not forced
        verdict = "" if forced else "held" if one.holds else "**missed**"
        figures = f"{one.mean:.3f} | {one.highest:.3f} | {one.beginning:.3f} | {one.events:.1%}"
        target = "" if forced else f"{one.target:.2f}"
        print(f"| {one.kind} | {one.marks} | {one.regime} | {figures} | {target} | {verdict} |", flush=True)
    return missed


def main() -> None:
    """Reads the command line and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--always", action="store_true", help="also with the arithmetic switched off")
    parser.add_argument("--played", action="store_true", help="measure the proxy instead of the stand-in")
    parser.add_argument("--given", action="store_true", help="with --played: also at marks that a user gives")
    wishes = parser.parse_args()
    files, folder = wishes.files, os.environ.get("OUTRIDER_TRACES")
    if not files and folder:
        files = sorted(Path(folder).glob("*.jsonl.gz"))
    count = counting()
    marks = (None, *GIVEN) if wishes.given else (None,)
    found = played(files, count, marks) if wishes.played else rows(files, count, always=wishes.always)
    raise SystemExit(1 if show(found) else 0)


if __name__ == "__main__":
    main()

"""Why calls are not foretold: how far any method could get that takes arguments from what was said and returned.

It must not know how calls are foretold beyond what a forecast says. The command:
`python -m benchmarks.prefetch.misses FILE… [--tools FILE] [--seeds N]`; each seed is a split by task, 70 % learned.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from benchmarks.prefetch.play import hears, train
from benchmarks.prefetch.traces import Session, read, read_only, split
from policies.prefetch.calls import Call
from policies.prefetch.model import Model
from policies.prefetch.state import State

COLUMNS = ("calls", "name", "exact", "first 3", "given name", "in reach")
"""Calls; in percent of them: the tool was foretold; so was the whole call, at first or among three; the first call of
the right tool was the one; each argument stood somewhere in the session, a day off, or was a constant."""


def tallied(known: Sequence[Session], unknown: Iterable[Session], reads: Collection[str]) -> dict[str, Counter[str]]:
    """Counts by tool, for the columns."""
    model = Model()
    train(model, known, reads)
    found: dict[str, Counter[str]] = {}
    for session in unknown:
        state = State(session.model)
        for event in session.events:
            if hears(state, event):
                continue
            for id, call in event.calls:
                found.setdefault(call.name, Counter()).update(judged(model, state, call))
                state.called(call, read_only=call.name in reads, id=id)
            (state.wrote if event.calls else state.replied)(event.text)
    return found


def judged(model: Model, state: State, call: Call) -> dict[str, int]:
    """What is true of one call, in the columns."""
    forecast = model.foretell(state)
    likeliest = max((name for name in forecast.labels if name), key=lambda name: forecast.labels[name], default="")
    keys = [each.call.key for each in forecast.calls]
    own = [each.call.key for each in forecast.calls if each.call.name == call.name]
    truths = (
        True,
        likeliest == call.name,
        keys[:1] == [call.key],
        call.key in keys[:3],
        own[:1] == [call.key],
        all(reachable(model, state, call.name, name, value) for name, value in call.arguments.items()),
    )
    return dict(zip(COLUMNS, map(int, truths), strict=True))


def reachable(model: Model, state: State, tool: str, argument: str, value: str) -> bool:
    """Whether an argument's value stands anywhere in the session, or is one it often has."""
    known = model.tools.get(tool)
    constants = known.arguments[argument].constants() if known and argument in known.arguments else []
    return value in dict(constants) or any(value in values for values in model.sources(state).values())


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="benchmarks.prefetch.misses", description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recorded sessions, one a line")
    parser.add_argument("--tools", type=Path, metavar="FILE", help="tools with `read_only`")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="splits (5)")
    chosen = parser.parse_args(arguments)
    sessions = [session for path in chosen.files for session in read(path)]
    reads = read_only(chosen.tools, sessions)
    found: dict[str, Counter[str]] = {}
    for seed in range(chosen.seeds):
        for name, counts in tallied(*split(sessions, seed), reads).items():
            found.setdefault(name, Counter()).update(counts)
    print(f"{'':36}" + "".join(f"{column:>12}" for column in COLUMNS))
    for name, counts in sorted(found.items(), key=lambda each: -each[1]["calls"]):
        print(line(name + ("" if name in reads else " (writes)"), counts))
    print(line("all", sum(found.values(), Counter())))


def line(name: str, counts: Counter[str]) -> str:
    """One row of the table."""
    shares = "".join(f"{100 * counts[column] / counts['calls']:12.1f}" for column in COLUMNS[1:])
    return f"{name:36}{counts['calls']:12}{shares}"


if __name__ == "__main__":
    main(sys.argv[1:])

"""The command `python -m benchmarks.consolidate.bill [FILE…] [--chain K] [--marks N/N …]`: the policy's own bill, held
against what the upstream received.

It must not know how the policy reckons. What was saved is the price of the client's requests less that of those that
were received, by a model of the provider's cache; what is claimed stands in the proxy's metrics.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.consolidate.__main__ import WHERE, files
from benchmarks.consolidate.caching import REGIMES, Regime, cost
from benchmarks.consolidate.play import play
from benchmarks.consolidate.sessions import Session, chained
from benchmarks.consolidate.setting import counting
from benchmarks.consolidate.spoken import spoken
from benchmarks.consolidate.till import MODELS, ON, Till
from proxy.prices import Prices

MARKS = ("4500/1500", "3000/1200", "1000/400")
_TOTAL = re.compile(
    r'outrider_policy_total\{(?=[^}]*policy="consolidate")[^}]*figure="(saved|extra|maker)_usd"[^}]*\} (\S+)'
)


class Held(NamedTuple):
    """Sessions together, in US dollars."""

    full: float
    """Their price with the client's full history."""
    saved: float
    claimed: float

    @property
    def off(self) -> float:
        """By how much the bill claims more than was saved, as a share of the full price; negative: less."""
        return (self.claimed - self.saved) / self.full


def held(
    sessions: Sequence[Session], regime: Regime, count: Callable[[str], int], settings: Mapping[str, Any] = ON
) -> Held:
    """Plays sessions with the model of a regime. Raises what `play` raises."""
    model = MODELS[regime.name]
    rates = Prices().rates(model)
    unit = (rates.fresh if rates else None) or 0.0
    tills = [Till(spoken(session, "chat", model), count) for session in sessions]
    lines = asyncio.run(play(tills, settings, told=_claimed))
    full = unit * sum(cost(till.client, regime) for till in tills)
    sent = unit * sum(cost(till.received, regime) for till in tills)
    return Held(full, full - sent, sum(map(float, lines)))


def _claimed(metrics: str) -> tuple[str, ...]:
    """The net of the policy's bill in a page of metrics, as signed sums."""
    return tuple(f"{'' if name == 'saved' else '-'}{usd}" for name, usd in _TOTAL.findall(metrics))


def rows(paths: Sequence[Path], chain: int, marks: Sequence[str], count: Callable[[str], int]) -> Iterator[str]:
    """The lines of the table."""
    yield "| sessions | marks | prices | saved, of the full price | by the bill | more by |"
    yield "|---|---|---|---|---|---|"
    for path in paths:
        sessions = chained(path, chain)
        for mark in ("default", *marks):
            above, _, to = mark.partition("/")
            given = {"consolidate_above": int(above), "consolidate_to": int(to)} if to else {}
            for regime in REGIMES:
                one = held(sessions, regime, count, {**ON, **given})
                shares = f"{one.saved / one.full:.1%} | {one.claimed / one.full:.1%} | {one.off:+.1%}"
                yield f"| {path.name.partition('.')[0]}, chain-{chain} | {mark} | {regime.name} | {shares} |"


def main(arguments: list[str]) -> None:
    """Reads the command line and prints."""
    parser = argparse.ArgumentParser(prog="benchmarks.consolidate.bill", description="The policy's bill, checked.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=f"sessions (default: all in ${WHERE})")
    parser.add_argument("--chain", type=int, default=4, metavar="K", help="trajectories joined to one session (4)")
    parser.add_argument("--marks", nargs="*", default=MARKS, metavar="N/N", help=f"above/to ({' '.join(MARKS)})")
    chosen = parser.parse_args(arguments)
    for line in rows(files(chosen.files), chosen.chain, chosen.marks, counting()):
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

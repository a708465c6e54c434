"""End to end: `python -m benchmarks.prefetch.live [FILE…] [--tools FILE] [--speed 1] [--sessions 8] [--json]`.

How much shorter sessions become when their tools are called ahead, with real MCP servers, official clients, and the
recorded generation times. It must not know how anything is called ahead.
"""

import argparse
import asyncio
import gzip
import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from benchmarks.gateway.faults import quiet
from benchmarks.prefetch.__main__ import WHERE
from benchmarks.prefetch.agent import AGENT, KEY, Ridden, ride
from benchmarks.prefetch.house import TTL_S, Furniture, House, standing
from benchmarks.prefetch.oracle import Oracle
from benchmarks.prefetch.play import train
from benchmarks.prefetch.toolserver import Recorded
from benchmarks.prefetch.traces import Session, read, read_only, split
from policies import Foresight, Prefetch
from policies.prefetch.lesson import Agent, packed
from policies.prefetch.model import Model
from proxy.policy import Policy
from proxy.server.gate import caller
from proxy.tools import Called, Prefetched

LATENCIES_S = (0.5, 1.0, 2.0, 5.0)
TYPING_S = 20.0
"""Seconds that a user types, where nothing else is said: longer than a result lives."""
PERFECT = "perfect"
TYPED = "thinking+stream+typing"
TYPING = ((5.0, TTL_S), (20.0, TTL_S), (20.0, 30.0))
"""Seconds that a user types, and that a result lives."""
PLAIN = ("none", "thinking", "stream", "thinking+stream", PERFECT)


class Setting(NamedTuple):
    """What is tried."""

    windows: str
    """Names with `+` between, `none`, or `perfect`: every read of the next reply, none besides."""
    latency_s: float
    typing_s: float = TYPING_S
    ttl_s: float = TTL_S


@dataclass(frozen=True, slots=True)
class Bench:
    """Recorded sessions to ride, and what was learned from others."""

    rows: Sequence[Mapping[str, Any]]
    sessions: Sequence[Session]
    tools: Sequence[Any]
    reads: Collection[str]
    lesson: Any
    speed: float


class Outcome(NamedTuple):
    """What came of a setting, over all sessions."""

    seconds: float
    """Mean of a session, as if at the recorded pace, without the time in which the user types."""
    mismatches: int
    reads: int
    early: int
    launched: int
    useful: int


def prepared(path: Path, tools: Path, sessions: int, speed: float, seed: int = 0) -> Bench:
    """The sessions of a file: 70 % of the tasks are learned, of the others so many are ridden."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = {str(row.get("id")): row for row in map(json.loads, data.splitlines())}
    every = read(path)
    known, unknown = split(every, seed)
    reads = read_only(tools, every)
    model = Model()
    train(model, known, reads)
    offered = [{"type": "function", "function": tool["function"]} for tool in json.loads(tools.read_bytes())]
    names = tuple(tool["function"]["name"] for tool in offered)
    key = Agent(caller(((b"authorization", f"Bearer {KEY}".encode()),)), AGENT, names).key
    ridden = unknown[:sessions]
    lesson = {"agents": {key: packed(model)}}
    return Bench([rows[each.id] for each in ridden], ridden, offered, reads, lesson, speed)


def furniture(bench: Bench, setting: Setting, place: int) -> Furniture:
    """The house of one session."""
    perfect = setting.windows == PERFECT
    windows = ("stream",) if perfect else tuple(word for word in setting.windows.split("+") if word != "none")
    recorded = Recorded(bench.reads, setting.latency_s / bench.speed)
    recorded.open(bench.sessions[place])
    ttl_s = setting.ttl_s / bench.speed
    wishes = Foresight("on", may=bench.reads.__contains__, windows=windows, ttl_s=ttl_s)
    guest: Policy = Oracle(bench.rows[place]["messages"], bench.reads) if perfect else Prefetch(wishes)
    names = [tool["function"]["name"] for tool in bench.tools]
    line = json.dumps(bench.rows[place])
    return Furniture(
        line, recorded, names, (guest,), windows, bench.speed, bench.lesson, setting.ttl_s, bounded=not perfect
    )


async def tried(bench: Bench, setting: Setting) -> Outcome:
    """All sessions at once, each in a house of its own."""
    async with AsyncExitStack() as stack:
        rows = range(len(bench.rows))
        houses = [await stack.enter_async_context(standing(furniture(bench, setting, place))) for place in rows]
        rides = [_ridden(bench, setting, house, row) for house, row in zip(houses, bench.rows, strict=True)]
        ridden = await asyncio.gather(*rides)
        return told(bench, ridden, houses)


async def _ridden(bench: Bench, setting: Setting, house: House, row: Mapping[str, Any]) -> Ridden:
    async def typing() -> None:
        """Tools that were called ahead run on; the rest of the time is skipped."""
        whole = setting.typing_s / bench.speed
        slept = min(whole, (setting.latency_s + 0.5) / bench.speed) if "typing" in setting.windows else 0.0
        await asyncio.sleep(slept)
        house.time.skipped += whole - slept

    return await ride(house.url, row, bench.tools, bench.reads, typing)


def told(bench: Bench, ridden: Sequence[Ridden], houses: Sequence[House]) -> Outcome:
    """The sums."""
    heard = [each for house in houses for each in house.told]
    calls = [each for each in heard if isinstance(each, Called)]
    ahead = Counter(each.use for each in heard if isinstance(each, Prefetched))
    return Outcome(
        mean(each.seconds for each in ridden) * bench.speed,
        sum(each.mismatches for each in ridden),
        sum(each.tool in bench.reads for each in calls),
        sum(each.by != "call" for each in calls),
        ahead.total(),
        ahead["used"],
    )


def row(setting: Setting, outcome: Outcome, none: Outcome, perfect: Outcome) -> dict[str, Any]:
    """A setting's figures."""
    saved = none.seconds - outcome.seconds
    figures = {**setting._asdict(), **outcome._asdict(), "seconds": round(outcome.seconds, 2)}
    figures["saved_percent"] = round(100 * saved / none.seconds, 1)
    figures["of_perfect_percent"] = round(100 * saved / (none.seconds - perfect.seconds or 1e-9), 1)
    return figures


async def measured(bench: Bench, latencies: Sequence[float], *, typing: bool) -> list[dict[str, Any]]:
    """Every setting; those of one latency ride side by side, so that they meet the same machine."""
    found = []
    for latency in latencies:
        settings = [Setting(windows, latency) for windows in PLAIN]
        if typing:
            settings += [Setting(TYPED, latency, typing_s, ttl_s) for typing_s, ttl_s in TYPING]
        outcomes = await asyncio.gather(*(tried(bench, setting) for setting in settings))
        none, perfect = outcomes[0], outcomes[len(PLAIN) - 1]
        for setting, outcome in zip(settings, outcomes, strict=True):
            found.append(row(setting, outcome, none, perfect))
            show(found[-1])
    return found


def show(figures: Mapping[str, Any]) -> None:
    """One line for a person."""
    print(
        f"tools of {figures['latency_s']:g} s, {figures['windows']:24} typing {figures['typing_s']:g} s, "
        f"ttl {figures['ttl_s']:g} s: session {figures['seconds']:7.2f} s, saved {figures['saved_percent']:5.1f} %, "
        f"of perfect {figures['of_perfect_percent']:5.1f} %, reads {figures['reads']}, early "
        f"{figures['early']}, launched {figures['launched']}, mismatches {figures['mismatches']}",
        flush=True,
    )


def timed(folder: str) -> list[Path]:
    """The files of a folder whose sessions say when each message came. None for no folder."""
    files = sorted(Path(folder).glob("*.jsonl.gz")) if folder else []
    return [path for path in files if b'"at_s": null' not in gzip.decompress(path.read_bytes()).partition(b"\n")[0]]


def tools_of(path: Path) -> Path:
    """The tools of a file of sessions: beside it, named after its domain."""
    return path.with_name(f"{path.name.partition('-')[0]}-tools.json")


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefetch.live", description=__doc__)
    add = parser.add_argument
    add("traces", nargs="*", type=Path, metavar="FILE", help=f"sessions with `at_s` (default: all in ${WHERE})")
    add("--tools", type=Path, metavar="FILE", help="their tools with `read_only` (default: DOMAIN-tools.json beside)")
    add("--speed", type=float, default=1.0, help="how many times as fast as recorded (1)")
    add("--sessions", type=int, default=8, help="sessions that are ridden at once (8)")
    add("--latency", type=float, nargs="*", default=LATENCIES_S, help="seconds that tools take")
    add("--typing", action="store_true", help="also calls ahead while the user types")
    add("--json", action="store_true", help="one JSON object as the last line")
    return parser


def main(arguments: Sequence[str]) -> None:
    """Reads the command line, rides, prints."""
    given = parser().parse_args(arguments)
    traces = given.traces or timed(os.environ.get(WHERE, ""))
    if not traces:
        raise SystemExit(f"Name files of recorded sessions, or their folder in {WHERE}.")
    found = []
    for path in traces:
        print(path.name.partition(".")[0], flush=True)
        bench = prepared(path, given.tools or tools_of(path), given.sessions, given.speed)
        with quiet("mcp.server", "mcp.client", "outrider", "uvicorn", "httpx"):
            rows = asyncio.run(measured(bench, given.latency, typing=given.typing))
        found += [{"sessions": path.name, **each} for each in rows]
    mismatches = sum(each["mismatches"] for each in found)
    if given.json:
        print(json.dumps({"settings": found, "mismatches": mismatches}))
    raise SystemExit(bool(mismatches))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Runs: which file at which marks, the standard set of them, and how one is carried out.

It must not know targets, nor how a run is shown.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.consolidate.baselines import BASELINES, played
from benchmarks.consolidate.meter import Meter
from benchmarks.consolidate.play import play
from benchmarks.consolidate.sessions import Session, chained
from benchmarks.consolidate.spoken import spoken
from benchmarks.consolidate.summary import Row, Run, faults, summed
from proxy.tokens import Tokens

Count = Callable[[str], int]


class Setting(NamedTuple):
    """One file at one length of sessions and one pair of marks (tokens; 0: the policy's own)."""

    path: Path
    chain: int
    above: int
    to: int


class Way(NamedTuple):
    """How sessions are played."""

    forms: tuple[str, ...]
    model: str
    on: bool
    """False: the proxy rides without the policy."""
    pause_s: float = 0.0
    """Seconds between an answer and the next request."""

    def settings(self, setting: Setting) -> dict[str, Any]:
        """The proxy's settings."""
        if not self.on:
            return {"policies": ("session",)}
        marks = {"consolidate_above": setting.above, "consolidate_to": setting.to} if setting.above else {}
        return {"policies": ("session", "consolidate"), "consolidate": "on", **marks}


TARGETED = (
    ("airline-gpt4o", 16, 4500, 1500),
    ("airline-gpt4o", 16, 3000, 1200),
    ("airline-gpt4o", 4, 4500, 1500),
    ("airline-gpt4o", 1, 1000, 400),
    ("retail-gpt41", 16, 4500, 1500),
    ("retail-gpt41", 16, 3000, 1200),
    ("retail-gpt41", 4, 4500, 1500),
)
"""File, trajectories in a session, marks: what there are targets for."""


def standard(files: Sequence[Path]) -> list[Setting]:
    """The standard set: what has targets, and every other file at one setting. Files that are missing are left out."""
    by_name = {path.name.partition(".")[0]: path for path in files}
    there = [Setting(by_name[name], *rest) for name, *rest in TARGETED if name in by_name]
    others = sorted(set(by_name) - {name for name, *_ in TARGETED})
    return there + [Setting(by_name[name], 16, 4500, 1500) for name in others]


def counting() -> Count:
    """Tokens of a text (o200k), each text counted once."""
    tokens, counts = Tokens(), dict[str, int]()
    asyncio.run(tokens.ready())

    def count(text: str) -> int:
        known = counts.get(text)
        if known is None:
            known = counts[text] = tokens.count(text)
        return known

    return count


def carried_out(setting: Setting, way: Way, count: Count) -> Run:
    """The run: the baselines, then the proxy in each wire form. Raises what `chained` and `play` raise."""
    sessions = chained(setting.path, setting.chain)
    rows = [_baseline(name, sessions, way.model, count) for name in BASELINES]
    meters: list[Meter] = []
    noted: list[str] = []
    for form in way.forms:
        meters += (mine := [Meter(spoken(each, form, way.model), count) for each in sessions])
        noted += [f"{form}: {each}" for each in asyncio.run(play(mine, way.settings(setting), way.pause_s))]
        rows.append(summed("consolidate" if way.on else "the policy off", mine))
    first = [missed for meter in meters if meter.spoken.form == way.forms[0] for missed in meter.missed]
    name = setting.path.name.partition(".")[0]
    full = rows[0]._replace(
        who="full history", peak=rows[0].full_peak, total=1.0, total_with_system=1.0, retention=1.0, events=0.0
    )
    told = full._replace(
        rewritten=0.0, faulty=0, sessions=tuple(each._replace(sent=each.full) for each in full.sessions)
    )
    return Run(
        name, setting.chain, setting.above, setting.to, (told, *rows), tuple(first), faults(meters), tuple(noted)
    )


def _baseline(name: str, sessions: Sequence[Session], model: str, count: Count) -> Row:
    return summed(name, [played(Meter(spoken(each, "chat", model), count), BASELINES[name]) for each in sessions])

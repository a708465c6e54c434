"""Several behaviour programs at once, each believed as far as it has replayed the history; the poorest make room.

It must not know how programs are found. The sequential view of ROTE: programs are particles, weighted by likelihood and
size, pruned and rejuvenated; a program that says nothing neither gains nor loses.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import exp
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.language import Malformed, Program, parse
from policies.prefetch.running import Act, run
from policies.prefetch.state import State

MOST = 8
GAIN, LOSS, SIZE = 0.5, 0.5, 0.02
"""What a match, a miss, and each rule or condition counts in a program's log weight."""
KEPT = 0.97
"""Share of a program's record that is left after each step: agents change."""
NEWCOMER = 4
"""Times a program speaks before it may be put out."""
COUNTED = "counted"


class Particle(NamedTuple):
    """A program with its record."""

    program: Program
    matched: float = 0.0
    missed: float = 0.0
    spoke: int = 0
    origin: str = COUNTED
    """Where it came from: `counted`, or the name of the model that wrote it."""

    @property
    def weight(self) -> float:
        """How far it is believed, not normalised."""
        return exp(min(30.0, GAIN * self.matched - LOSS * self.missed - SIZE * self.program.size))

    @property
    def hit_rate(self) -> float:
        """Share of its predictions that came true, the latest counting most; a half before any."""
        return (self.matched + 1) / (self.matched + self.missed + 2)

    def judged(self, outcome: int) -> "Particle":
        """After it was right (1), wrong (-1), or silent (0)."""
        if not outcome:
            return self
        matched, missed = KEPT * self.matched + (outcome > 0), KEPT * self.missed + (outcome < 0)
        return self._replace(matched=matched, missed=missed, spoke=self.spoke + 1)

    def json(self) -> list[Any]:
        """For the store."""
        told = [self.program.json(), round(self.matched, 2), round(self.missed, 2), self.spoke]
        return told if self.origin == COUNTED else [*told, self.origin]

    @classmethod
    def read(cls, told: Sequence[Any]) -> "Particle":
        """What `json` gave. Raises `Malformed`, `TypeError` or `ValueError` for what is none."""
        program, matched, missed, spoke, *origin = told
        return cls(parse(program), float(matched), float(missed), int(spoke), *map(str, origin))


class Pool:
    """The programs of one agent; `told` is what `json` gave. What is no program is left out."""

    def __init__(self, told: Sequence[Any] = ()) -> None:
        self.particles: list[Particle] = []
        for each in told:
            try:
                self.particles.append(Particle.read(each))
            except (Malformed, TypeError, ValueError):
                continue

    def json(self) -> list[Any]:
        """For the store."""
        return [particle.json() for particle in self.particles]

    def acts(self, state: State) -> list[Act | None]:
        """What each program would do."""
        return [run(particle.program, state) for particle in self.particles]

    def votes(self, acts: Iterable[Act | None]) -> tuple[dict[str, float], dict[str, float]]:
        """Shares of belief: in tools (a reply is the empty one), and in whole calls, by key."""
        tools: dict[str, float] = {}
        calls: dict[str, float] = {}
        spoken = [(each, act) for each, act in zip(self.particles, acts, strict=True) if act]
        total = sum(particle.weight for particle, _ in spoken)
        for particle, act in spoken:
            share = particle.weight / total * particle.hit_rate
            tools[act.tool] = tools.get(act.tool, 0.0) + share
            for call in act.calls:
                calls[call.key] = calls.get(call.key, 0.0) + share
        return tools, calls

    def outcomes(self, acts: Iterable[Act | None], call: Call | None) -> dict[str, int]:
        """By program's name, 1 where it was right, -1 where it was wrong; `acts` are what `acts` gave."""
        each = zip(self.particles, acts, strict=True)
        return {particle.program.name: one for particle, act in each if (one := outcome(act, call))}

    def judge(self, outcomes: Mapping[str, int]) -> None:
        """Weighs the programs by what came; those that have been put out since are passed over."""
        self.particles = [each.judged(outcomes.get(each.program.name, 0)) for each in self.particles]

    def renew(self, found: Iterable[Program]) -> None:
        """Takes in new programs, and puts out the least believed of those that had their chance."""
        self.join(map(Particle, found))

    def join(self, found: Iterable[Particle]) -> None:
        """The same for programs that have a record already."""
        known = {each.program.name for each in self.particles}
        for particle in found:
            if particle.program.name not in known:
                self.particles.append(particle)
        young = [each for each in self.particles if each.spoke < NEWCOMER]
        old = sorted((each for each in self.particles if each.spoke >= NEWCOMER), key=lambda each: -each.weight)
        self.particles = [*old[: MOST - min(len(young), MOST // 2)], *young][:MOST]


def outcome(act: Act | None, call: Call | None) -> int:
    """Whether a program was right: 1 the call it named (or a reply), -1 something else came, 0 it said nothing."""
    if act is None:
        return 0
    if call is None or not act.tool:
        return 1 if call is None and not act.tool else -1
    return 1 if any(each.key == call.key for each in act.calls) else -1

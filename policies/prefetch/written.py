"""Behaviour programs that a model writes: its answer read, checked, sent back once, tried on sessions it has not seen.

It must not know when a model is asked, nor how far a program will be believed. What is no program is never run.
"""

import json
import re
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from policies.prefetch.history import Trace, steps
from policies.prefetch.language import Malformed, Program, parse
from policies.prefetch.model import Model
from policies.prefetch.pool import Particle, outcome
from policies.prefetch.question import AGAIN, SHOWN, asked, question
from policies.prefetch.running import run
from proxy.exchange import Completion, Request
from proxy.policy import Call, Failure, Wish, Work, ask

PURPOSE = "programs"
PATIENCE_S = 40.0
MOST_ANSWER = 100_000
"""Characters of an answer that are read."""
MOST_PROGRAMS = 8
MOST_TRIED = 40
"""Places of an answer at which its JSON may begin."""
LEAST_SHARE = 0.5
"""Of the programs that must be good, or the fault is told to the model."""


class Answer(NamedTuple):
    """What a model's answer holds."""

    programs: tuple[Program, ...] = ()
    fault: str = ""
    """What is wrong with it, or with the first program that is none."""
    malformed: int = 0


class Written(NamedTuple):
    """What came of asking."""

    particles: tuple[Particle, ...] = ()
    """Programs with the record of their trial; those that were never right are left out."""
    askings: int = 0
    malformed: int = 0
    useless: int = 0
    dollars: float = 0.0

    def figures(self) -> dict[str, float]:
        """For the policy's sums."""
        counts = {
            "programs_asked": self.askings,
            "programs_refused": self.askings > 0 and not (self.particles or self.useless),
            "programs_malformed": self.malformed,
            "programs_useless": self.useless,
            "programs_joined": len(self.particles),
            "programs_usd": self.dollars,
        }
        return {name: float(number) for name, number in counts.items() if number}


def written(request: Request, maker: str, model: Model, traces: Sequence[Trace]) -> Generator[Wish, Any, Written]:
    """Asks the model `maker`, on behalf of `request`; comes back as `Written`."""
    shown, unseen = parted(traces)
    said = yield from ask(Work(question, (model, shown)))
    if isinstance(said, Failure):
        return Written()
    reply = yield from ask(Call(asked(request, maker, said), PURPOSE, PATIENCE_S))
    answer, askings, dollars = (yield from _read(reply, model)), 1, spent(reply)
    if answer.fault and text_of(reply):
        again = asked(request, maker, said, text_of(reply)[:MOST_ANSWER], AGAIN.format(fault=answer.fault))
        reply = yield from ask(Call(again, PURPOSE, PATIENCE_S))
        better = yield from _read(reply, model)
        answer = better if better.programs else answer
        askings, dollars = askings + 1, dollars + spent(reply)
    found = yield from ask(Work(tried, (answer.programs, unseen, maker)))
    particles = () if isinstance(found, Failure) else tuple(each for each in found if each.matched)
    useless = len(answer.programs) - len(particles)
    return Written(particles, askings, answer.malformed, useless, dollars)


def _read(reply: Completion | Failure, model: Model) -> Generator[Wish, Any, Answer]:
    answer = yield from ask(Work(read, (text_of(reply), tuple(model.tools))))
    return Answer(fault="it could not be read") if isinstance(answer, Failure) else answer


def parted(traces: Sequence[Trace]) -> tuple[Sequence[Trace], Sequence[Trace]]:
    """The sessions that the model is shown, and those on which its programs are tried: others, if there are enough."""
    half = min(SHOWN, len(traces) // 2)
    return (traces[:half], traces[half:]) if half else (traces, traces)


def read(text: str, tools: Collection[str]) -> Answer:
    """The programs in an answer, of calls to these tools. Of a refusal, an essay or broken JSON none, and the fault."""
    listed = next(filter(None, map(_listed, _values(text[:MOST_ANSWER]))), None)
    if listed is None:
        return Answer(fault='a JSON object {"programs": [PROGRAM, …]} was expected')
    programs, faults = [], []
    for each in listed[:MOST_PROGRAMS]:
        try:
            programs.append(_known(parse(each), tools))
        except Malformed as fault:
            faults.append(str(fault))
    bad = len(faults) > LEAST_SHARE * len(listed)
    return Answer(tuple(dict.fromkeys(programs)), faults[0] if bad else "", len(faults))


def tried(programs: Sequence[Program], traces: Sequence[Trace], maker: str) -> list[Particle]:
    """The programs, each with the record that it would have had, had it been there."""
    particles = [Particle(program, origin=maker) for program in programs]
    for trace in traces:
        for step in steps(trace):
            acts = [run(each.program, step.state) for each in particles]
            call = step.call
            particles = [each.judged(outcome(act, call)) for each, act in zip(particles, acts, strict=True)]
    return particles


def text_of(reply: Completion | Failure) -> str:
    """What a model said; nothing where it failed."""
    return "" if isinstance(reply, Failure) else "\n".join(turn.text for turn in reply.turns if turn.text)


def spent(reply: Completion | Failure) -> float:
    """US dollars of a call, where known."""
    completion = reply.completion if isinstance(reply, Failure) else reply
    return (completion.cost or 0.0) if completion else 0.0


def _known(program: Program, tools: Collection[str]) -> Program:
    if not program.rules:
        raise Malformed("program.rules: at least one rule was expected")
    strange = sorted({rule.call for rule in program.rules if rule.call and rule.call not in tools})
    if strange:
        raise Malformed(f"there is no tool {', '.join(strange)[:80]}; there are {', '.join(sorted(tools))[:400]}")
    return program


def _listed(value: Any) -> list[Any] | None:
    """The programs that a value names; None where it names none."""
    if isinstance(value, dict):
        value = [value] if "rules" in value else value.get("programs")
    return value if isinstance(value, list) and any(isinstance(each, dict) for each in value) else None


def _values(text: str) -> Iterator[Any]:
    """The JSON values that stand in a text, with words or a fence around them."""
    for begin in islice(re.finditer(r"[{\[]", text), MOST_TRIED):
        with suppress(ValueError, RecursionError):
            yield json.JSONDecoder().raw_decode(text, begin.start())[0]

"""Recorded sessions played to a model of their agent: to learn from them, or to see what it would have foretold.

It must not know how calls are foretold.
"""

from collections.abc import Collection, Iterable, Iterator
from time import process_time
from typing import NamedTuple

from benchmarks.prefetch.traces import Event, Session
from policies.prefetch.calls import Call
from policies.prefetch.gate import Gate
from policies.prefetch.model import Forecast, Model
from policies.prefetch.prospects import Prospect
from policies.prefetch.state import State
from policies.prefetch.watch import Step, Taught, Watch, learn

GATE = Gate()


class Foreseen(NamedTuple):
    """A call that was made, and whether it was foretold."""

    tool: str
    name: bool
    """The likeliest tool was right."""
    name3: bool
    exact: bool
    """The likeliest call was right, all arguments and all."""
    exact3: bool
    read: bool
    p: float
    """Probability that the likeliest call was given."""


class Served(NamedTuple):
    """What sticky prefetch did in one session."""

    reads: int
    served: int
    launched: int
    steps: int
    cpu_s: tuple[float, ...]
    """Processor seconds of each forecast, with taking in what was said before it."""
    foretold: tuple[tuple[float, bool], ...]
    """Each launch: its probability, and whether its result was used."""
    mismatches: int
    """Results served to another call than they were fetched for, or fetched before a write."""


def hears(state: State, event: Event) -> bool:
    """Takes in what users and tools say; whether it was one of them who spoke."""
    if event.kind == "user":
        state.heard_user(event.text)
    elif event.kind == "result":
        state.answered(event.id, event.text)
    elif event.kind == "system":
        state.began(event.text)
    return event.kind != "step"


def train(model: Model, sessions: Iterable[Session], reads: Collection[str], gate: Gate = GATE) -> None:
    """The model learns from the sessions, in their order, as it would on the road."""
    for session in sessions:
        watch = Watch(model=session.model)
        for event in session.events:
            if not hears(watch.state, event):
                for taught in steps(model, watch, event, reads, gate):
                    learn(model, taught)
        learn(model, Taught([], watch.fates.ended()))


def steps(model: Model, watch: Watch, event: Event, reads: Collection[str], gate: Gate) -> Iterator[Taught]:
    """One step of the recorded model: foretold, then compared with what it said."""
    yield Taught([], watch.launch(watch.foretell(model, reads.__contains__, gate)))
    for id, call in event.calls:
        yield watch.call(model, call, reads.__contains__, id)[0]
    yield watch.end(model, event.text, called=bool(event.calls))


def foreseen(model: Model, sessions: Iterable[Session], reads: Collection[str]) -> list[Foreseen]:
    """Every call of the sessions, foretold when it was due; those before it in its message are known by then."""
    found = []
    for session in sessions:
        state = State(session.model)
        for event in session.events:
            if hears(state, event):
                continue
            for id, call in event.calls:
                found.append(compared(model.foretell(state), call.name, call.key, read=call.name in reads))
                state.called(call, read_only=call.name in reads, id=id)
            if event.calls:
                state.wrote(event.text)
            else:
                state.replied(event.text)
    return found


def compared(forecast: Forecast, name: str, key: str, *, read: bool) -> Foreseen:
    """A forecast, given that a call comes, beside the call that came."""
    names = sorted((label for label in forecast.labels if label), key=lambda label: -forecast.labels[label])[:3]
    keys = [each.call.key for each in forecast.calls[:3]]
    p = forecast.calls[0].p if forecast.calls else 0.0
    return Foreseen(name, names[:1] == [name], name in names, keys[:1] == [key], key in keys, read, p)


def served(model: Model, session: Session, reads: Collection[str], gate: Gate) -> Served:
    """One session with sticky prefetch: results are kept until they are used, or until any call that is no read."""
    watch, cpu, ledger = Watch(model=session.model), list[float](), Ledger()
    spent, count = 0.0, 0
    for event in session.events:
        began = process_time()
        if hears(watch.state, event):
            spent += process_time() - began
            continue
        step = watch.foretell(model, reads.__contains__, gate)
        cpu.append(spent + process_time() - began)
        spent, count = 0.0, count + 1
        watch.launch(step)
        ledger.launched(step)
        for id, call in event.calls:
            _, hit = watch.call(model, call, reads.__contains__, id)
            ledger.called(call, hit=hit, read_only=call.name in reads)
        watch.end(model, event.text, called=bool(event.calls))
    outcome = ledger.closed()
    return Served(watch.reads, watch.served, watch.launched, count, tuple(cpu), outcome, ledger.mismatches)


class Ledger:
    """An account of launches, kept apart from the shelf that it checks."""

    def __init__(self) -> None:
        self.mismatches = 0
        self._open: dict[str, Prospect] = {}
        self._outcome: list[tuple[float, bool]] = []

    def launched(self, step: Step) -> None:
        """These are launched."""
        self._open |= {each.call.key: each for each in step.launched}

    def called(self, call: Call, *, hit: bool, read_only: bool) -> None:
        """A call came, served or not."""
        if hit:
            there = self._open.pop(call.key, None)
            same = there and (there.call.name, there.call.values()) == (call.name, call.values())
            self.mismatches += not same
            self._outcome.append((there.p if there else 0.0, True))
        if not read_only:
            self.closed()

    def closed(self) -> tuple[tuple[float, bool], ...]:
        """Nothing that is open will be used; gives what became of every launch."""
        self._outcome += [(each.p, False) for each in self._open.values()]
        self._open.clear()
        return tuple(self._outcome)

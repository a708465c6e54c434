"""Recorded sessions gone through once more: what would have been foretold and served, had the policy ridden along.

It must not know where the recordings come from. It learns from each session only after having been measured on it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policies.prefetch.gate import Gate
from policies.prefetch.model import Model
from policies.prefetch.retelling import Reply, events, hear
from policies.prefetch.watch import MayRun, Step, Taught, Watch, learn
from proxy.conversation import UNHEARD, Turn


class Gain(NamedTuple):
    """What would have been gained."""

    sessions: int = 0
    steps: int = 0
    """Replies of the model."""
    call_steps: int = 0
    """Replies that called tools."""
    right_name: int = 0
    """Of those, where the likeliest tool was right."""
    right_call: int = 0
    """Of those, where the likeliest call was right, with all arguments."""
    reads: int = 0
    """Calls of tools that may be run ahead."""
    served: int = 0
    """Calls whose results would have been there, or under way."""
    launched: int = 0

    def plus(self, other: "Gain") -> "Gain":
        """Both together."""
        return Gain(*(one + another for one, another in zip(self, other, strict=True)))


def rehearsed(histories: Iterable[Sequence[Turn]], may: MayRun, gate: Gate | None = None) -> tuple[Gain, Model]:
    """The gain over all sessions in their order, and what has been learned at the end."""
    model, gain = Model(), Gain()
    for turns in histories:
        gain = gain.plus(_session(model, turns, may, gate or Gate()))
    return gain, model


def _session(model: Model, turns: Sequence[Turn], may: MayRun, gate: Gate) -> Gain:
    watch, taught, gain = Watch(), Taught([], []), Gain(sessions=1)
    watch.state.began("\n".join(turn.text for turn in turns if turn.role in UNHEARD))
    for event in events(turns):
        if isinstance(event, Turn):
            hear(watch.state, event)
            continue
        step = watch.foretell(model, may, gate)
        taught = taught.then(Taught([], watch.launch(step)))
        gain = gain.plus(_of_step(step, event))
        for id, call in event.calls:
            taught = taught.then(watch.call(model, call, may, id)[0])
        taught = taught.then(watch.end(model, event.text, called=bool(event.calls)))
    learn(model, taught.then(Taught([], watch.fates.ended())))
    return gain._replace(reads=watch.reads, served=watch.served, launched=watch.launched)


def _of_step(step: Step, reply: Reply) -> Gain:
    if not reply.calls:
        return Gain(steps=1)
    first, calls = reply.calls[0][1], step.forecast.calls
    name = step.likeliest == first.name
    return Gain(steps=1, call_steps=1, right_name=name, right_call=bool(calls) and calls[0].call.key == first.key)

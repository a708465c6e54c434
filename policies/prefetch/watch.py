"""A session watched: what it has shown, what was foretold, and what would be on the shelf if it were launched.

It must not know requests, nor where it is remembered. The policy and the benchmark grow it event by event alike.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from policies.prefetch.calls import Call
from policies.prefetch.gate import Gate
from policies.prefetch.model import Forecast, Model
from policies.prefetch.observation import Observation
from policies.prefetch.prospects import Fate, Fates, Prospect, prospects
from policies.prefetch.state import State

MayRun = Callable[[str], bool]
MOST_SHELF = 64


class Step(NamedTuple):
    """What was foretold before a step of the model."""

    forecast: Forecast
    found: list[Prospect]
    launched: list[Prospect]

    @property
    def likeliest(self) -> str:
        """The likeliest tool, given that one is called; empty where none is known."""
        tools = {name: p for name, p in self.forecast.labels.items() if name}
        return max(tools, key=lambda name: tools[name]) if tools else ""


class Taught(NamedTuple):
    """What a step teaches."""

    observations: list[Observation]
    fates: list[Fate]

    def then(self, later: Self) -> Self:
        """Both, in order."""
        return type(self)(self.observations + later.observations, self.fates + later.fates)


class Watch:
    """One session; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None, model: str = "") -> None:
        told = told or {}
        self.state = State.read(told["state"]) if "state" in told else State(model)
        self.fates = Fates(told.get("fates"))
        self.shelf: dict[str, float] = dict(told.get("shelf", {}))
        """Calls that are held, or in shadow would be, by key -> time of the launch in epoch seconds."""
        self.launched, self.reads, self.served = (int(each) for each in told.get("counts", (0, 0, 0)))

    def json(self) -> dict[str, Any]:
        """For the session's memory."""
        return {
            "state": self.state.json(),
            "fates": self.fates.json(),
            "shelf": self.shelf,
            "counts": [self.launched, self.reads, self.served],
        }

    def foretell(self, model: Model, may: MayRun, gate: Gate) -> Step:
        """What the model will say next; changes nothing."""
        forecast = model.foretell(self.state)
        found = prospects(model, self.state, forecast, may, self.fates.ages())
        return Step(forecast, found, gate.chosen(found, self.shelf, self.launched, self.reads))

    def launch(self, step: Step, now: float = 0.0) -> list[Fate]:
        """The launches are made, or in shadow would be."""
        for each in step.launched:
            self.shelf[each.call.key] = now
            self.launched += 1
        while len(self.shelf) > MOST_SHELF:
            del self.shelf[next(iter(self.shelf))]
        return self.fates.foretold(step.found, self.state.step)

    def forget(self, before: float) -> None:
        """What was launched before this time is held no more, and may be launched again. That the user was slow is not
        held against the session: its bounds are those of launches that could have been used."""
        kept = {key: at for key, at in self.shelf.items() if at >= before}
        self.launched -= len(self.shelf) - len(kept)
        self.shelf = kept

    def call(self, model: Model, call: Call, may: MayRun, id: str = "") -> tuple[Taught, bool]:
        """The model calls a tool; whether its result would have been there already."""
        seen = model.observation(self.state, call)
        read_only = may(call.name)
        fates = self.fates.made(call, read_only=read_only)
        served = read_only and self.shelf.pop(call.key, None) is not None
        if read_only:
            self.reads += 1
            self.served += served
        else:
            self.shelf.clear()
        self.state.called(call, read_only=read_only, id=id)
        return Taught([seen], fates), served

    def end(self, model: Model, text: str, *, called: bool) -> Taught:
        """The model's message ends; without calls it was a reply to the user."""
        seen = model.observation(self.state, None)
        if called:
            self.state.wrote(text)
        else:
            self.state.replied(text)
        return Taught([seen], [])


def learn(model: Model, taught: Taught) -> None:
    """The model learns from it."""
    for seen in taught.observations:
        model.learn(seen)
    for case, used in taught.fates:
        model.uses.learn(case, used=used)

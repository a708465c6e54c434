"""What is learned of one agent with one set of tools, and what it foretells.

It must not know where it is kept, nor what is done with a foretold call.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policies.prefetch.aliases import Aliases, may_name
from policies.prefetch.arguments import Caller
from policies.prefetch.calls import Call
from policies.prefetch.moved import moved
from policies.prefetch.names import RESPOND, Names, bag, features
from policies.prefetch.observation import UNFOUND, UNGUESSED, Observation
from policies.prefetch.offers import said
from policies.prefetch.pool import Pool
from policies.prefetch.provenance import Argument, Tool
from policies.prefetch.ranking import Ranking, softmax
from policies.prefetch.state import Seen, State
from policies.prefetch.synthesis import Follows, followed, programs
from policies.prefetch.uses import Uses
from policies.prefetch.words import shape

UNLIKELY = 0.005
"""A tool less probable is not looked at."""
RENEWED = 24
"""Steps after which new behaviour programs are sought."""
LEAST_RATE = 0.1
"""A source that held an argument less often does not make its tool ready."""
LOOKED_AT = 3
"""Sources of an argument, the surest, by which its tool is ready."""
ENOUGH = 7
"""Arguments that are looked at in a step, those of the likeliest tools; the last tool is not cut."""
MOST_CONSTANT = 60
"""Characters of a value that may be a constant."""


class Foretold(NamedTuple):
    """A call that may come."""

    call: Call
    p: float
    """Probability that it comes next, given that a call does."""
    name: float
    """Probability that its tool comes next, given the same."""
    arguments: float
    """Probability of its arguments, given its tool."""


class Forecast(NamedTuple):
    """What may come next."""

    labels: Mapping[str, float]
    """Probability of each tool; that of a reply by the empty name."""
    calls: tuple[Foretold, ...]
    """The likeliest first."""
    ready: Mapping[str, int]
    """For each tool what is at hand: see `Model.ready`."""


class Model:
    """What is learned; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.steps: int = told.get("steps", 0)
        self.names = Names(told.get("names"))
        self.tools = {name: Tool(each) for name, each in told.get("tools", {}).items()}
        self.rankings = Ranking(told.get("rankings"))
        self.aliases = {kind: Aliases(each) for kind, each in told.get("aliases", {}).items()}
        self.follows = Follows(told.get("follows"))
        self.pool = Pool(told.get("pool", ()))
        self.uses = Uses(told.get("uses"))

    def json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "steps": self.steps,
            "names": self.names.json(),
            "tools": {name: tool.json() for name, tool in self.tools.items()},
            "rankings": self.rankings.json(),
            "aliases": {kind: aliases.json() for kind, aliases in self.aliases.items()},
            "follows": self.follows.json(),
            "pool": self.pool.json(),
            "uses": self.uses.json(),
        }

    def ready(self, state: State) -> dict[str, int]:
        """For each tool what is at hand for its arguments: 0 nothing, 1 only what was tried, 2 a fresh value, 3 one
        that the user just named. The least of its arguments counts."""
        return {name: self._ready(state, name, tool) for name, tool in self.tools.items()}

    def _ready(self, state: State, name: str, tool: Tool) -> int:
        form = next(iter(tool.forms()), ())
        if not form:
            return 1 if f"{name}{{}}" in state.done else 2
        return min(_level(state, f"{name}.{argument}", tool.arguments[argument]) for argument in form)

    def foretell(self, state: State, most: int = 8) -> Forecast:
        """What may come next; calls of the `most` likeliest tools."""
        votes, named = self.pool.votes(self.pool.acts(state))
        ready = self.ready(state)
        labels = self.names.foretold(state, ready, votes)
        caller = Caller(state, self.sources(state), named)
        acts = 1 - labels[RESPOND] + 1e-9
        likely = sorted((name for name in labels if name in self.tools), key=lambda name: -labels[name])
        found: list[Foretold] = []
        looked = 0
        for name in likely[:most]:
            if labels[name] < UNLIKELY or looked >= ENOUGH:
                break
            tool = self.tools[name]
            looked += tool.width
            guesses = caller.guesses(name, tool, self.rankings.weights(name, tool.width))
            shares = softmax([guess.score for guess in guesses]) if guesses else []
            p = labels[name] / acts
            for guess, share in zip(guesses, shares, strict=True):
                found.append(Foretold(guess.call, p * tool.covered * share, p, tool.covered * share))
        found.sort(key=lambda each: -each.p)
        return Forecast(labels, tuple(found), ready)

    def observation(self, state: State, call: Call | None) -> Observation:
        """What it teaches that after this state came this call, or (None) a reply."""
        acts = self.pool.acts(state)
        votes, named = self.pool.votes(acts)
        ready = self.ready(state)
        found = [list(each) for each in features(state, ready, votes)]
        outcomes = self.pool.outcomes(acts, call) if not state.inside else {}
        label = call.name if call else RESPOND
        seen = Observation(label, found, bag(state), ready, bool(state.inside), followed(state), outcomes=outcomes)
        return self._of_call(seen, state, call, named) if call else seen

    def _of_call(self, seen: Observation, state: State, call: Call, votes: Mapping[str, float]) -> Observation:
        sources, tool = self.sources(state), self.tools.get(call.name, Tool())
        held = {
            name: [source for source, values in sources.items() if value in values]
            for name, value in call.arguments.items()
        }
        known = {name: argument.hits.keys() & sources.keys() for name, argument in tool.arguments.items()}
        offered, right = [], UNGUESSED
        if tool.shapes:
            guesses = Caller(state, sources, votes).guesses(
                call.name, tool, self.rankings.weights(call.name, tool.width)
            )
            offered = [list(guess.features) for guess in guesses]
            right = next((place for place, guess in enumerate(guesses) if guess.call.key == call.key), UNFOUND)
        return seen._replace(
            arguments={name: value if len(value) <= MOST_CONSTANT else "" for name, value in call.arguments.items()},
            held=held,
            there={name: sorted(known.get(name, ())) for name in call.arguments},
            offered=offered if right >= 0 else [],
            right=right,
            named={
                value: list(state.heard)
                for name, value in call.arguments.items()
                if not held[name] and may_name(value) and not said(value) <= state.once.keys()
            },
        )

    def learn(self, seen: Observation) -> None:
        """Learns from one step."""
        self.steps += 1
        self.pool.judge(seen.outcomes)
        self.names.learn(seen)
        self.follows.learn(seen.follows, seen.label)
        if seen.label:
            tool = self.tools.setdefault(seen.label, Tool())
            self.rankings.learn(seen.label, tool.width, seen.offered, seen.right)
            tool.learn(seen)
        for value, phrases in seen.named.items():
            self.aliases.setdefault(shape(value.strip('"')), Aliases()).learn(phrases, value)
        if self.steps % RENEWED == 0:
            self.pool.renew(programs(self.follows.counts, self.tools, self.names.words))

    def sources(self, state: State) -> Mapping[str, Mapping[str, Seen]]:
        """Where values stand, and which ones the user may mean by other names."""
        found: dict[str, dict[str, Seen]] = dict(state.sources)
        found.update(moved(state.sources))
        for kind, aliases in self.aliases.items():
            for value, where in aliases.meant(state.heard):
                for source in (f"alias:{kind}", f"alias:{kind}|{where.before}"):
                    found.setdefault(source, {}).setdefault(value, Seen(where.step, (f"h{where.step}",)))
        return found


def _level(state: State, place: str, argument: Argument) -> int:
    tried = state.tried.get(place, {})
    level = int(bool(argument.constants()))
    for source, rate in argument.sources(state.sources, LOOKED_AT):
        if rate < LEAST_RATE or source.startswith("reply:"):
            continue
        for value in state.sources[source]:
            if value in tried:
                level = level or 1
            elif said(value) <= state.mention:
                return 3
            else:
                level = 2
    return level

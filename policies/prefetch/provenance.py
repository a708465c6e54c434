"""What is learned of a tool: which sources held its arguments' values, constants, which arguments go together.

It must not know a session.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any

from policies.prefetch.observation import UNGUESSED, Observation

MOST_SOURCES = 24
MOST_CONSTANTS = 12
CONSTANT_SHARE = 0.08
"""Of an argument's calls, in which a value must have stood to be offered whatever was said."""
MOST_FORMS = 6
TRIED_FORMS = 2
"""Forms in which a call is guessed."""
KEPT = 0.98


class Argument:
    """One argument of one tool; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.calls: int = told.get("calls", 0)
        self.hits: dict[str, list[int]] = {name: list(pair) for name, pair in told.get("hits", {}).items()}
        """Source -> times it held the value, times it was there."""
        self.values: dict[str, int] = dict(told.get("values", {}))
        self._ranked: list[tuple[str, float]] | None = None
        self._often: list[tuple[str, float]] | None = None
        self._tools: frozenset[str] | None = None

    def json(self) -> dict[str, Any]:
        """For the store."""
        return {"calls": self.calls, "hits": self.hits, "values": self.values}

    def sources(self, there: Collection[str], most: int) -> list[tuple[str, float]]:
        """The surest sources that are there with the share of calls in which they held the value, at most so many."""
        if self._ranked is None:
            rates = [(name, (hit + 0.1) / (tries + 0.5)) for name, (hit, tries) in self.hits.items()]
            self._ranked = sorted(rates, key=lambda each: -each[1])
        return list(islice((each for each in self._ranked if each[0] in there), most))

    def constants(self) -> list[tuple[str, float]]:
        """Values it often has whatever was said, with their shares."""
        if self._often is None:
            least = max(1.0, CONSTANT_SHARE * self.calls)
            self._often = [(value, (n - 0.5) / (self.calls + 0.5)) for value, n in self.values.items() if n > least]
        return self._often

    def foreign(self, places: Iterable[str]) -> bool:
        """Whether one of these is a field that never held it, in a result of a tool that held it elsewhere."""
        return any(each not in self.hits and each.partition(":")[0] in self.tools for each in places)

    @property
    def tools(self) -> frozenset[str]:
        """Tools whose results held it."""
        if self._tools is None:
            self._tools = frozenset(source.partition(":")[0] for source in self.hits)
        return self._tools

    def learn(self, value: str, held: Collection[str], there: Iterable[str]) -> None:
        """It had this value (empty: a long one); these sources held it, these known ones were there."""
        self.calls += 1
        self._ranked = self._often = self._tools = None
        for name in there:
            if name in self.hits:
                self.hits[name][1] += 1
        for name in held:
            pair = self.hits.setdefault(name, [0, 1])
            pair[0] += 1
        while len(self.hits) > MOST_SOURCES:
            del self.hits[min(self.hits, key=lambda name: self.hits[name][0] ** 2 / (1 + self.hits[name][1]))]
        if value:
            self.values[value] = self.values.pop(value, 0) + 1
        while len(self.values) > MOST_CONSTANTS:
            rare = min(self.values.values())
            del self.values[next(each for each, n in self.values.items() if n == rare)]


class Tool:
    """One tool; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.shapes: dict[str, int] = dict(told.get("forms", {}))
        """Names of arguments that were given together, with commas -> times."""
        self.arguments = {name: Argument(each) for name, each in told.get("arguments", {}).items()}
        self.found: list[float] = list(told.get("found", (0.0, 0.0)))
        """Times the call that was made was among the guesses, times calls were guessed; the latest count most."""

    def json(self) -> dict[str, Any]:
        """For the store."""
        arguments = {name: each.json() for name, each in self.arguments.items()}
        return {"forms": self.shapes, "arguments": arguments, "found": [round(each, 2) for each in self.found]}

    @property
    def width(self) -> int:
        """Arguments it takes at most."""
        return max((len(form) for form in self.forms()), default=0)

    @property
    def covered(self) -> float:
        """Probability that the call to come is among the guesses."""
        return (self.found[0] + 1) / (self.found[1] + 2)

    def forms(self) -> list[tuple[str, ...]]:
        """The sets of arguments it is called with, the most frequent first."""
        ranked = sorted(self.shapes, key=lambda form: -self.shapes[form])[:TRIED_FORMS]
        return [tuple(form.split(",")) if form else () for form in ranked]

    def learn(self, seen: Observation) -> None:
        """It was called so."""
        if seen.right != UNGUESSED:
            self.found = [KEPT * self.found[0] + (seen.right >= 0), KEPT * self.found[1] + 1]
        form = ",".join(sorted(seen.arguments))
        self.shapes[form] = self.shapes.get(form, 0) + 1
        while len(self.shapes) > MOST_FORMS:
            del self.shapes[min(self.shapes, key=lambda each: self.shapes[each])]
        for name, value in seen.arguments.items():
            self.arguments.setdefault(name, Argument()).learn(value, seen.held[name], seen.there[name])

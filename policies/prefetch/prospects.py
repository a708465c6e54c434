"""Foretold calls that might be launched: how likely each is to be made before the next write, and what became of it.

It must not know whether any is launched.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.model import Forecast, Model
from policies.prefetch.names import RESPOND
from policies.prefetch.state import State
from policies.prefetch.uses import Case

MOST = 16
"""Prospects of a step."""
MOST_CASES = 4
"""Forecasts of one call from which is learned."""
PATIENCE = 24
"""Events after which a foretold call is taken for one that will not be made."""

Fate = tuple[Case, bool]
"""A forecast, and whether the call was made before the next write."""


class Prospect(NamedTuple):
    """A call that might be launched."""

    call: Call
    p: float
    """Probability that it is made before the next write."""
    case: Case


def prospects(
    model: Model, state: State, forecast: Forecast, may: Callable[[str], bool], ages: Mapping[str, int]
) -> list[Prospect]:
    """The foretold calls of tools that `may` be run ahead, the likeliest first; none that was made since a write.
    `ages` are the times that calls were foretold before."""
    acts = 1 - forecast.labels[RESPOND]
    best: dict[str, float] = {}
    found: list[Prospect] = []
    for each in forecast.calls:
        name = each.call.name
        top = best.setdefault(name, each.arguments)
        if not may(name) or each.call.key in state.done or len(found) >= MOST:
            continue
        age = ages.get(each.call.key, 0)
        odds = (each.name * acts, each.arguments, each.arguments / top)
        case = Case(name, *odds, forecast.ready.get(name, 0), state.after_user, state.model, age)
        found.append(Prospect(each.call, model.uses.likely(case), case))
    found.sort(key=lambda each: -each.p)
    return found


class Fates:
    """Foretold calls whose fate is open; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self.open: dict[str, tuple[int, list[Case]]] = {
            key: (int(step), [Case(*each) for each in cases]) for key, (step, cases) in (told or {}).items()
        }
        """Call -> the step at which it was first foretold, and each forecast."""

    def ages(self) -> dict[str, int]:
        """How often each open call was foretold."""
        return {key: len(cases) for key, (_, cases) in self.open.items()}

    def json(self) -> dict[str, Any]:
        """For the session's memory."""
        return {key: [step, [each.json() for each in cases]] for key, (step, cases) in self.open.items()}

    def foretold(self, found: list[Prospect], step: int) -> list[Fate]:
        """These are foretold now; gives the fates of those foretold too long ago."""
        for each in found:
            _, cases = self.open.setdefault(each.call.key, (step, []))
            if len(cases) < MOST_CASES:
                cases.append(each.case)
        late = [key for key, (since, _) in self.open.items() if step - since > PATIENCE]
        return [fate for key in late for fate in self._closed(key, made=False)]

    def made(self, call: Call, *, read_only: bool) -> list[Fate]:
        """This call is made: its own fate, and after a write that of all others."""
        fates = list(self._closed(call.key, made=True))
        return fates if read_only else fates + self.ended()

    def ended(self) -> list[Fate]:
        """Nothing more can come of any."""
        return [fate for key in list(self.open) for fate in self._closed(key, made=False)]

    def _closed(self, key: str, *, made: bool) -> Iterator[Fate]:
        _, cases = self.open.pop(key, (0, []))
        yield from ((case, made) for case in cases)

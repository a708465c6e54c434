"""How far a fast model says what the slow one then says: Beta posteriors by agent and tool, and when asking it pays.

It must not know requests, nor how a model is asked. The rule is that of Speculative Actions (arXiv 2510.04371, Cor. 5):
launch while the chance of a hit, times what a hit saves, is above what a launch costs.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

PRIOR = (2.0, 2.0)
"""Hits and misses that are taken for granted of a tool."""
KEPT = 0.98
"""What earlier drafts weigh beside a new one."""
PACE = 0.2
"""How fast usual times and costs follow what comes."""
TRIED = 8
"""Drafts that are asked for before it is judged whether they pay."""
LEAST = 0.1
"""Hits in a draft below which drafts stop, whatever they cost."""
AGAIN = 0.04
"""Share of the steps at which one is asked for all the same once they have stopped, to see whether it got better."""
MOST_TOOLS = 64


class Times(NamedTuple):
    """Seconds that things usually take; 0 where that is not known."""

    reply: float = 0.0
    draft: float = 0.0
    tool: float = 0.0
    """From a reply that calls tools to the next request."""

    def saved(self, draft: float) -> float:
        """What a hit saves when the draft took so long: the tool's time, as far as the slow model still thinks."""
        return min(self.tool, max(0.0, self.reply - draft))

    @property
    def known(self) -> bool:
        """Whether all of them are."""
        return min(self) > 0

    def then(self, **seconds: float) -> Self:
        """With these taken in."""
        return self._replace(**{name: nearer(getattr(self, name), value) for name, value in seconds.items()})


class Agreement(NamedTuple):
    """What is known of the drafts for one agent; JSON-able by `json`."""

    tools: Mapping[str, tuple[float, float]] = {}
    """Tool -> drafted calls that the slow model made, too; drafted calls that it did not make."""
    drafts: float = 0.0
    hits: float = 0.0
    """Drafts, and right calls of tools that may be called ahead in them; the latest count most."""
    asked: int = 0
    usd: float = 0.0
    """Of a draft, usually."""
    times: Times = Times()

    @classmethod
    def read(cls, told: object) -> Self:
        """What `json` gave; of anything else, nothing."""
        if not isinstance(told, Mapping) or told.keys() != set(cls._fields):
            return cls()
        tools = {name: (float(hit), float(miss)) for name, (hit, miss) in told["tools"].items()}
        return cls(**{**told, "tools": tools, "times": Times(*told["times"])})

    def json(self) -> dict[str, Any]:
        """For the store."""
        return self._asdict() | {"times": list(self.times)}

    def likely(self, tool: str) -> float:
        """The chance that a drafted call of this tool is made, with all its arguments: the posterior's mean."""
        hit, miss = self.tools.get(tool, (0.0, 0.0))
        return (PRIOR[0] + hit) / (sum(PRIOR) + hit + miss)

    def launches(self, tool: str, cost: float, draft: float) -> bool:
        """Whether a drafted call is worth making. `cost`: what a launch costs, as a share of what the tool's time is
        worth; `draft`: seconds that the draft took. A draft is one branch, and its calls are no alternatives, so that
        each is the first of its own."""
        if not self.times.known:
            return self.likely(tool) > cost
        return self.likely(tool) * self.times.saved(draft) > cost * self.times.tool

    def worth(self, second_usd: float) -> float:
        """US dollars that a draft brings, less what it costs."""
        return self.useful * self.times.saved(self.times.draft) * second_usd - self.usd

    @property
    def useful(self) -> float:
        """Right calls in a draft, expected."""
        return (PRIOR[0] + self.hits) / (sum(PRIOR) + self.drafts)

    def pays(self, second_usd: float) -> bool:
        """Whether a draft is to be asked for."""
        if self.asked < TRIED:
            return True
        return self.useful >= LEAST and (not self.times.known or self.worth(second_usd) > 0)

    def scored(self, calls: Iterable[tuple[str, bool, bool]], usd: float, seconds: float) -> Self:
        """A draft is held against what the slow model said: tool, whether it may be called ahead, whether it was."""
        tools = dict(self.tools)
        hits = 0
        for tool, may, right in calls:
            hit, miss = tools.pop(tool, (0.0, 0.0))
            tools[tool] = (KEPT * hit + right, KEPT * miss + (not right))
            hits += may and right
        while len(tools) > MOST_TOOLS:
            del tools[next(iter(tools))]
        return self._replace(
            tools=tools,
            drafts=KEPT * self.drafts + 1,
            hits=KEPT * self.hits + hits,
            asked=self.asked + 1,
            usd=nearer(self.usd, usd),
            times=self.times.then(draft=seconds),
        )

    def failed(self) -> Self:
        """A draft did not come: it counts as one of no use."""
        return self._replace(drafts=KEPT * self.drafts + 1, hits=KEPT * self.hits, asked=self.asked + 1)


def nearer(usual: float, came: float) -> float:
    """What is usual, after this came."""
    return came if not usual else usual + PACE * (came - usual)

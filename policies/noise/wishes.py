"""What a user wants of the noise checks: the mode, for all and for single agents, and what may be spent on them.

It must not know requests' conversations or sessions.
"""

from collections.abc import Mapping
from typing import NamedTuple

from policies.inner.headers import modes
from proxy.conversation import EMPTY
from proxy.exchange import Request

ON = "annotate"
"""What `on` does."""
ACTIONS = (ON, "prepare", "repair", "refuse")
LESS = ("off", "shadow", ON)
"""What a request may ask for instead, where its agent's mode is more."""


class Wishes(NamedTuple):
    """Whom to look at, and what to do about it."""

    mode: str = "off"
    """`off`, `shadow` (outputs are indexed, aggregations are examined and accounted for, nothing is changed), or `on`,
    which is `annotate`: what is found is told in the reply's headers as well."""
    agents: Mapping[str, str] = EMPTY
    """Modes of single agents, by name; one of `ACTIONS`, too."""
    hold: bool = False
    """Whether streams may be held until they are examined."""
    sample: float = 0.0
    """Share of aggregations that are asked again beside the client."""
    calls_a_day: int = 200
    """Extra model calls of all agents together."""

    @property
    def anybody(self) -> bool:
        """Whether anybody is looked at."""
        return self.mode != "off" or any(mode != "off" for mode in self.agents.values())

    def looks(self, agent: str) -> bool:
        """Whether an agent's exchanges are looked at."""
        return self.agents.get(agent, self.mode) != "off"

    def action(self, request: Request, agent: str) -> str:
        """What is done about an agent's request: one of `ACTIONS`, or nothing. A header may ask for less than the
        agent's mode (`x-outrider-policies: noise=shadow`), never for more."""
        mode = self.agents.get(agent, self.mode)
        mode = ON if mode == "on" else mode
        if mode not in ACTIONS:
            return ""
        for less in modes(request, "noise"):
            if less in LESS:
                mode = less
        return mode if mode in ACTIONS else ""

"""What a user wants of the noise checks: the mode, for all and for single agents.

It must not know requests or sessions.
"""

from collections.abc import Mapping
from typing import NamedTuple

from proxy.conversation import EMPTY


class Wishes(NamedTuple):
    """Whom to look at."""

    mode: str = "off"
    """`off`, or `shadow` (outputs are indexed, aggregations are examined and accounted for, nothing is changed)."""
    agents: Mapping[str, str] = EMPTY
    """Modes of single agents, by name."""

    @property
    def anybody(self) -> bool:
        """Whether anybody is looked at."""
        return self.mode != "off" or any(mode != "off" for mode in self.agents.values())

    def looks(self, agent: str) -> bool:
        """Whether an agent's exchanges are looked at."""
        return self.agents.get(agent, self.mode) != "off"

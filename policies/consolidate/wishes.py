"""What a user wants of consolidation: modes, marks, and what the policy is lent to count and to price with.

It must not know requests or sessions.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from policies.consolidate.tariff import Rates
from policies.inner.headers import modes
from proxy.conversation import EMPTY
from proxy.exchange import Request

MODES = ("off", "shadow", "on")
TAGGED = "tagged"
"""Mode of an agent whose model keeps its own state."""


def _rough(text: str) -> int:
    """A token for each four characters."""
    return -(-len(text) // 4)


def _unpriced(_model: str) -> Rates | None:
    return None


def _unknown(_model: str) -> int:
    return 0


class Wishes(NamedTuple):
    """How to consolidate."""

    mode: str = "shadow"
    """`off`, `shadow` (decide and account as if, change nothing) or `on`."""
    agents: Mapping[str, str] = EMPTY
    """Modes of single agents, by name; one may be `tagged`."""
    above: int = 0
    """High-water mark in tokens of the conversation, without system and tools; 0: found by window and prices."""
    to: int = 0
    """Low-water mark; 0: found in the same way."""
    state: str = "extract"
    """Who makes the state: `extract`, `model`, or `tagged` for the agents that are switched on by their names."""
    model: str = ""
    """The consolidator model; empty: the session's own."""
    holdout: float = 0.1
    """Share of the sessions of agents with `tagged` that run with their full history."""
    count: Callable[[str], int] = _rough
    """Tokens of a text."""
    rates: Callable[[str], Rates | None] = _unpriced
    """Prices of a model, by name; None: not known."""
    window: Callable[[str], int] = _unknown
    """Context window of a model in tokens; 0: not known."""
    recall: bool = False
    """Whether the model is offered a tool to look up originals, from the first request of a session."""

    def mode_of(self, request: Request, agent: str) -> str:
        """The mode for a request: its header `x-outrider-policies: consolidate=MODE`, its agent's, or the general."""
        for mode in modes(request, "consolidate"):
            if mode in MODES:
                return mode
        named = self.agents.get(agent, "")
        if named == "on" and self.state == TAGGED:
            return TAGGED
        return named or self.mode

    @property
    def tags(self) -> bool:
        """Whether any agent's model keeps its own state."""
        return TAGGED in self.agents.values() or (self.state == TAGGED and "on" in self.agents.values())

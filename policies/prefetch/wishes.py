"""What a user wants of prefetching: modes, bounds, and which tools may be run ahead.

It must not know requests' conversations or sessions.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from policies.prefetch.gate import Gate
from proxy.conversation import EMPTY
from proxy.exchange import Request

HEADER = b"x-outrider-policies"
MODES = ("off", "shadow", "on")
READS = ("get_", "find_", "search_", "list_", "lookup_", "read_", "query_", "fetch_", "check_", "count_", "calculate")
"""Beginnings of names that sound as if the tool only reads."""


def sounds_like_reading(tool: str) -> bool:
    """A guess by the tool's name, behind a server's prefix too. Good enough to account as if; never to launch."""
    name = tool.rpartition("__")[2].rpartition(".")[2].lower()
    return name.startswith(READS)


class Wishes(NamedTuple):
    """How to prefetch."""

    mode: str = "shadow"
    """`off` or `shadow` (foretell and account as if, launch nothing)."""
    agents: Mapping[str, str] = EMPTY
    """Modes of single agents, by name."""
    may: Callable[[str], bool] = sounds_like_reading
    """Whether a tool may be run ahead, by its name."""
    gate: Gate = Gate()

    def mode_of(self, request: Request, agent: str) -> str:
        """The mode for a request: its header `x-outrider-policies: prefetch=MODE`, its agent's, or the general."""
        for part in request.header(HEADER).split(","):
            policy, _, mode = (word.strip() for word in part.partition("="))
            if policy == "prefetch" and mode in MODES:
                return mode
        return self.agents.get(agent, self.mode)

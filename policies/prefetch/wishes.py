"""What a user wants of prefetching: modes, bounds, and which tools may be run ahead.

It must not know requests' conversations or sessions.
"""

from collections.abc import Callable, Collection, Mapping
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
    """`off`, `shadow` (foretell and account as if, launch nothing) or `on`."""
    agents: Mapping[str, str] = EMPTY
    """Modes of single agents, by name."""
    may: Callable[[str], bool] = sounds_like_reading
    """Whether a tool may be run ahead, by its name."""
    gate: Gate = Gate()
    windows: Collection[str] = ()
    """When tools are called ahead where the mode is `on` (see `proxy.policy.WINDOWS`)."""
    ttl_s: float = 10.0
    """Seconds that a result waits for the agent."""
    typing: Gate = Gate(cost=0.35, per_step=3)
    """For launches while the user types: what will be said is not known yet."""
    writer: str = ""
    """The model that writes behaviour programs, by a name the upstreams know; empty: none does."""
    drafter: str = ""
    """The fast model that drafts what the slow one will call; empty: none does."""
    next: bool = False
    """Whether the next model request is sent early."""
    second_usd: float = 0.002
    """US dollars that a second saved is worth."""
    usd_a_day: float = 1.0
    """US dollars that drafts of all agents, and requests sent early in vain, may each cost in a day."""

    def mode_of(self, request: Request, agent: str) -> str:
        """The mode for a request: its header `x-outrider-policies: prefetch=MODE`, its agent's, or the general. `on`
        is for whoever runs the proxy to say: a header that says it gets no more than the others do."""
        known = self.agents.get(agent, self.mode)
        for part in request.header(HEADER).split(","):
            policy, _, mode = (word.strip() for word in part.partition("="))
            if policy == "prefetch" and mode in MODES:
                return mode if mode != "on" or known == "on" else "shadow"
        return known

    def launches(self, request: Request, agent: str, window: str) -> bool:
        """Whether calls of a request's session are made ahead in this window."""
        return window in self.windows and self.mode_of(request, agent) == "on"

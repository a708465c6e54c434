"""Which tools may be called ahead, and which calls count as mere reading. Pure: a definition in, words out.

It must not know when a call is made, nor by whom. The rules are numbered in docs/mcp.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from proxy.tools import Definition
from proxy.tools.catalogue import Place, annotations

LONGEST_TTL_S = 30.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows. The list decides; what a server says of its own tools only takes away from it."""

    tools: frozenset[Place] = frozenset()
    """Tools that may be called ahead, by server and name."""
    open_world: frozenset[Place] = frozenset()
    """Those of them that may be although they reach beyond their server: a wrong guess tells somebody else."""
    ttl_s: float = 10.0
    ttls: tuple[tuple[Place, float], ...] = ()
    """Seconds that a result may wait, for single tools."""

    def reads(self, place: Place, definition: Definition) -> bool:
        """Whether a call of it is known to change nothing. All other calls count as writes."""
        return place in self.tools and not _objection(definition)

    def objection(self, place: Place, definition: Definition) -> str:
        """Why it may not be called ahead; empty when it may."""
        if place not in self.tools:
            return "it is not on the list OUTRIDER_PREFETCH_TOOLS"
        found = _objection(definition)
        if not found and annotations(definition).get("openWorldHint") is not False and place not in self.open_world:
            found = "it may reach beyond its server, and is not on the list OUTRIDER_PREFETCH_OPEN_WORLD"
        return found

    def ttl(self, place: Place) -> float:
        """Seconds that a result of it may wait."""
        return min(LONGEST_TTL_S, dict(self.ttls).get(place, self.ttl_s))


def _objection(definition: Definition) -> str:
    told = annotations(definition)
    if not told:
        return "its server does not annotate it"
    if told.get("readOnlyHint") is not True:
        return "its server does not say that it only reads"
    if told.get("destructiveHint") is True:
        return "its server says that it destroys"
    return ""


def places(words: Iterable[str]) -> frozenset[Place]:
    """`server/tool` words as places. Raises `ValueError` for one that is neither."""
    return frozenset(map(place_of, words))


def place_of(word: str) -> Place:
    """`server/tool` as a place. Raises `ValueError`."""
    server, slash, tool = word.partition("/")
    if not (server and slash and tool):
        raise ValueError(f"{word!r}: write server/tool, the names that outrider doctor shows")
    return Place(server, tool)

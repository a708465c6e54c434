"""What an agent's sessions teach: how long they last, and whether condensing them saved money.

It must not know a single request; it is told a little by each session and folds it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from policies.consolidate.lasting import STEPS, Ends, ends, reached, remaining

MOST_AGENTS = 500
JUDGED = 8
"""An agent's latest sessions with an event, whose nets are summed."""
FEWEST_JUDGED = 3
REST = 25
"""Sessions for which an agent's sessions are left alone before it is tried again."""

Told = list[Any]
"""`[agent, "reached", request number]` or `[agent, "net", session, US dollars]`; JSON-able."""


class Agent(NamedTuple):
    """What is known of an agent's sessions."""

    lasts: Ends = Ends()
    nets: Mapping[str, float] = {}
    """US dollars saved by session, the latest that had an event, oldest first; negative: lost."""
    rest: int = 0
    """Sessions for which it is still left alone."""

    @property
    def reason(self) -> str:
        """Why it is left alone; empty when it is not."""
        lost = -sum(self.nets.values())
        return f"off for {self.rest} sessions of this agent: the last ones cost ${lost:.4f} more" if self.rest else ""

    def remaining(self, requests: int) -> float:
        """Requests expected after so many."""
        return remaining(self.lasts, requests)


def agent_of(lesson: object, agent: str) -> Agent:
    """What a lesson says of an agent; blank when it says nothing."""
    agents = lesson.get("agents") if isinstance(lesson, Mapping) else None
    told = agents.get(agent) if isinstance(agents, Mapping) else None
    if not isinstance(told, Mapping):
        return Agent()
    nets = told.get("nets")
    return Agent(ends(told.get("lasts")), dict(nets) if isinstance(nets, Mapping) else {}, int(told.get("rest", 0)))


def tells(agent: str, requests: int) -> Told | None:
    """What a session's request of that number teaches about how long sessions last; most teach nothing."""
    return [agent, "reached", requests] if requests in STEPS else None


def fold(lesson: object, told: Iterable[Told]) -> dict[str, Any]:
    """The lesson with what was told in it; the agents heard of longest ago are forgotten."""
    agents = dict(lesson["agents"]) if isinstance(lesson, Mapping) and "agents" in lesson else {}
    for name, kind, *rest in told:
        known = agent_of({"agents": agents}, name)
        known = _reached(known, *rest) if kind == "reached" else _settled(known, *rest)
        agents.pop(name, None)
        agents[name] = {"lasts": known.lasts.json(), "nets": dict(known.nets), "rest": known.rest}
    return {"agents": dict(list(agents.items())[-MOST_AGENTS:])}


def _reached(known: Agent, requests: int) -> Agent:
    known = known._replace(lasts=reached(known.lasts, requests))
    if requests > 1 or not known.rest:
        return known
    return known._replace(rest=known.rest - 1, nets=known.nets if known.rest > 1 else {})


def _settled(known: Agent, session: str, net: float) -> Agent:
    nets = {name: old for name, old in known.nets.items() if name != session} | {session: net}
    nets = dict(list(nets.items())[-JUDGED:])
    losing = not known.rest and len(nets) >= FEWEST_JUDGED and sum(nets.values()) < 0
    return known._replace(nets=nets, rest=REST if losing else known.rest)

"""What agents' sessions leave for a model that writes their programs: histories, whose turn it is, what it wrote.

It must not know how a model is asked. It is part of the lesson, and folded with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.prefetch.authors import Author
from policies.prefetch.history import Trace, joined, packed, unpacked
from policies.prefetch.language import Malformed
from policies.prefetch.model import Model
from policies.prefetch.observation import Observation
from policies.prefetch.pool import Particle

MOST_AGENTS = 16
"""Agents whose sessions are kept, those heard of last."""
NAME = "studies"


def going_on(session: str, now: float) -> dict[str, Any]:
    """To be told with a step after which the session goes on."""
    return {"session": session, "at": now}


def come_to_rest(trace: Trace) -> dict[str, Any]:
    """To be told of a session that has come to a reply."""
    return {"trace": list(trace)}


def asking(now: float) -> dict[str, Any]:
    """To be told when a model is asked."""
    return {"asked": now}


def outcome(particles: Sequence[Particle]) -> dict[str, Any]:
    """To be told when it has answered."""
    return {"programs": [each.json() for each in particles]}


def author(lesson: object, key: str) -> Author:
    """How things stand for the agent under this key."""
    told = _agents(lesson).get(key)
    return Author.read(told.get("author")) if told else Author()


def history(lesson: object, key: str) -> list[Trace]:
    """Its sessions that are kept, the latest last."""
    told = _agents(lesson).get(key)
    return unpacked(str(told.get("history", ""))) if told else []


class Studies:
    """The studies of all agents, while a lesson is folded."""

    def __init__(self, lesson: object) -> None:
        self._agents = dict(_agents(lesson))

    def json(self) -> dict[str, Any]:
        """For the store; nothing where there is nothing."""
        return {NAME: self._agents} if self._agents else {}

    def learn(self, key: str, told: Mapping[str, Any], model: Model, seen: Sequence[Observation]) -> None:
        """Takes what an exchange of the agent told, before its model has learned from it."""
        kept = self._agents.pop(key, {})
        stands, traces = Author.read(kept.get("author")), str(kept.get("history", ""))
        for each in seen:
            if (right := _right(model, each)) is not None:
                stands = stands.judged(right)
        if "trace" in told:
            trace = Trace(*told["trace"])
            stands, traces = stands.ended(trace.session), packed(joined(unpacked(traces), trace))
        if "asked" in told:
            stands = stands.has_asked(told["asked"])
        if "session" in told:
            stands = stands.heard(told["session"], told["at"])
        if "programs" in told:
            found = _particles(told["programs"])
            stands = stands.got(len(found))
            model.pool.join(found)
        self._agents[key] = {"author": list(stands), "history": traces}
        while len(self._agents) > MOST_AGENTS:
            del self._agents[next(iter(self._agents))]


def _right(model: Model, seen: Observation) -> float | None:
    """The share of belief that lay in programs that were right; None where none said anything."""
    spoke = [
        (each.weight, one > 0) for each in model.pool.particles if (one := seen.outcomes.get(each.program.name, 0))
    ]
    total = sum(weight for weight, _ in spoke)
    return sum(weight for weight, right in spoke if right) / total if total else None


def _particles(told: Sequence[Any]) -> list[Particle]:
    found = []
    for each in told:
        try:
            found.append(Particle.read(each))
        except (Malformed, TypeError, ValueError):
            continue
    return found


def _agents(lesson: object) -> Mapping[str, Any]:
    agents = lesson.get(NAME) if isinstance(lesson, Mapping) else None
    return agents if isinstance(agents, Mapping) else {}

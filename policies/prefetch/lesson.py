"""What agents' sessions teach, as the store keeps it: a packed model for each agent with its set of tools.

It must not know sessions or requests; it is told steps and folds them.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from policies.prefetch.model import Model
from policies.prefetch.observation import Observation
from policies.prefetch.studies import Studies
from policies.prefetch.uses import Case
from policies.prefetch.watch import Taught, learn

MOST_CHARS = 1_500_000
"""Of all packed models together; the agents heard of longest ago are forgotten."""
MOST_UNPACKED = 16

Told = list[Any]
"""`[agent, steps, fates]`, and where a model writes programs what `written` tells of the agent; JSON-able."""


class Agent(NamedTuple):
    """One agent of one caller with one set of tools: nobody learns from another's sessions."""

    caller: str
    name: str
    tools: tuple[str, ...]

    @property
    def key(self) -> str:
        """Under which its model is kept."""
        tools = blake2b("\n".join(sorted(self.tools)).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        return f"{self.caller}:{tools}:{self.name}"


def tell(agent: Agent, taught: Taught) -> Told:
    """What a step teaches, in words for `fold`."""
    observations = [_rounded(seen) for seen in taught.observations]
    return [agent.key, observations, [[case.json(), used] for case, used in taught.fates]]


def _rounded(seen: Observation) -> list[Any]:
    features = [[name, round(value, 4)] for name, value in seen.features]
    offered = [[round(value, 4) for value in each] for each in seen.offered]
    return list(seen._replace(features=features, offered=offered))


def fold(lesson: object, told: Iterable[Told]) -> dict[str, Any]:
    """The lesson with what was told in it."""
    agents = _agents(lesson)
    models: dict[str, Model] = {}
    studies = Studies(lesson)
    for key, observations, fates, *study in told:
        model = models.get(key) or Model(_unpacked(agents.get(key, "")))
        models[key] = model
        seen = [Observation.read(each) for each in observations]
        if study:
            studies.learn(key, study[0], model, seen)
        learn(model, Taught(seen, [(Case(*case), used) for case, used in fates]))
    for key, model in models.items():
        agents.pop(key, None)
        agents[key] = packed(model)
    while len(agents) > 1 and sum(map(len, agents.values())) > MOST_CHARS:
        del agents[next(iter(agents))]
    return {"agents": agents, **studies.json()}


def known(lesson: object, agent: Agent) -> Model | None:
    """What is known of an agent; None before anything is. Not to be taught: who asks next gets the same."""
    text = _agents(lesson).get(agent.key, "")
    return _model(text) if text else None


def beliefs(lesson: object, name: str) -> list[dict[str, Any]]:
    """The behaviour programs of every agent of that name, as people read them, the most believed first."""
    found = []
    for key, text in _agents(lesson).items():
        caller, _, agent = key.split(":", 2)
        if agent == name and (model := Model(_unpacked(text))):
            found.append({"agent": agent, "caller": caller, **_believed(model)})
    return found


def _believed(model: Model) -> dict[str, Any]:
    total = sum(each.weight for each in model.pool.particles) or 1.0
    ranked = sorted(model.pool.particles, key=lambda each: -each.weight)
    programs = [
        {
            "belief": round(each.weight / total, 3),
            "right": round(each.hit_rate, 3),
            "spoke": each.spoke,
            "origin": each.origin,
            "text": str(each.program),
            "program": each.program.json(),
        }
        for each in ranked
    ]
    return {"tools": sorted(model.tools), "steps": model.steps, "programs": programs}


def packed(model: Model) -> str:
    """A model as a short text: most of it is digits."""
    return b64encode(zlib.compress(json.dumps(model.json(), separators=(",", ":")).encode(), 6)).decode()


def _unpacked(text: str) -> Mapping[str, Any]:
    """What was packed; of what cannot be read, nothing: the agent is learned anew."""
    try:
        told = json.loads(zlib.decompress(b64decode(text))) if text else {}
    except (ValueError, zlib.error):
        return {}
    return told if isinstance(told, dict) else {}


@lru_cache(MOST_UNPACKED)
def _model(text: str) -> Model:
    return Model(_unpacked(text))


def _agents(lesson: object) -> dict[str, str]:
    agents = lesson.get("agents") if isinstance(lesson, Mapping) else None
    return {str(key): str(text) for key, text in agents.items()} if isinstance(agents, Mapping) else {}

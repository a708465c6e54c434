"""What aggregations show of agents over time: who reads whom, how often something was lost, by whom, at what length.

It must not know texts or sessions. The lesson is JSON: `{"agents": {agent: {"aggregations", "alarms": {who: n},
"reads": {agent: n}}}, "curves": {agent: {model: curve}}, "spent": [day, calls]}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.noise import curve
from policies.noise.curve import UNNAMED
from policies.noise.report import AGGREGATOR

MOST_AGENTS, MOST_READ, MOST_MODELS = 200, 50, 20
"""Agents, agents that one reads, and models of one; those heard of longest ago go first."""
DAY_S = 86_400


def pairs(found: Mapping[str, Any]) -> dict[str, Any]:
    """What one aggregation teaches, as it is handed to `fold`."""
    reads: dict[str, int] = {}
    for worker in found["workers"]:
        name = worker["agent"] or UNNAMED
        reads[name] = reads.get(name, 0) + 1
    told = {"agent": found["agent"] or UNNAMED, "reads": reads, "lost": found["attribution"]}
    if "all" in found["doubts"] or "model" not in found:
        return told
    # What was repaired is held against the model all the same: its first reply counts.
    score = float(found.get("first", found["attribution"]) != AGGREGATOR)
    return told | {"model": found["model"], "tokens": found["tokens"], "score": score}


def spending(now: float, calls: int) -> dict[str, Any]:
    """That extra calls were made, as it is handed to `fold`."""
    return {"day": int(now // DAY_S), "calls": calls}


def spent(lesson: Any, now: float) -> int:
    """Extra calls of today, all agents together."""
    day, calls = (lesson or {}).get("spent", (0, 0))
    return int(calls) if day == now // DAY_S else 0


def fold(lesson: Any, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The lesson with aggregations folded in."""
    known = lesson or {}
    agents: dict[str, Any] = {agent: dict(each) for agent, each in known.get("agents", {}).items()}
    curves: dict[str, Any] = {agent: dict(each) for agent, each in known.get("curves", {}).items()}
    day, calls = known.get("spent", (0, 0))
    for each in told:
        if "day" in each:
            day, calls = (each["day"], each["calls"]) if each["day"] > day else (day, calls + each["calls"])
        if "agent" not in each:
            continue
        agents[each["agent"]] = _read(agents.pop(each["agent"], {}), each)
        if "score" in each:
            models = curves.pop(each["agent"], {})
            models[each["model"]] = curve.counted(models.pop(each["model"], None), each["tokens"], each["score"])
            curves[each["agent"]] = _latest(models, MOST_MODELS)
    return {"agents": _latest(agents, MOST_AGENTS), "curves": _latest(curves, MOST_AGENTS), "spent": [day, calls]}


def account(lesson: Any) -> dict[str, Any]:
    """The lesson for people, by agent."""
    known = lesson or {}
    curves = known.get("curves", {})
    return {
        agent: {**each, "lengths": curve.shown(curves[agent])} if agent in curves else each
        for agent, each in known.get("agents", {}).items()
    }


def _read(before: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    alarms, reads = dict(before.get("alarms", {})), dict(before.get("reads", {}))
    if told["lost"]:
        alarms[told["lost"]] = alarms.get(told["lost"], 0) + 1
    for agent, count in told["reads"].items():
        reads[agent] = reads.pop(agent, 0) + count
    return {"aggregations": before.get("aggregations", 0) + 1, "alarms": alarms, "reads": _latest(reads, MOST_READ)}


def _latest(known: Mapping[str, Any], most: int) -> dict[str, Any]:
    return dict(list(known.items())[-most:])

"""What aggregations show of agents over time: who reads whom, how often something was lost, and by whom. JSON.

It must not know texts or sessions. The lesson is `{agent: {"aggregations", "alarms": {who: n}, "reads": {agent: n}}}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_AGENTS, MOST_READ = 200, 50
"""Agents, and agents that one reads; those heard of longest ago go first."""
UNNAMED = "?"


def pairs(found: Mapping[str, Any]) -> dict[str, Any]:
    """What one aggregation teaches, as it is handed to `fold`."""
    reads: dict[str, int] = {}
    for worker in found["workers"]:
        name = worker["agent"] or UNNAMED
        reads[name] = reads.get(name, 0) + 1
    return {"agent": found["agent"] or UNNAMED, "reads": reads, "lost": found["attribution"]}


def fold(lesson: Any, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The lesson with aggregations folded in."""
    known: dict[str, Any] = {agent: dict(each) for agent, each in (lesson or {}).items()}
    for each in told:
        before = known.pop(each["agent"], {})
        alarms, reads = dict(before.get("alarms", {})), dict(before.get("reads", {}))
        if each["lost"]:
            alarms[each["lost"]] = alarms.get(each["lost"], 0) + 1
        for agent, count in each["reads"].items():
            reads[agent] = reads.pop(agent, 0) + count
        latest = dict(list(reads.items())[-MOST_READ:])
        known[each["agent"]] = {
            "aggregations": before.get("aggregations", 0) + 1,
            "alarms": alarms,
            "reads": latest,
        }
    return dict(list(known.items())[-MOST_AGENTS:])

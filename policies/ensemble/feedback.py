"""Scores that clients give a team's answer, as outcomes of its members.

It must not know a plan, nor where scores come from.
"""

from collections.abc import Mapping
from typing import Any

SURE = 0.5
"""Of a score: the answer was right rather than wrong, so that who differed was not."""


def remembered(facts: Mapping[str, Any], final: str) -> dict[str, Any]:
    """What a session remembers of its team's answer: whether each member said the same. `final` is the answer's digest;
    without one there is nothing to compare."""
    said = {name: mark == final for name, mark in facts.get("said", {}).items() if mark and final}
    return {"same": said} if said else {}


def scored(memory: object, score: str) -> dict[str, Any] | None:
    """A run to tell `policies.ensemble.lesson.fold`, of a score for the answer that a session remembers: who said the
    same was as right as that, and who differed was wrong where it was right; where it was wrong, nobody knows. None
    where there is nothing to tell, or the score is no number from 0 to 1."""
    said = memory.get("same") if isinstance(memory, Mapping) else None
    try:
        number = float(score)
    except ValueError:
        return None
    if not said or not 0.0 <= number <= 1.0:
        return None
    agreed = {name: number if same else 1.0 - number for name, same in said.items() if same or number > SURE}
    return {"members": {}, "agreed": agreed, "edges": {}} if agreed else None

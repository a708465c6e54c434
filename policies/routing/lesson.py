"""What routing learns across sessions: scores of models, how they are doing, and how long their replies are.

It must not know what any of them consists of. The lesson is JSON: `{"scores": …, "condition": …, "tokens": …}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.routing.condition import Sighting
from policies.routing.condition import fold as fold_sightings
from policies.routing.outcomes import Outcome
from policies.routing.outcomes import fold as fold_scores

SCORES, CONDITION, TOKENS = "scores", "condition", "tokens"


def told(found: Sequence[Outcome], seen: Sequence[Sighting] = (), spent: Outcome | None = None) -> dict[str, Any]:
    """What one exchange teaches, as it is handed to `fold`; empty: nothing."""
    taught: dict[str, Any] = {SCORES: [each.told() for each in found]} if found else {}
    if seen:
        taught[CONDITION] = [each.told() for each in seen]
    if spent is not None:
        taught[TOKENS] = [spent.told()]
    return taught


def fold(lesson: Any, heard: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The lesson with what was told folded in."""
    folders = {SCORES: fold_scores, CONDITION: fold_sightings, TOKENS: fold_scores}
    return {
        name: folder(part(lesson, name), [each for taught in heard for each in taught.get(name, ())])
        for name, folder in folders.items()
    }


def part(lesson: Any, name: str) -> Any:
    """One of them; None where nothing was told of it yet."""
    return (lesson or {}).get(name)

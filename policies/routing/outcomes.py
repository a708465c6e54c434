"""What came of choices so far: for each model a level, and how it departs from that on each kind of question.

It must not know the road. The lesson is JSON: `{model: {"": [scores, their sum], topic: [...]}}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

LEVEL = 25.0
"""Scores that a model's card is worth."""
TOPIC = 10.0
"""Scores that a model's level is worth, against those of one kind of question."""
MOST_MODELS = 200
FADING = 1_000.0
"""Scores after which the oldest count less: beyond so many, old ones are scaled down."""


class Outcome(NamedTuple):
    """How well one exchange went: JSON-able, and nothing of what was said."""

    model: str
    topics: tuple[str, ...]
    score: float
    """0 to 1."""
    weight: float = 1.0
    """What it counts, of a score that somebody gave."""

    def told(self) -> list[Any]:
        """As it is handed to `fold`."""
        return [self.model, list(self.topics), self.score, self.weight]


def fold(lesson: Any, told: Sequence[Any]) -> dict[str, Any]:
    """The lesson with outcomes folded in; the models heard of longest ago make room."""
    known: dict[str, Any] = {model: dict(sums) for model, sums in (lesson or {}).items()}
    for model, topics, score, weight in told:
        sums = known.pop(model, {})
        for topic in ("", *topics):
            count, total = sums.get(topic, (0.0, 0.0))
            fade = min(1.0, FADING / (count + weight))
            sums[topic] = [count * fade + weight, total * fade + weight * score]
        known[model] = sums
    for model in list(known)[: max(0, len(known) - MOST_MODELS)]:
        del known[model]
    return known


def quality(lesson: Any, model: str, topics: frozenset[str], believed: float) -> tuple[float, int]:
    """The share the model is expected to get right, and how many scores that rests on."""
    return shrunken(lesson, model, topics, believed, LEVEL)


def shrunken(lesson: Any, model: str, topics: frozenset[str], believed: float, worth: float) -> tuple[float, int]:
    """The mean to expect of a model on these kinds of question, and how many observations it rests on; what was
    believed beforehand counts for `worth` of them."""
    sums: Mapping[str, Sequence[float]] = (lesson or {}).get(model) or {}
    count, total = sums.get("", (0.0, 0.0))
    level = (believed * worth + total) / (worth + count)
    for topic in sorted(topics & sums.keys()):
        own, gained = sums[topic]
        level = (level * TOPIC + gained) / (TOPIC + own)
    return level, round(count)

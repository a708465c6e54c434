"""What came of choices so far: for each model a level, and how it departs from that on each kind of question.

It must not know the road. The lesson is JSON: `{model: {"": [scores, their sum], topic: [...]}}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

LEVEL = 25.0
"""Scores that a model's card is worth."""
HARDER, NOISE = 0.05, 0.22
"""Standard deviation of what scores in all lie above or below the cards; variance of a single score."""
TOPIC = 20.0
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


def harder(lesson: Any, beliefs: Mapping[str, float]) -> float:
    """By how much scores in all lie above what cards promise (below: negative), given what each model's card does.

    One user's questions are harder than another's, or scored more strictly. That is common to all models: were it taken
    for each model's own, whoever was never asked would look the best. The mean of the models' deviations, by how sure
    each is, shrunken to nothing (a random effect; the deviation of one model has the variance `NOISE / LEVEL`)."""
    weight, away = 1.0 / HARDER**2, 0.0
    for model, believed in beliefs.items():
        count, total = ((lesson or {}).get(model) or {}).get("", (0.0, 0.0))
        if count:
            sure = 1.0 / (NOISE / LEVEL + NOISE / count)
            weight, away = weight + sure, away + sure * (total / count - believed)
    return away / weight


def quality(
    lesson: Any, model: str, topics: frozenset[str], believed: float, signs: tuple[float, float] = (0.0, 0.0)
) -> tuple[float, int]:
    """The share the model is expected to get right, and how many scores that rests on. `signs`: what speaks for it and
    against it beside scores, in scores of 1 and of 0."""
    good, bad = signs
    worth = LEVEL + good + bad
    believed = (LEVEL * min(1.0, max(0.0, believed)) + good) / worth
    return shrunken(lesson, model, topics, believed, (worth, TOPIC))


def shrunken(
    lesson: Any, model: str, topics: frozenset[str], believed: float, worth: tuple[float, float]
) -> tuple[float, int]:
    """The mean to expect of a model on these kinds of question, and how many observations it rests on. `worth`: for how
    many what was believed beforehand counts, and for how many the mean in all, against that of one kind."""
    sums: Mapping[str, Sequence[float]] = (lesson or {}).get(model) or {}
    count, total = sums.get("", (0.0, 0.0))
    level = (believed * worth[0] + total) / (worth[0] + count)
    for topic in sorted(topics & sums.keys()):
        own, gained = sums[topic]
        level = (level * worth[1] + gained) / (worth[1] + own)
    return level, round(count)

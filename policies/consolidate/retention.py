"""Retention: how likely a later tool call needs a literal of the condensed messages, by a scorecard.

It must not know what the literals mean, nor how many of them there is room for.
"""

from collections.abc import Iterator, Mapping, Set
from itertools import accumulate
from math import exp, log, log2
from typing import NamedTuple

from policies.consolidate.literals import KINDS
from policies.consolidate.sightings import Sightings

TRAITS: Mapping[str, int] = {
    "kind": len(KINDS),
    "times given to a tool": 4,
    "times in a result": 4,
    "topics since, given or not": 8,
    "age of the user's word": 11,
    "age as an argument": 11,
    "age in a result": 11,
    "age of its record": 11,
    "share of its field that was given, told or not": 20,
    "name of its field": 4,
    "length": 7,
    "age within its topic, given or not": 20,
}
"""What is looked at, and how many steps each trait has. A literal is on one step of each. Ages are turns, by powers of
two, the last step is never; a record is as old as the last word of anyone about what stands for it."""
(
    _, _GIVEN, _RETURNED, _TOPICS, _USER, _ARGUMENT, _RESULT, _RECORD, _SHARE, _NAME, _LENGTH, _WITHIN
) = accumulate((0, *tuple(TRAITS.values())[:-1]))  # fmt: skip
SIZE = sum(TRAITS.values())
"""Weights of a scorecard: one for each step of each trait, traits in order."""
_OLDEST, _NEVER = 9, 10

IDENTITIES = frozenset(KINDS.index(kind) for kind in ("id", "email", "hash", "path", "code", "number", "name"))
"""Kinds that may stand for the record they are in."""
COMMON = 4
"""Results from which on a literal stands for no single record."""
USUAL = 0.05
"""Share of the literals of a field that are needed, where nothing is known of it."""


class Prior(NamedTuple):
    """A scorecard, and what an agent's past adds to it: log odds by field."""

    weights: tuple[float, ...]
    bias: float = 0.0
    fields: Mapping[str, float] = {}


def scores(sightings: Sightings, present: Set[str], prior: Prior) -> list[float]:
    """The likelihood for each literal, in order, that a call needs it before it is seen again. `present`: words
    that stay in sight."""
    weigh = prior.weights.__getitem__
    odds = [prior.bias + sum(map(weigh, steps)) for steps in traits(sightings, present)]
    if prior.fields:
        labels = (seen.field for seen in sightings.values.values())
        odds = [value + prior.fields.get(label, 0.0) for value, label in zip(odds, labels, strict=True)]
    return [1 / (1 + exp(-max(min(value, 30.0), -30.0))) for value in odds]


def traits(sightings: Sightings, present: Set[str]) -> Iterator[tuple[int, ...]]:
    """For each literal, in order, the numbers of the weights that speak for it."""
    records = _alive(sightings, present)
    fields: dict[str, tuple[int, int]] = {}
    now, topic = sightings.now, sightings.topic
    for text, seen in sightings.values.items():
        field = fields.get(seen.field)
        if field is None:
            field = fields[seen.field] = _field(sightings, seen.field)
        user, given, result = seen.by_user, seen.as_argument, seen.in_result
        is_given = given >= 0
        is_told = is_given or user >= 0 or seen.by_assistant >= 0
        record = records.get((seen.home, seen.record), -1) if result >= 0 else -1
        topics = topic - seen.topic
        yield (
            seen.kind,
            _GIVEN + min(seen.arguments.bit_length(), 3),
            _RETURNED + min(seen.results.bit_length(), 3),
            _TOPICS + (topics if topics < 3 else 3) + 4 * is_given,
            _USER + (_NEVER if user < 0 else min((now - user).bit_length(), _OLDEST)),
            _ARGUMENT + (min((now - given).bit_length(), _OLDEST) if is_given else _NEVER),
            _RESULT + (_NEVER if result < 0 else min((now - result).bit_length(), _OLDEST)),
            _RECORD + (_NEVER if record < 0 else min((now - record).bit_length(), _OLDEST)),
            _SHARE + field[0] + (0 if is_told else 10),
            _NAME + field[1],
            _LENGTH + min(len(text).bit_length(), 6),
            _WITHIN + (0 if topics else min((now - seen.last).bit_length(), _OLDEST)) + 10 * is_given,
        )


def _alive(sightings: Sightings, present: Set[str]) -> dict[tuple[str, int], int]:
    """When each record was last spoken of after its result came, by literals that stand for it."""
    records: dict[tuple[str, int], int] = {}
    for text, seen in sightings.values.items():
        result = seen.in_result
        if result < 0 or seen.kind not in IDENTITIES or seen.results > COMMON or len(text) < 3:
            continue
        told = sightings.now if text in present else max(seen.by_user, seen.by_assistant, seen.as_argument)
        if told > result:
            key = seen.home, seen.record
            records[key] = max(records.get(key, -1), told)
    return records


def _field(sightings: Sightings, field: str) -> tuple[int, int]:
    """Steps for a field: how large a share of its literals were given to tools, and what its name looks like."""
    first, given = sightings.fields.get(field, (0, 0))
    leaf = field.rpartition(".")[2]
    is_parameter = leaf + "=" in sightings.fields or leaf.rstrip("s") + "=" in sightings.fields
    return _step(given, first), is_parameter + 2 * leaf.lower().endswith(("id", "ids"))


def _step(given: int, first: int) -> int:
    """0 to 9, two for each doubling of the share; little seen is drawn to the usual share."""
    return max(0, min(9, round(2 * log2((given + 6 * USUAL) / (first + 6))) + 9))


def refined(prior: Prior, counts: Mapping[str, tuple[float, float]]) -> Prior:
    """The prior with what an agent's sessions showed: `counts` holds kept and used literals by field."""
    return prior._replace(fields={name: _odds(kept, used) for name, (kept, used) in counts.items()})


def _odds(kept: float, used: float) -> float:
    """Log odds of a field against the usual share, drawn to 0 while little is known."""
    share = (used + 2 * USUAL) / (kept - used + 2 * (1 - USUAL))
    return log(share * (1 - USUAL) / USUAL) * kept / (kept + 20)

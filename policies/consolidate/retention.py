"""Retention: how likely a later tool call needs a literal of the condensed messages, by a scorecard.

It must not know what the literals mean, nor how many of them there is room for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import accumulate
from math import exp, log, log2
from typing import NamedTuple

from policies.consolidate.literals import KINDS
from policies.consolidate.sightings import NEVER, Sightings

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
    that stay in sight. It is the sum of the weights of its `traits`, read from tables."""
    now, topic, bias = sightings.now, sightings.topic, prior.bias
    card = _card(prior.weights, 1 << now.bit_length())
    users, arguments, results, told = (_until(now, *ages) for ages in card.ages)
    alive, fields = _alive(sightings, present), dict[str, tuple[float, float]]()
    found: list[float] = []
    for text, seen in sightings.values.items():
        field = fields.get(seen.field)
        if field is None:
            field = fields[seen.field] = _weighed(sightings, seen.field, prior)
        given, result = seen.as_argument, seen.in_result
        is_given, topics = given >= 0, topic - seen.topic
        odds = (
            bias
            + card.kind[seen.kind]
            + card.given[seen.arguments if seen.arguments < 4 else 4]
            + card.returned[seen.results if seen.results < 4 else 4]
            + card.topics[is_given][topics if topics < 3 else 3]
            + users[now - seen.by_user]
            + arguments[now - given]
            + results[now - result]
            + told[now - alive.get((seen.home, seen.record), NEVER) if result >= 0 else now - NEVER]
            + field[is_given or seen.by_user >= 0 or seen.by_assistant >= 0]
            + card.length[len(text) if len(text) < 32 else 32]
            + card.within[is_given][0 if topics else now - seen.last]
        )
        found.append(1 / (1 + exp(-odds)) if -30 < odds < 30 else float(odds > 0))
    return found


class _Card(NamedTuple):
    """A scorecard as tables; those of two rows are for literals that were never given to a tool, and for others."""

    kind: Sequence[float]
    given: Sequence[float]
    returned: Sequence[float]
    topics: tuple[Sequence[float], Sequence[float]]
    length: Sequence[float]
    within: tuple[Sequence[float], Sequence[float]]
    ages: tuple[tuple[Sequence[float], float], ...]
    """Of the user's word, as an argument, in a result, of the record: by age, and for what never was."""


@lru_cache(maxsize=16)
def _card(weights: tuple[float, ...], most: int) -> _Card:
    """The tables for ages up to `most`."""
    steps = [min(age.bit_length(), _OLDEST) for age in range(most + 1)]
    counts = [min(count.bit_length(), 3) for count in range(5)]

    def by(steps: Iterable[int], first: int) -> list[float]:
        return [weights[first + step] for step in steps]

    return _Card(
        weights[: len(KINDS)],
        by(counts, _GIVEN),
        by(counts, _RETURNED),
        (by(range(4), _TOPICS), by(range(4), _TOPICS + 4)),
        by((min(length.bit_length(), 6) for length in range(33)), _LENGTH),
        (by(steps, _WITHIN), by(steps, _WITHIN + 10)),
        tuple((by(steps, first), weights[first + _NEVER]) for first in (_USER, _ARGUMENT, _RESULT, _RECORD)),
    )


def _until(now: int, ages: Sequence[float], never: float) -> list[float]:
    """A table of ages up to `now`, and behind it what never was: it is one turn older than the first message."""
    return [*ages[: now + 1], never]


def _weighed(sightings: Sightings, field: str, prior: Prior) -> tuple[float, float]:
    """What a field says for literals that nobody spoke of, and for others."""
    share, name = _field(sightings, field)
    own = prior.weights[_NAME + name] + prior.fields.get(field, 0.0)
    return prior.weights[_SHARE + share + 10] + own, prior.weights[_SHARE + share] + own


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

"""Where workers contradict each other: the same attribute, another value; and whether the aggregate lost the majority.

It must not know who is right. Two values are of the same attribute where nearly the same words stand around them, or
where they stand in fields of the same name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from policies.noise.fields import fields, plain
from policies.noise.quantities import Quantity
from policies.noise.text import words
from policies.noise.values import Given, alike, equal, given

ALIKE, SHARED = 0.75, 3
"""Share and number of words around two values that must be the same."""
COMMON = 40
"""A word that stands around more values than this leads to no other."""
MOST = 2_000


class Side(NamedTuple):
    """A value and who gave it."""

    text: str
    workers: frozenset[int]
    begin: int
    end: int
    """Where the first of them gave it."""


class Conflict(NamedTuple):
    """One attribute with several values, the one of most workers first."""

    about: str
    sides: tuple[Side, ...]
    kept: tuple[int, ...]
    """Which of the sides the aggregate repeats."""

    @property
    def majority_lost(self) -> bool:
        """Whether the aggregate repeats others' values and not the one that most workers gave."""
        first, second = self.sides[:2]
        return bool(self.kept) and 0 not in self.kept and len(first.workers) > len(second.workers)


def conflicts(
    workers: Sequence[str], known: Sequence[Given], aggregate: str, values: Sequence[Given]
) -> list[Conflict]:
    """The conflicts of workers, with what the aggregate makes of them; `values`: what is given in the aggregate."""
    said = [each.quantity for each in values]
    found = [_settled(group, said) for group in _groups(known[:MOST])]
    named = _of_fields(workers, aggregate)
    return [*named, *(each for each in found if each is not None)]


def contradictions(workers: Sequence[str]) -> list[Conflict]:
    """The same without an aggregate; texts that are JSON are read as lines of `name: value`."""
    texts = [plain(text)[0] for text in workers]
    return conflicts(texts, given(texts), "", ())


def _groups(known: Sequence[Given]) -> list[list[Given]]:
    """Values of the same attribute, where there is more than one worker."""
    leader = list(range(len(known)))

    def lead(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for one, other in _neighbours(known):
        if _same_attribute(known[one], known[other]):
            leader[lead(one)] = lead(other)
    groups = defaultdict(list)
    for place, each in enumerate(known):
        groups[lead(place)].append(each)
    return [group for group in groups.values() if len({each.worker for each in group}) > 1]


def _neighbours(known: Sequence[Given]) -> Iterator[tuple[int, int]]:
    """Pairs of values with enough of the same words around them."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(known):
        for stem in each.quantity.context:
            places[stem].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for found in places.values():
        if len(found) <= COMMON:
            shared.update(combinations(found, 2))
    return (pair for pair, count in shared.items() if count >= SHARED)


def _same_attribute(one: Given, other: Given) -> bool:
    mine, theirs = one.quantity, other.quantity
    if one.worker == other.worker or mine.kind != theirs.kind or mine.kind == "mark":
        return False
    return mine.unit == theirs.unit and alike(mine, theirs) >= ALIKE


def _settled(group: Sequence[Given], said: Sequence[Quantity]) -> Conflict | None:
    """The conflict of a group, if its values differ. A worker who gives several of them is of no side."""
    sides: list[list[Given]] = []
    for each in group:
        for side in sides:
            if equal(each.quantity, side[0].quantity) or equal(side[0].quantity, each.quantity):
                side.append(each)
                break
        else:
            sides.append([each])
    counts = Counter(worker for side in sides for worker in {each.worker for each in side})
    told = [
        Side(
            side[0].quantity.text,
            frozenset(each.worker for each in side if counts[each.worker] == 1),
            side[0].quantity.begin,
            side[0].quantity.end,
        )
        for side in sides
    ]
    paired = sorted(zip(told, sides, strict=True), key=lambda pair: -len(pair[0].workers))
    paired = [(side, values) for side, values in paired if side.workers]
    if len(paired) < 2:
        return None
    about = " ".join(sorted(frozenset.intersection(*(each.quantity.context for each in group))))
    kept = [
        place
        for place, (_, values) in enumerate(paired)
        if any(equal(each, values[0].quantity) and alike(each, values[0].quantity) > 0 for each in said)
    ]
    return Conflict(about, tuple(side for side, _ in paired), tuple(kept))


def _of_fields(workers: Sequence[str], aggregate: str) -> list[Conflict]:
    """Conflicts of fields with the same name."""
    values: defaultdict[str, dict[str, list[tuple[int, tuple[str, int, int]]]]] = defaultdict(dict)
    for worker, text in enumerate(workers):
        for name, field in fields(text).items():
            values[name].setdefault(" ".join(words(field[0])), []).append((worker, field))
    spoken = f" {' '.join(words(aggregate))} "
    found = []
    for name, by_value in values.items():
        if len(by_value) < 2 or not _is_attribute(by_value):
            continue
        ordered = sorted(by_value.items(), key=lambda item: -len(item[1]))
        sides = tuple(Side(given[0][1][0], frozenset(w for w, _ in given), *given[0][1][1:]) for _, given in ordered)
        kept = tuple(place for place, (value, _) in enumerate(ordered) if value and f" {value} " in spoken)
        found.append(Conflict(name, sides, kept))
    return found


def _is_attribute(by_value: Mapping[str, Sequence[object]]) -> bool:
    """Whether several workers agree on one of the values: else each has a field of its own of that name."""
    return max(map(len, by_value.values())) > 1

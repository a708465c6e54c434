"""What users asked for by name: the values of the fields and records that a sentence of theirs names.

It must not know how likely a literal is to be needed otherwise, nor how a state reads.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from policies.consolidate.sightings import Seen, Sightings
from policies.consolidate.wording import sentences

SHARED, LEAST_SHARED = 0.7, 4
"""Of the shorter word, and letters at least, that two words begin with in common: `arrives` is named by `arrival`."""
_WORDS = re.compile(r"[^\W\d_]+").findall
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])").findall

Record = tuple[str, int]
"""The line of a result, and the number of a record in it."""


class Asked(NamedTuple):
    """What a user's sentences ask for."""

    named: Set[str] = frozenset()
    """The values."""
    beside: Set[str] = frozenset()
    """Literals of the records beside, where the tool was asked for the record by its name: easily taken for it."""


def asked(sightings: Sightings, told: Iterable[str]) -> Asked:
    """What users asked for, in all that they said and in `told`: words of theirs that stay in sight.

    A sentence asks for the value of a field when it names the record, by a literal that stands in it, and the field,
    by a word of the field's name: `the arrival date of Mara Ilves's shipment` asks for `arrives` in her record.
    """
    spoken = [*(said.text for said in sightings.said.values()), *told]
    names = _names(sightings, "\n".join(spoken))
    homes = {home for home, _ in names.values()}
    records: dict[Record, list[str]] = {}
    for text, seen in sightings.values.items():
        if seen.home in homes and seen.in_result >= 0:
            records.setdefault((seen.home, seen.record), []).append(text)
    parts = (part for text in spoken for sentence in sentences("", text) for part in sentence.text.split("; "))
    named = {text for part in parts for text in _named(part, names, records, sightings.values)}
    wanted = {(sightings.values[text].home, sightings.values[text].record) for text in named}
    searched = {name for name, record in names.items() if record in wanted and _searched(sightings, record[0], name)}
    return Asked(named, _beside(searched, names, records, sightings.values))


def _searched(sightings: Sightings, home: str, name: str) -> bool:
    """Whether the result of that line was called for by the name."""
    called = sightings.called.get(home)
    return called is not None and any(text == name for _, text in called.arguments)


def _beside(
    searched: Set[str], names: Mapping[str, Record], records: Mapping[Record, list[str]], values: Mapping[str, Seen]
) -> set[str]:
    """What stands in records that have another name where the one that was searched has its own."""
    wanted = {names[name] for name in searched}
    bearing = {(names[name][0], values[name].field) for name in searched}
    return {
        text
        for record, texts in records.items()
        if record not in wanted and any((record[0], values[text].field) in bearing for text in texts)
        for text in texts
    }


def _names(sightings: Sightings, spoken: str) -> dict[str, Record]:
    """Literals that a tool was given or a user said, of those in the words, and the record of a result in which each
    stands."""
    return {
        text: (seen.home, seen.record)
        for text, seen in sightings.values.items()
        if seen.in_result >= 0 and len(text) > 2 and (seen.as_argument >= 0 or seen.by_user >= 0) and text in spoken
    }


def _named(
    line: str, names: Mapping[str, Record], records: Mapping[Record, list[str]], values: Mapping[str, Seen]
) -> Iterator[str]:
    """The values that a sentence asks for."""
    words: list[str] = []
    for name, record in names.items():
        if name not in line:
            continue
        words = words or [word.lower() for word in _WORDS(line.replace(name, " "))]
        yield from (text for text in records[record] if text != name and _names_field(words, values[text].field))


def _names_field(words: Iterable[str], field: str) -> bool:
    parts = _parts(field)
    return any(part[0] == word[0] and _alike(part, word) for word in words for part in parts)


@lru_cache(maxsize=1024)
def _parts(field: str) -> tuple[str, ...]:
    """The words of a field's name: `user.checkIn_date` has `check` and `date`."""
    return tuple(part.lower() for part in _PARTS(field.rpartition(".")[2]) if len(part) > 2)


def _alike(one: str, other: str) -> bool:
    """Whether two words begin alike."""
    shared = max(LEAST_SHARED, ceil(SHARED * min(len(one), len(other))))
    return one[:shared] == other[:shared]

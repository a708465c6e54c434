"""What users asked for by name: the values of the fields and records that a sentence of theirs names.

It must not know how likely a literal is to be needed otherwise, nor how a state reads.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import accumulate
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
Initials = Mapping[str, Sequence[str]]
"""Words by their first letters."""
SHORTEST = 3
"""Characters of a literal that names a record."""


class Mention(NamedTuple):
    """A record that users named, and the lines in which they did."""

    record: Record
    lines: Sequence[int]


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
    lines = [line for text in (*(said.text for said in sightings.said.values()), *told) for line in _lines(text)]
    names = _mentioned(sightings, lines)
    homes = {mention.record[0] for mention in names.values()}
    records: dict[Record, list[str]] = {}
    for text, seen in sightings.values.items():
        if seen.home in homes and seen.in_result >= 0:
            records.setdefault((seen.home, seen.record), []).append(text)
    named = set(_named(lines, names, records, sightings.values))
    wanted = {(sightings.values[text].home, sightings.values[text].record) for text in named}
    searched = {
        name: record
        for name, (record, _) in names.items()
        if record in wanted and _searched(sightings, record[0], name)
    }
    return Asked(named, _beside(searched, records, sightings.values))


@lru_cache(maxsize=1024)
def _lines(text: str) -> tuple[str, ...]:
    """What can ask for something by itself: sentences, and the parts of lists in them."""
    return tuple(part for sentence in sentences("", text) for part in sentence.text.split("; "))


def _searched(sightings: Sightings, home: str, name: str) -> bool:
    """Whether the result of that line was called for by the name."""
    called = sightings.called.get(home)
    return called is not None and any(text == name for _, text in called.arguments)


def _beside(
    searched: Mapping[str, Record], records: Mapping[Record, list[str]], values: Mapping[str, Seen]
) -> set[str]:
    """What stands in records that have another name where the one that was searched has its own."""
    wanted = set(searched.values())
    bearing = {(home, values[name].field) for name, (home, _) in searched.items()}
    homes = {home for home, _ in bearing}
    return {
        text
        for record, texts in records.items()
        if record[0] in homes
        and record not in wanted
        and any((record[0], values[text].field) in bearing for text in texts)
        for text in texts
    }


def _mentioned(sightings: Sightings, lines: Sequence[str]) -> dict[str, Mention]:
    """Literals that a tool was given or a user said, of those in the lines and in some result."""
    spoken = "\n".join(lines)
    begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
    found: dict[str, Mention] = {}
    for text, seen in sightings.values.items():
        if seen.in_result < 0 or len(text) < SHORTEST or (seen.as_argument < 0 and seen.by_user < 0):
            continue
        places, at = [], spoken.find(text)
        while at >= 0:
            places.append(bisect_right(begins, at) - 1)
            at = spoken.find(text, begins[places[-1] + 1])
        if places and "\n" not in text:
            found[text] = Mention((seen.home, seen.record), places)
    return found


def _named(
    lines: Sequence[str],
    names: Mapping[str, Mention],
    records: Mapping[Record, list[str]],
    values: Mapping[str, Seen],
) -> Iterator[str]:
    """The values that the lines ask for."""
    known: dict[tuple[int, str], bool] = {}
    for name, record, place in ((name, record, place) for name, (record, there) in names.items() for place in there):
        words = _initials(lines[place], name)
        for text in records[record]:
            asks = place, values[text].field
            if asks not in known:
                known[asks] = _names_field(words, asks[1])
            if known[asks] and text != name:
                yield text


@lru_cache(maxsize=1024)
def _initials(line: str, name: str) -> Initials:
    """The words of a line, the name aside, by their first letters."""
    words: dict[str, list[str]] = {}
    for word in _WORDS(line.replace(name, " ").lower()):
        words.setdefault(word[0], []).append(word)
    return words


def _names_field(words: Initials, field: str) -> bool:
    return any(_alike(part, word) for part in _parts(field) for word in words.get(part[0], ()))


@lru_cache(maxsize=1024)
def _parts(field: str) -> tuple[str, ...]:
    """The words of a field's name: `user.checkIn_date` has `check` and `date`."""
    return tuple(part.lower() for part in _PARTS(field.rpartition(".")[2]) if len(part) > 2)


def _alike(one: str, other: str) -> bool:
    """Whether two words begin alike."""
    shared = max(LEAST_SHARED, ceil(SHARED * min(len(one), len(other))))
    return one[:shared] == other[:shared]

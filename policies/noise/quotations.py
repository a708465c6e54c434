"""Which earlier outputs a text quotes: so an aggregation is seen without anybody saying who works with whom.

It must not know sessions, nor where outputs are kept. An output is remembered by hashes of some of its eight-word
shingles, never by its words; the memory is bounded, forgets what is old, and is JSON-able.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import Any, NamedTuple
from zlib import crc32

from policies.noise.text import words
from proxy.conversation import Turn

LONG, SHORT = 8, 4
"""Words of a shingle; an output of fewer is one shingle, and one of fewer than `SHORT` is not remembered."""
MARKS = 64
"""Shingles of an output that are remembered: those with the lowest hashes, which is as good as by chance."""
MOST = 400
"""Outputs that are remembered."""
LASTING_S = 3_600.0
ENOUGH = 0.6
"""Share of an output's shingles in a text, from which the text quotes it."""


MOST_AGAIN = 400
"""Places of a shingle that are looked at."""
Places = tuple[Mapping[int, int], Mapping[int, Sequence[int]]]


class Output(NamedTuple):
    """What somebody said earlier."""

    id: str
    by: str
    """Who said it: a session."""
    at: float
    """Epoch seconds."""
    long: int
    """Words of its shingles."""
    marks: tuple[int, ...]


class Quote(NamedTuple):
    """An output that stands in a text."""

    output: Output
    share: float
    """Of its shingles that stand there."""
    begin: int
    end: int
    """Words of the text between which they stand."""


class Outputs:
    """The latest outputs of a caller; `told` is what `json` gave."""

    def __init__(self, told: Iterable[Sequence[Any]] = ()) -> None:
        self._outputs = [Output(id, by, at, long, tuple(marks)) for id, by, at, long, marks in told]

    def __len__(self) -> int:
        return len(self._outputs)

    def add(self, id: str, by: str, text: str, now: float) -> None:
        """Remembers an output. Too short a one says too little to be known again."""
        said = words(text)
        if len(said) < SHORT:
            return
        long = min(LONG, len(said))
        marks = tuple(nsmallest(MARKS, _shingles(said, long)))
        kept = [each for each in self._outputs if each.id != id and now - each.at <= LASTING_S]
        self._outputs = [*kept, Output(id, by, now, long, marks)][-MOST:]

    def quoted(self, text: str, now: float, reader: str = "") -> list[Quote]:
        """The outputs that a text quotes, in the order in which they stand there; none of the reader's own. What stands
        in the text only because another quoted output holds it is left out."""
        said = words(text)
        live = [each for each in self._outputs if now - each.at <= LASTING_S and each.by != (reader or None)]
        places = {long: _places(said, long) for long in {each.long for each in live}}
        found = [quote for each in live if (quote := _quote(each, places[each.long])) is not None]
        outer = [each for each in found if not any(_holds(other, each) for other in found if other is not each)]
        return sorted(outer, key=lambda quote: (quote.begin, quote.end, quote.output.id))

    def json(self) -> list[list[Any]]:
        """For the store."""
        return [[each.id, each.by, each.at, each.long, [*each.marks]] for each in self._outputs]


def fresh(turns: Sequence[Turn]) -> str:
    """What a request tells its model for the first time: all since the model last spoke, results of tools too. What is
    older was seen when it came."""
    told = [(turn.text, *(result.text for result in turn.results)) for turn in turns[since(turns) :]]
    return "\n".join(text for texts in told for text in dict.fromkeys(texts) if text)


def since(turns: Sequence[Turn]) -> int:
    """The first turn since the model last spoke."""
    return next((place for place in range(len(turns), 0, -1) if turns[place - 1].role == "assistant"), 0)


def edges(quotes: Iterable[Quote], reader: str) -> Mapping[tuple[str, str], int]:
    """Who was quoted by whom, and how often: the message graph of one request."""
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for quote in quotes:
        found[quote.output.by, reader] += 1
    return dict(found)


def _shingles(said: Sequence[str], long: int) -> dict[int, int]:
    """Hashes of so many words in a row, with the place at which each stands first."""
    found: dict[int, int] = {}
    for place in range(len(said) - long + 1):
        found.setdefault(crc32(" ".join(said[place : place + long]).encode()), place)
    return found


def _places(said: Sequence[str], long: int) -> Places:
    """Where the shingles stand: each one's first place, and all places of those that stand there more than once."""
    first: dict[int, int] = {}
    again: dict[int, list[int]] = {}
    for place in range(len(said) - long + 1):
        mark = crc32(" ".join(said[place : place + long]).encode())
        if mark in first:
            again.setdefault(mark, [first[mark]]).append(place)
        else:
            first[mark] = place
    return first, again


def _quote(output: Output, places: Places) -> Quote | None:
    """The output in the text, if enough of it stands there."""
    first, again = places
    there = [mark for mark in output.marks if mark in first]
    share = len(there) / len(output.marks)
    if share < ENOUGH:
        return None
    begin, last = _window([again.get(mark) or [first[mark]] for mark in there])
    return Quote(output, share, begin, last + output.long)


def _window(places: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The first and last place of the shortest passage that holds one place of each: where outputs share a phrase, each
    one's own is meant."""
    if all(len(each) == 1 for each in places):
        ones = [each[0] for each in places]
        return min(ones), max(ones)
    rows = sorted((place, which) for which, each in enumerate(places) for place in each[:MOST_AGAIN])
    latest: dict[int, int] = {}
    best = (0, rows[-1][0] + 1)
    for place, which in rows:
        latest.pop(which, None)
        latest[which] = place  # the one seen longest ago stands first
        begin = latest[next(iter(latest))]
        if len(latest) == len(places) and place - begin < best[1] - best[0]:
            best = (begin, place)
    return best


def _holds(outer: Quote, inner: Quote) -> bool:
    """Whether one quote stands within another, longer one that was said later: then that one quoted it."""
    within = outer.begin <= inner.begin and inner.end <= outer.end
    longer = outer.end - outer.begin > inner.end - inner.begin
    return within and longer and outer.output.at >= inner.output.at

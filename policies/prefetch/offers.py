"""Values that an argument may have now, with what speaks for each.

It must not know which tool is called next, nor how values go together.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log
from operator import itemgetter
from typing import NamedTuple

from policies.prefetch.moved import EARLIER, LATER, SAID
from policies.prefetch.provenance import Argument
from policies.prefetch.ranking import Weights, dot
from policies.prefetch.state import Seen, State
from policies.prefetch.words import plain

NAMES = (
    "rate", "sources", "size", "mentioned", "heard", "spoken", "tried", "first", "newest", "again", "about", "age",
    "foreign", "follows", "absent", "same record", "next to it", "twice", "same role", "done", "voted", "whole", "kept",
    "turned",
)  # fmt: skip
"""The features of an offer, in order, and then of a call; what each says stands at `Offers` and in
`policies.prefetch.arguments`."""
OF_CALLS = (0.0,) * (len(NAMES) - NAMES.index("same record"))
MOST_SOURCES = 10
MOST_VALUES = 20
"""Values of an argument that are looked at, those of the surest sources first."""
MOST_OFFERS = 6
"""Values of an argument that are kept."""
ALIAS = "alias:"
Features = tuple[float, ...]
Sources = Mapping[str, Mapping[str, Seen]]


class Offer(NamedTuple):
    """A value that an argument may have."""

    value: str
    features: Features
    records: int
    """Objects, calls and places in texts it stood in: a bit for each."""
    after: int
    """Those that follow these."""
    roles: int
    """Those in which it stands in a field of the argument's own name."""
    score: float


class Stood:
    """Where a value stood: the surest source first, then all together."""

    __slots__ = ("alias", "first", "moved", "newest", "rate", "records", "roles", "size", "sources", "top")

    def __init__(self, rate: float, size: int, *, first: bool, top: bool, moved: bool = False) -> None:
        self.moved = moved
        self.rate, self.size, self.first, self.top = rate, size, first, top
        self.sources, self.newest, self.alias = 0, 0, -1
        self.records: set[str] = set()
        self.roles: set[str] = set()

    def seen(self, seen: Seen, *, alias: bool, role: bool = False) -> None:
        """It stands here too; `role`: in a field of the argument's name."""
        if role:
            self.roles.update(seen.records)
        self.sources += 1
        self.newest = max(self.newest, seen.step)
        self.records.update(seen.records)
        if alias:
            self.alias = max(self.alias, seen.step)


class Offers:
    """Makes the offers for one state."""

    def __init__(self, state: State, sources: Sources) -> None:
        self._state = state
        self._sources = sources
        self._mention = frozenset(state.mention)
        self._about: dict[str, frozenset[str]] = {}
        self._bits: dict[str, int] = {}

    def of(self, place: str, argument: Argument, weights: Weights, *, alone: bool = False) -> list[Offer]:
        """The values that an argument may have, the likeliest first; `place` is `tool.argument`. Of an argument that is
        taken `alone` nothing says where its values stood: there is none to stand beside."""
        tried = self._state.tried.get(place, {})
        ranked = argument.sources(self._sources, MOST_SOURCES)
        stood = self._stood(ranked, tried, place.rpartition(".")[2])
        for value, rate in argument.constants():
            stood.setdefault(value, Stood(rate, 1, first=False, top=False)).seen(Seen(0), alias=False)
        last = next(reversed(tried), None)
        before = stood.get(last) if last is not None else None
        after = {following(record) for record in before.records} if before else set[str]()
        offers = []
        for value, each in stood.items():
            marks = (
                float(value in tried),
                float(value == last),
                float(argument.foreign(self._state.where.get(value, ()))),
                float(not after.isdisjoint(each.records)),
                self._absent(value, each, ranked),
            )
            features = self._features(value, each, marks)
            offers.append((dot(weights, features), value, features, each))
        offers.sort(key=itemgetter(0), reverse=True)
        if alone:
            return [Offer(value, features, 0, 0, 0, score) for score, value, features, _ in offers[:MOST_OFFERS]]
        return [self._offer(*each) for each in offers[:MOST_OFFERS]]

    def _offer(self, score: float, value: str, features: Features, stood: Stood) -> Offer:
        stands = after = roles = 0
        for record in stood.records:
            stands |= self._bit(record)
            after |= self._bit(following(record))
        for record in stood.roles:
            roles |= self._bit(record)
        return Offer(value, features, stands, after, roles, score)

    def _bit(self, record: str) -> int:
        return self._bits.setdefault(record, 1 << len(self._bits))

    def _stood(self, ranked: Sequence[tuple[str, float]], tried: Mapping[str, int], argument: str) -> dict[str, Stood]:
        found: dict[str, Stood] = {}
        for number, (source, rate) in enumerate(ranked):
            values, alias, role = self._sources[source], source.startswith(ALIAS), field(source) == argument
            moved = source.endswith((LATER, EARLIER))
            fresh = next((value for value in values if value not in tried), None)
            for value, seen in values.items():
                if value in found:
                    found[value].seen(seen, alias=alias, role=role)
                elif len(found) < MOST_VALUES:
                    found[value] = Stood(rate, len(values), first=value == fresh, top=not number, moved=moved)
                    found[value].seen(seen, alias=alias, role=role)
        return found

    def _features(self, value: str, stood: Stood, marks: tuple[float, float, float, float, float]) -> Features:
        state, own = self._state, said(value)
        tried, again, foreign, follows, absent = marks
        mentioned = (bool(own) and own <= state.mention) or stood.alias == state.asked
        mentioned = mentioned or (stood.moved and not SAID.isdisjoint(state.mention))
        heard = not mentioned and (stood.alias >= 0 or (bool(own) and own <= state.once.keys()))
        return (
            log(stood.rate),
            log(stood.sources),
            log(stood.size),
            float(mentioned),
            float(heard),
            float(bool(own) and own <= state.spoken),
            tried,
            float(stood.first),
            float(stood.newest == state.step),
            again,
            min(1.0, self._named(stood.records, own) / 3),
            log(1 + state.step - stood.newest) / 3,
            foreign,
            follows,
            absent,
            *OF_CALLS,
        )

    def _named(self, records: Iterable[str], own: frozenset[str]) -> int:
        """How many words of its records, besides its own, the user said last."""
        found: frozenset[str] = frozenset()
        for record in records:
            about = self._about.get(record)
            if about is None:
                about = self._about[record] = self._mention.intersection(self._state.records.get(record, ()))
            if about:
                found |= about
        return len(found - own)

    def _absent(self, value: str, stood: Stood, ranked: Sequence[tuple[str, float]]) -> float:
        """How surely the value would stand in a source in which it does not."""
        for source, rate in ranked if stood.top else ranked[:1]:
            if value not in self._sources[source]:
                return log(1.05 - min(1.0, rate))
        return 0.0


@lru_cache(4096)
def said(value: str) -> frozenset[str]:
    """The words of a value, as they would be said."""
    return frozenset(plain(word) for word in value.strip('"').split())


@lru_cache(4096)
def field(source: str) -> str:
    """The name of the field of a result, or of the argument of a call, that a source is."""
    name = source.removesuffix("()").removesuffix(LATER).removesuffix(EARLIER).replace("[]", "")
    return name.rpartition(":")[2].rpartition(".")[2]


@lru_cache(4096)
def following(record: str) -> str:
    """The record after this one: the next object of a result, the next word or line of a text."""
    text = record.rstrip("0123456789")
    return f"{text}{int(record[len(text) :]) + 1}"

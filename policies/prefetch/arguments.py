"""How a given tool would be called now: values that its arguments' sources offer, put together to whole calls, ranked.

It must not know which tool is called next.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import log
from typing import NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.provenance import Argument, Tool
from policies.prefetch.ranking import Weights, dot
from policies.prefetch.state import Seen, State
from policies.prefetch.words import plain

NAMES = (
    "rate", "sources", "size", "mentioned", "heard", "spoken", "tried", "first", "newest", "again", "about", "age",
    "same record", "next to it", "twice", "done", "foreign", "voted",
)  # fmt: skip
"""The features of an offer and of a call, in order; what each says stands at `_offer`, `_pair` and `_whole`."""
SAME, NEXT, TWICE, DONE, VOTED = map(NAMES.index, ("same record", "next to it", "twice", "done", "voted"))
MOST_SOURCES = 10
MOST_OFFERS = 10
"""Values of an argument that are looked at."""
BEAM = 12
"""Whole calls of a tool that are looked at."""
MOST_ARGUMENTS = 6
"""A call with more is not guessed."""
Features = tuple[float, ...]
Sources = Mapping[str, Mapping[str, Seen]]


class Offer(NamedTuple):
    """A value that an argument may have."""

    value: str
    features: Features
    records: frozenset[str]
    """Objects, calls and places in texts it stood in."""
    score: float


class Guess(NamedTuple):
    """A whole call, and how it is judged."""

    call: Call
    features: Features
    score: float


class Partial(NamedTuple):
    """A call under way: some of its arguments."""

    offers: tuple[Offer, ...]
    pairs: tuple[float, float, float]
    """Arguments that share a record with an earlier one, that stand right after one, that repeat its value."""
    score: float


NOTHING = Partial((), (0.0, 0.0, 0.0), 0.0)


class Caller:
    """Puts together calls for one state; offers are made once."""

    def __init__(self, state: State, sources: Sources, votes: Mapping[str, float]) -> None:
        self._state = state
        self._votes = votes
        self._sources = sources

    def guesses(self, name: str, tool: Tool, weights: Weights) -> list[Guess]:
        """Calls of a tool, the likeliest first; empty while an argument that it always has cannot be found."""
        made: dict[str, list[Offer]] = {}
        found: list[Guess] = []
        for form in tool.forms():
            if len(form) > MOST_ARGUMENTS:
                continue
            for argument in form:
                if argument not in made:
                    made[argument] = self._offers(f"{name}.{argument}", tool.arguments[argument], weights)
            found += [self._whole(name, form, each, weights) for each in _beam([made[each] for each in form], weights)]
        found.sort(key=lambda guess: -guess.score)
        return found[:BEAM]

    def _offers(self, place: str, argument: Argument, weights: Weights) -> list[Offer]:
        stood: dict[str, list[tuple[float, int, bool, Seen]]] = {}
        tried = self._state.tried.get(place, {})
        for source, rate in argument.sources(self._sources)[:MOST_SOURCES]:
            values = self._sources[source]
            fresh = next((value for value in values if value not in tried), None)
            for value, seen in values.items():
                stood.setdefault(value, []).append((rate, len(values), value == fresh, seen))
        for value, rate in argument.constants():
            stood.setdefault(value, []).append((rate, 1, False, Seen(0)))
        strange = argument.strange(self._state.sources)
        offers = [self._offer(tried, value, each, weights, strange) for value, each in stood.items()]
        offers.sort(key=lambda offer: -offer.score)
        return offers[:MOST_OFFERS]

    def _offer(
        self,
        tried: dict[str, int],
        value: str,
        stood: list[tuple[float, int, bool, Seen]],
        weights: Weights,
        strange: frozenset[str],
    ) -> Offer:
        state = self._state
        rate, size, first, _ = max(stood, key=lambda each: each[0])
        own, last = said(value), next(reversed(tried), None)
        newest = max(seen.step for *_, seen in stood)
        mentioned = bool(own) and own <= state.mention
        records = frozenset(record for *_, seen in stood for record in seen.records)
        about = {word for record in records for word in state.records.get(record, ())} - own
        features = (
            log(rate),
            log(len(stood)),
            log(size),
            float(mentioned),
            float(not mentioned and bool(own) and own <= state.once.keys()),
            float(bool(own) and own <= state.spoken),
            float(value in tried),
            float(first),
            float(newest == state.step),
            float(value == last),
            min(1.0, len(about & state.mention) / 3),
            log(1 + state.step - newest) / 3,
            0.0,
            0.0,
            0.0,
            0.0,
            float(not strange.isdisjoint(state.where.get(value, ()))),
            0.0,
        )
        return Offer(value, features, records, dot(weights, features))

    def _whole(self, name: str, form: tuple[str, ...], partial: Partial, weights: Weights) -> Guess:
        call = Call(name, {argument: offer.value for argument, offer in zip(form, partial.offers, strict=True)})
        sums = [sum(column) for column in zip(*(offer.features for offer in partial.offers), strict=True)]
        sums = sums or [0.0] * len(NAMES)
        sums[SAME], sums[NEXT], sums[TWICE] = partial.pairs
        sums[DONE] = float(call.key in self._state.done)
        sums[VOTED] = self._votes.get(call.key, 0.0)
        return Guess(call, tuple(sums), partial.score + weights[DONE] * sums[DONE] + weights[VOTED] * sums[VOTED])


@lru_cache(4096)
def said(value: str) -> frozenset[str]:
    """The words of a value, as they would be said."""
    return frozenset(plain(word) for word in value.strip('"').split())


def _beam(offers: list[list[Offer]], weights: Weights) -> list[Partial]:
    """The best ways to take one offer of each."""
    beam = [NOTHING]
    for each in offers:
        beam = [grown for partial in beam for grown in _grown(partial, each, weights)]
        beam.sort(key=lambda partial: -partial.score)
        del beam[BEAM:]
    return beam


def _grown(partial: Partial, offers: list[Offer], weights: Weights) -> Iterator[Partial]:
    earlier = partial.offers
    if not earlier:
        yield from (Partial((offer,), partial.pairs, offer.score) for offer in offers)
        return
    records = frozenset().union(*(offer.records for offer in earlier))
    values = {offer.value for offer in earlier}
    after = {following(record) for record in records if ":" in record}
    same, near, twice = partial.pairs
    for offer in offers:
        shares = not records.isdisjoint(offer.records)
        follows = not shares and not after.isdisjoint(offer.records)
        repeats = offer.value in values
        gained = offer.score + weights[SAME] * shares + weights[NEXT] * follows + weights[TWICE] * repeats
        yield Partial((*earlier, offer), (same + shares, near + follows, twice + repeats), partial.score + gained)


@lru_cache(4096)
def following(record: str) -> str:
    """The place in a text after this one."""
    text, _, place = record.partition(":")
    return f"{text}:{int(place) + 1}"

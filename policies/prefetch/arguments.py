"""How a given tool would be called now: values that its arguments' sources offer, put together to whole calls, ranked.

It must not know which tool is called next, nor what speaks for a single value.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from operator import itemgetter
from typing import NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.offers import NAMES, Features, Offer, Offers, Sources
from policies.prefetch.provenance import Tool
from policies.prefetch.ranking import Weights
from policies.prefetch.state import State

SAME, NEXT, TWICE, ROLE, DONE, VOTED, WHOLE, KEPT, TURNED = map(
    NAMES.index, ("same record", "next to it", "twice", "same role", "done", "voted", "whole", "kept", "turned")
)
"""Arguments that share a record with an earlier one, that stand right after one, that repeat its value, that share a
record in fields of their own names; whether the call was made since the last write; the programs' share; whether all
arguments stand in one record; whether all but one are as in the tool's latest call, whether two have changed places."""
BEAM = 10
"""Whole calls of a tool that are looked at."""
MOST_ARGUMENTS = 6
"""A call with more is not guessed."""


class Guess(NamedTuple):
    """A whole call, and how it is judged."""

    call: Call
    features: Features
    score: float


class Partial(NamedTuple):
    """A call under way: some of its arguments."""

    score: float
    offers: tuple[Offer, ...] = ()
    pairs: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Arguments that share a record with an earlier one, that stand right after one, that repeat its value, that share
    a record in their roles."""
    records: int = 0
    """Records in which one of them stands; sets of records are bits of a number, see `Offers`."""
    after: int = 0
    """Those that follow one of these."""
    roles: int = 0
    """Those in which one of them stands in its role."""
    common: int = -1
    """Those in which all of them stand."""


Way = tuple[float, Partial, Offer, tuple[bool, bool, bool, bool]]
"""A call under way with one more argument: its score, what it was, the argument, and what that adds to `pairs`."""


class Caller:
    """Puts together calls for one state."""

    def __init__(self, state: State, sources: Sources, votes: Mapping[str, float]) -> None:
        self._done = state.done
        self._tried = state.tried
        self._votes = votes
        self._offers = Offers(state, sources)

    def guesses(self, name: str, tool: Tool, weights: Weights) -> list[Guess]:
        """Calls of a tool, the likeliest first; empty while an argument that it always has cannot be found."""
        made: dict[str, list[Offer]] = {}
        found: list[Guess] = []
        for form in tool.forms():
            if len(form) > MOST_ARGUMENTS:
                continue
            for argument in form:
                if argument not in made:
                    place, alone = f"{name}.{argument}", tool.width == 1
                    made[argument] = self._offers.of(place, tool.arguments[argument], weights, alone=alone)
            found += [self._whole(name, form, each, weights) for each in _beam([made[each] for each in form], weights)]
        found.sort(key=lambda guess: -guess.score)
        return found[:BEAM]

    def _whole(self, name: str, form: tuple[str, ...], partial: Partial, weights: Weights) -> Guess:
        call = Call(name, {argument: offer.value for argument, offer in zip(form, partial.offers, strict=True)})
        columns = zip(*(offer.features for offer in partial.offers), strict=True)
        sums: list[float] = list(map(sum, columns)) or [0.0] * len(NAMES)
        sums[SAME], sums[NEXT], sums[TWICE], sums[ROLE] = partial.pairs
        sums[DONE] = float(call.key in self._done)
        sums[VOTED] = self._votes.get(call.key, 0.0)
        sums[WHOLE] = float(len(form) > 1 and bool(partial.common))
        sums[KEPT], sums[TURNED] = self._variant(call)
        gained = sum([weights[each] * sums[each] for each in (DONE, VOTED, WHOLE, KEPT, TURNED)])
        return Guess(call, tuple(sums), partial.score + gained)

    def _variant(self, call: Call) -> tuple[float, float]:
        """Whether it is the tool's latest call with one argument changed, or with two that have changed places."""
        before = {}
        for argument in call.arguments:
            tried = self._tried.get(f"{call.name}.{argument}")
            if not tried:
                return 0.0, 0.0
            before[argument] = next(reversed(tried))
        other = [argument for argument, value in call.arguments.items() if before[argument] != value]
        kept = len(other) == 1 and len(before) > 1
        turned = any(
            before[one] == call.arguments[two] and before[two] == call.arguments[one]
            for one, two in combinations(other, 2)
        )
        return float(kept), float(turned)


def _beam(offers: list[list[Offer]], weights: Weights) -> list[Partial]:
    """The best ways to take one offer of each."""
    beam = [Partial(0.0)]
    for each in offers:
        grown = [way for partial in beam for way in _ways(partial, each, weights)]
        grown.sort(key=itemgetter(0), reverse=True)
        beam = [_grown(*way) for way in grown[:BEAM]]
    return beam


def _ways(partial: Partial, offers: list[Offer], weights: Weights) -> Iterator[Way]:
    score, earlier, _, records, after, roles, _ = partial
    values = {offer.value for offer in earlier}
    for offer in offers:
        shares = bool(records & offer.records)
        follows = not shares and bool(after & offer.records)
        repeats = offer.value in values
        plays = bool(roles & offer.roles)
        gained = offer.score + weights[SAME] * shares + weights[NEXT] * follows + weights[TWICE] * repeats
        yield score + gained + weights[ROLE] * plays, partial, offer, (shares, follows, repeats, plays)


def _grown(score: float, partial: Partial, offer: Offer, more: tuple[bool, bool, bool, bool]) -> Partial:
    (same, near, twice, role), (shares, follows, repeats, plays) = partial.pairs, more
    return Partial(
        score,
        (*partial.offers, offer),
        (same + shares, near + follows, twice + repeats, role + plays),
        partial.records | offer.records,
        partial.after | offer.after,
        partial.roles | offer.roles,
        partial.common & offer.records,
    )

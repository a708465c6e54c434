"""Chains played with states made by `extract`: what of the values that calls need stands in the request.

It must not know how the retention model is trained.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from benchmarks.consolidate.retention.chain import Chain, cut
from policies.consolidate.retention import Prior
from policies.consolidate.state import extract


class Setting(NamedTuple):
    """Tokens of the conversation from which on it is condensed, of the state's text, and of the tail that is kept."""

    above: int
    budget: int
    tail: int = 0


class Played(NamedTuple):
    """What came of playing chains; sums over all of them."""

    requests: int = 0
    events: int = 0
    needed: int = 0
    """Values that calls need and that stand in the full history."""
    missed: tuple[str, ...] = ()
    after: int = 0
    """Tokens of the conversation right after events."""
    text: int = 0
    """Tokens of the states' texts."""
    sent: int = 0
    full: int = 0
    """Prompt tokens without system, as sent and as the client has them."""
    dropped: int = 0
    seconds: float = 0.0
    """Spent in `extract`, counting left out."""

    @property
    def retention(self) -> float:
        """The share of the needed values that stand in the request."""
        return 1 - len(self.missed) / max(self.needed, 1)

    def __add__(self, other: "Played") -> "Played":  # type: ignore[override]
        return Played(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Counter:
    """Counts tokens and knows how long that took."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self.seconds = 0.0

    def __call__(self, text: str) -> int:
        """Tokens of a text."""
        began = time.perf_counter()
        tokens = self._count(text)
        self.seconds += time.perf_counter() - began
        return tokens


def played(chains: Sequence[Chain], setting: Setting, prior: Prior, count: Callable[[str], int]) -> Played:
    """All chains, one after another."""
    total = Played()
    for one in chains:
        total += play(one, setting, prior, count)
    return total


def play(chain: Chain, setting: Setting, prior: Prior, count: Callable[[str], int]) -> Played:
    """One chain: at each request an event where the conversation is too long, then a look at what is there."""
    sums, start = chain.sent_sums, chain.pinned
    known: dict[str, Any] = {}
    text, total = "", Played()
    for place, turn in enumerate(chain.turns):
        if turn.role != "assistant":
            continue
        size = _size(chain, text, start, place, count)
        end = cut(chain.turns, sums, start, place, setting.tail) if size > setting.above else start
        if end > start:
            known, text, seconds = _event(chain, known, (start, end, place), setting.budget, prior, count)
            dropped, start = sums[end] - sums[start], end
            size = _size(chain, text, start, place, count)
            total += Played(events=1, after=size, text=count(text), dropped=dropped, seconds=seconds)
        request = "\n".join((chain.system, *chain.sent[: chain.pinned], text, *chain.sent[start:place]))
        needed, missed = _looked(chain, place, request)
        total += Played(1, needed=needed, missed=missed, sent=size, full=chain.sums[place])
    return total


def _size(chain: Chain, text: str, start: int, place: int, count: Callable[[str], int]) -> int:
    sums = chain.sent_sums
    return sums[chain.pinned] + count(text) + sums[place] - sums[start]


def _event(
    chain: Chain,
    known: dict[str, Any],
    places: tuple[int, int, int],
    budget: int,
    prior: Prior,
    count: Callable[[str], int],
) -> tuple[dict[str, Any], str, float]:
    """The new memory, as it comes back from a store, the text, and the seconds it took."""
    start, end, place = places
    visible = "\n".join((chain.system, *chain.sent[: chain.pinned], *chain.sent[end:place]))
    counter = Counter(count)
    began = time.perf_counter()
    dropped = [(number, chain.turns[number]) for number in range(start, end)]
    memory, text = extract(known, dropped, visible, budget=budget, count=counter, prior=prior)
    seconds = time.perf_counter() - began - counter.seconds
    return json.loads(json.dumps(memory)), text, seconds


def _looked(chain: Chain, place: int, request: str) -> tuple[int, tuple[str, ...]]:
    """How many values the calls need that stand in the full history, and those not in the request."""
    if not chain.needs[place]:
        return 0, ()
    full = "\n".join((chain.system, *chain.texts[:place]))
    needed = [value for value in chain.needs[place] if value in full]
    return len(needed), tuple(value for value in needed if value not in request)

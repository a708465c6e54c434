"""A request to an aggregator made ready: outputs that stand there twice are told once, and values that contradict each
other are marked.

It must not know who aggregates. Nothing that only one worker said is ever taken out.
"""

from collections.abc import Sequence
from typing import NamedTuple

from policies.inner.splicing import changed
from policies.noise.conflicts import Conflict, Side, contradictions
from policies.noise.fields import plain
from policies.noise.passages import Item, fresh_items, places
from policies.noise.text import sentence_at, words
from proxy.exchange import Request

SAME = "[the same as an output above, word for word]"
WORTH = 12
"""Words of an output from which its repetition is worth a mark instead."""
MOST, MOST_SAID = 12, 160
"""Conflicts that are marked, and characters of the sentence that a value stands in."""
HEAD = "Note: the outputs above contradict each other."
TAIL = "Say which value you take, or tell both. Keep what only one of them found."


class Prepared(NamedTuple):
    """A request made ready."""

    request: Request
    repeated: int
    """Repetitions that are told no more."""
    conflicts: int
    """Conflicts that are marked."""


def prepared(request: Request, workers: Sequence[str]) -> Prepared | None:
    """The request made ready, with its workers' outputs as they stand in it; None where there is nothing to do. Raises
    `ValueError` for a body that cannot be changed."""
    texts = [*dict.fromkeys(workers)]
    items = fresh_items(request)
    touched, repeated = _without_repetitions(items, texts)
    against = contradictions(texts)[:MOST]
    if not repeated and not against:
        return None
    behind = [("user", noted(against, texts))] if against else []
    done = changed(request, {number: items[number].json() for number in touched}, behind)
    return Prepared(done, repeated, len(against))


def noted(found: Sequence[Conflict], workers: Sequence[str]) -> str:
    """The note on contradictions: each value with the sentence in which it was first given, and by how many."""
    lines = ["- " + " against ".join(_side(side, workers) for side in each.sides) for each in found]
    return "\n".join((HEAD, *lines, TAIL))


def _side(side: Side, workers: Sequence[str]) -> str:
    text = plain(workers[min(side.workers)])[0]
    said = sentence_at(text, side.begin) or side.text
    count = len(side.workers)
    return f"{side.text} ({count} output{'s' if count > 1 else ''}: {said[:MOST_SAID]!r})"


def _without_repetitions(items: dict[int, Item], texts: Sequence[str]) -> tuple[set[int], int]:
    """Puts a mark in the place of each repetition; which turns have changed, and how many there were."""
    long = [text for text in texts if len(words(text)) >= WORTH]
    again = [place for found in places(items, long) for place in found[1:]]
    for place in sorted(again, reverse=True):
        text = items[place.turn].texts[place.text]
        items[place.turn].put(place.text, text[: place.begin] + SAME + text[place.end :])
    return {place.turn for place in again}, len(again)

"""The internal state made without a model: what is known of the condensed messages, and the text that tells it.

It must not know prices, marks or where the text is put.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policies.consolidate.prior import PRIOR
from policies.consolidate.retention import Prior, scores
from policies.consolidate.selection import Offer, chosen, literal_cost, offered, sight
from policies.consolidate.sightings import Sightings, recalled
from policies.consolidate.wording import number, told
from proxy.conversation import Turn

MEMORY_SHARE = 3
"""Times the budget: the literals that are remembered, in tokens, those that are visible besides."""
MOST_SAID, MOST_CALLED, MOST_FIELDS = 48, 64, 160
"""The users' messages, calls and names of fields that are remembered, newest and most frequent first."""
MOST_TRIES = 4
CLOSE = 0.95
"""Share of the budget from which on a text is long enough."""


def extract(
    known: Mapping[str, Any],
    dropped: Sequence[tuple[int, Turn]],
    visible: str,
    *,
    budget: int,
    count: Callable[[str], int],
    prior: Prior = PRIOR,
) -> tuple[dict[str, Any], str]:
    """The memory and the text of all that was dropped, from the former memory and the messages dropped now.

    `known` is the memory returned last ({} at first), `dropped` messages with their numbers in the client's history,
    oldest first; `visible` stays in the request as it is and need not be told. The text takes at most `budget` tokens,
    counted by `count`, and fewer where little is worth telling. The same arguments give the same answer.
    """
    sightings = recalled(known)
    for place, turn in dropped:
        sightings.take(place, turn)
    seen = sight(visible)
    worth = dict(zip(sightings.values, scores(sightings, seen.words, prior), strict=True))
    forget(sightings, worth, MEMORY_SHARE * budget)
    return sightings.memory(), _fitting(offered(sightings, worth, seen), budget, count)


def forget(sightings: Sightings, worth: Mapping[str, float], most: float) -> None:
    """Makes the memory small again: the least likely literals go, and the oldest words, calls and rarest fields."""
    values = sightings.values
    total = 0.0
    for text in sorted(values, key=lambda text: worth[text], reverse=True):
        total += literal_cost(text, values[text].kind)
        if total > most:
            del values[text]
    for notes, bound in ((sightings.said, MOST_SAID), (sightings.called, MOST_CALLED)):
        for home in sorted(notes, key=number)[:-bound]:
            del notes[home]
    counts = sightings.fields
    for name in sorted(counts, key=lambda name: (counts[name], name))[:-MOST_FIELDS]:
        del counts[name]


def _fitting(offer: Offer, budget: int, count: Callable[[str], int]) -> str:
    """The text that tells most within the budget: chosen by estimate, counted, and chosen again until it fits."""
    room, best = float(budget), ""
    for _ in range(MOST_TRIES):
        kept = chosen(offer, room)
        text = told(kept, offer.sightings.called, offer.sightings.values)
        size = count(text)
        if size <= budget:
            best = max(best, text, key=len)
            if size >= budget * CLOSE or len(kept.literals) == len(offer.literals):
                break
        room *= budget * (0.985 if size > budget else 0.99) / size
    return best or _cut(text, budget, count)


def _cut(text: str, budget: int, count: Callable[[str], int]) -> str:
    """As many lines as fit: a budget too small for what is dearest."""
    while count(text) > budget and "\n" in text:
        text = text[: text.rindex("\n")]
    return text

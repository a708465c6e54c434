"""The internal state made without a model: what is known of the condensed messages, and the text that tells it.

It must not know prices, marks or where the text is put.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policies.consolidate.asked import asked
from policies.consolidate.prior import PRIOR
from policies.consolidate.retention import Prior, scores
from policies.consolidate.selection import Offer, chosen, offered, sight
from policies.consolidate.sightings import Sightings, recalled
from policies.consolidate.wording import number, told
from proxy.conversation import Turn

MEMORY_SHARE = 2
"""Times the budget: the literals that are remembered, in tokens, those that are visible besides."""
MOST_SAID, MOST_CALLED, MOST_FIELDS = 48, 64, 160
"""The users' messages, calls and names of fields that are remembered, newest and most frequent first."""
MOST_TRIES = 4
AIM, CLOSE = 0.97, 0.93
"""Shares of the budget: what is tried for, and from where on a text is long enough."""
LEAST_FIT = 0.5
ASKED, BESIDE = 0.2, 0.1
"""Likelihood, at least, of a value that a user asked for by name; what is left of that of a neighbour's values."""


def extract(
    known: Mapping[str, Any],
    dropped: Sequence[tuple[int, Turn]],
    visible: str,
    *,
    budget: int,
    count: Callable[[str], int],
    told: Sequence[str] = (),
    prior: Prior = PRIOR,
) -> tuple[dict[str, Any], str]:
    """The memory and the text of all that was dropped, from the former memory and the messages dropped now.

    `known` is the memory returned last ({} at first), `dropped` messages with their numbers in the client's history,
    oldest first; `visible` stays in the request as it is and need not be told. The text takes at most `budget` tokens,
    counted by `count`, and fewer where little is worth telling. `told` is what users said that stays in sight. The same
    arguments give the same answer.
    """
    sightings = recalled(known)
    for place, turn in dropped:
        sightings.take(place, turn)
    shorten(sightings)
    in_sight = sight(visible)
    worth = dict(zip(sightings.values, scores(sightings, in_sight.words, prior), strict=True))
    wishes = asked(sightings, told)
    worth.update((text, max(worth[text], ASKED)) for text in wishes.named)
    worth.update((text, worth[text] * BESIDE) for text in wishes.beside)
    offer = offered(sightings, worth, in_sight, wishes.named)
    text, fit = _fitting(offer, budget, count, known.get("fit", 1.0))
    forget(sightings, offer, MEMORY_SHARE * budget)
    return {**sightings.memory(), "fit": fit}, text


def shorten(sightings: Sightings) -> None:
    """Makes notes few again: the oldest words and calls go, and the rarest fields."""
    for notes, bound in ((sightings.said, MOST_SAID), (sightings.called, MOST_CALLED)):
        for home in sorted(notes, key=number)[:-bound]:
            del notes[home]
    counts = sightings.fields
    for name in sorted(counts, key=lambda name: (counts[name], name))[:-MOST_FIELDS]:
        del counts[name]


def forget(sightings: Sightings, offer: Offer, most: float) -> None:
    """Keeps as many literals as fit into so many tokens, those that are worth most for their length."""
    total = 0.0
    for text in offer.ranked:
        total += offer.costs[text]
        if total > most:
            del sightings.values[text]


def _fitting(offer: Offer, budget: int, count: Callable[[str], int], fit: float) -> tuple[str, float]:
    """The text that tells most within the budget: chosen by estimate, counted, and chosen again until it fits.

    `fit`: tokens for each that was estimated, as it was the last time; comes back as it is now.
    """
    aim, best, before, last = budget * AIM, "", fit, 0
    for _ in range(MOST_TRIES):
        kept = chosen(offer, aim / fit)
        text = told(kept, offer.sightings.called, offer.sightings.values)
        size = count(text)
        if size <= budget:
            best = max(best, text, key=len)
        if size <= budget and (kept.whole or size == last):
            return best, before
        last, fit = size, min(max(fit * size / aim, LEAST_FIT), 1 / LEAST_FIT)
        if CLOSE * budget <= size <= budget:
            break
    return best or _cut(text, budget, count), round((before * fit) ** 0.5, 3)


def _cut(text: str, budget: int, count: Callable[[str], int]) -> str:
    """As many lines as fit: a budget too small for what is dearest."""
    while count(text) > budget and "\n" in text:
        text = text[: text.rindex("\n")]
    return text

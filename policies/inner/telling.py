"""What a plan told of itself, read back from the notes of its exchange, and the bill that the client is shown for it.

It must not know what any plan does.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policies.inner.billing import FORMS, Bill
from policies.inner.spent import Spent
from proxy.conversation import EMPTY
from proxy.exchange import Exchange
from proxy.policy import Decision


class Told(NamedTuple):
    """The last thing that a plan said with facts."""

    facts: Mapping[str, Any] = EMPTY
    texts: tuple[str, ...] = ()


def told(exchange: Exchange, by: str) -> Told:
    """What the plan of a policy told (`Say` with facts), the latest; empty where it told nothing, or there was none."""
    notes = (note for note in reversed(exchange.notes) if note.by == by and note.facts)
    return next((Told(note.facts, note.texts) for note in notes), Told())


def billed(exchange: Exchange, by: str) -> Decision | None:
    """Puts all calls of a plan on the bill that the client is shown: the fact `bill`, in the order of `Spent`. None
    where there were none, or the form has no usage."""
    spent = Spent(*told(exchange, by).facts.get("bill", ()))
    if not spent.calls or exchange.request.form not in FORMS:
        return None
    return Decision("usage summed", filter=Bill(exchange.request.form, spent), quiet=True)

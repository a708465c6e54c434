"""Bills: what a session cost as it was sent, and what it would have cost with its full history.

It must not know prices other than a tariff's, nor how requests were made shorter.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from policies.consolidate.tariff import Tariff

MOST = 1e15
"""A sum beyond it is damage, as is what is no number."""


class Sent(NamedTuple):
    """One request: as the client sent it and as it went on. Tokens."""

    plain: int
    """The client's prompt, tools and system included."""
    ours: int
    kept: int
    """Of `ours`, the beginning that is the same as in the request before it."""
    output: int = 0
    cold: bool = False
    """The provider's cache has forgotten the session."""
    maker: float = 0.0
    """US dollars spent on a consolidator model since the last request."""
    written: int = 0
    """Of `output`, what the model wrote for its state only."""


class Bill(NamedTuple):
    """A session's ledger of money, in US dollars (notional ones where the tariff is not known)."""

    plain: float = 0.0
    """What the session would have cost with its full history, append-only in a warm cache."""
    ours: float = 0.0
    """What it cost as sent, the consolidator's calls included."""
    saved: float = 0.0
    """By requests that cost less than the plain ones: reads saved."""
    extra: float = 0.0
    """By requests that cost more than the plain ones: prefixes written again."""
    maker: float = 0.0
    """By the consolidator's calls."""
    seen: int = 0
    """Tokens of the last plain prompt: what the provider's cache would hold."""

    @property
    def ahead(self) -> float:
        """The realised net: positive when the policy saved money."""
        return self.plain - self.ours

    def json(self) -> list[float]:
        """For the store."""
        return list(self)


def bill(told: Any) -> Bill:
    """What `Bill.json` gave, or an empty bill when it is nothing of the kind."""
    if not _numbers(told) or len(told) != len(Bill._fields):
        return Bill()
    plain, ours, saved, extra, maker, seen = told
    return Bill(float(plain), float(ours), float(saved), float(extra), float(maker), int(seen))


def billed(known: Bill, tariff: Tariff, sent: Sent) -> Bill:
    """The bill with one more request on it. A client that shortened its own history is billed for what it sent."""
    plain = tariff.price(sent.plain, 0 if sent.cold else min(known.seen, sent.plain), sent.output - sent.written)
    ours = tariff.price(sent.ours, 0 if sent.cold else min(sent.kept, sent.ours), sent.output)
    return Bill(
        known.plain + plain,
        known.ours + ours + sent.maker,
        known.saved + max(0.0, plain - ours),
        known.extra + max(0.0, ours - plain),
        known.maker + sent.maker,
        sent.plain,
    )


def made_by_model(known: Bill, dollars: float) -> Bill:
    """The bill with a consolidator's call on it."""
    return known._replace(ours=known.ours + dollars, maker=known.maker + dollars)


def _numbers(told: Any) -> bool:
    if not isinstance(told, Sequence) or isinstance(told, str | bytes):
        return False
    return all(isinstance(one, int | float) and abs(one) < MOST for one in told)

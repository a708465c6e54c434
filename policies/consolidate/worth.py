"""Worth: whether a consolidation event pays, and the marks at which one is thought of.

It must not know a conversation, a state's text or how tokens are counted: token counts and prices in, dollars out.
"""

import math
from typing import NamedTuple

from policies.consolidate.tariff import Tariff

DEFAULT_WINDOW = 128_000
HIGH, LOW, FULL = 0.55, 0.35, 0.9
"""Shares of the model's window: an event is due, an event leaves at most so much, an event is needed at any price."""
LEFT = 6_000
"""Tokens an event leaves of a conversation, where the window allows: the pinned turns, the state and the live tail."""
DEEPEST = 4
"""An event makes a conversation at least so many times smaller; shorter histories do no harm and cost little."""
RISK = 0.025
"""The share of a session's cost that all its events together may be behind at any time."""


class Event(NamedTuple):
    """An event that could happen before the next request is sent. All but `maker` in tokens."""

    prompt: int
    """The next request as it would be sent without the event: tools, system and conversation (C)."""
    kept: int
    """Its beginning up to the cut: tools, system, pinned turns. It stays in the cache."""
    tail: int
    """Its end after the cut, verbatim (T)."""
    fresh: int
    """Of the tail, what the provider has not seen yet and must be written anyway."""
    state: int
    """What stands in the place of the dropped middle (s)."""
    growth: float
    """By how much the prompt grows from request to request (g)."""
    window: int = DEFAULT_WINDOW
    cold: bool = False
    """The provider's cache has forgotten the session: everything is written anew, with the event or without."""
    maker: float = 0.0
    """US dollars for making the state: 0 without a model, else its prompt (at the read price where it stands on the
    cached prefix) and its output."""

    @property
    def after(self) -> int:
        """The next request with the event."""
        return self.kept + self.state + self.tail


def upfront(event: Event, tariff: Tariff) -> float:
    """US dollars by which the next request costs more with the event; negative when the event pays at once.

    With the event: `kept` is read, state and tail are written. Without: all but `fresh` is read. In a warm cache that
    is (T + s)·w - (C - kept)·r for a tail nobody has seen, which is negative once C - kept > (T + s)·w/r; the
    part of the tail that is new is written in both cases. Beneath the provider's smallest cached prompt all is fresh.
    """
    seen = 0 if event.cold else event.prompt - event.fresh
    kept = 0 if event.cold else event.kept
    return tariff.price(event.after, kept) - tariff.price(event.prompt, seen) + event.maker


def each(event: Event, tariff: Tariff) -> float:
    """US dollars that each later request saves: it reads D - s tokens less.

    A prompt too short to be cached is not read but paid whole, at most `least` tokens of it; then this may be negative.
    """
    short = event.after * tariff.read
    if tariff.caches and event.after < tariff.least:
        short = tariff.least * tariff.write
    return event.prompt * tariff.read - short


def net(event: Event, tariff: Tariff, turns: float) -> float:
    """US dollars saved by the event when `turns` requests follow the next one, against doing nothing.

    Doing nothing ends where the window is full, so nothing is counted as saved beyond. With state s made by a model on
    the cached prefix this is the arithmetic of break-even turns N* = [(T + s)(w - r) + C·r + s·o] / ((D - s)·r), with
    the difference that the request at hand already reads less.
    """
    room = max(0.0, event.window - event.prompt) / max(event.growth, 1.0)
    return min(turns, room) * each(event, tariff) - upfront(event, tariff)


def pays(event: Event, tariff: Tariff, turns: float, *, spent: float, ahead: float = 0.0) -> bool:
    """Whether the event should happen now.

    `turns`: requests expected to follow the next one; half as many must be enough. `spent`: US dollars
    the session would have cost so far without any event; `ahead`: how much less it did cost (negative: more).
    Should the session end at once, it is behind by at most `RISK` of `spent`; that bounds every session's loss. When
    the window is nearly full there is no choice.
    """
    if event.after >= event.prompt:
        return False
    if full(event):
        return True
    if each(event, tariff) <= 0 or not bearable(event, tariff, spent=spent, ahead=ahead):
        return False
    return net(event, tariff, turns / 2) > 0


def full(event: Event) -> bool:
    """Whether the model's window is nearly full."""
    return event.prompt >= FULL * event.window


def bearable(event: Event, tariff: Tariff, *, spent: float, ahead: float = 0.0) -> bool:
    """Whether the session, should it end at once, would be behind by no more than `RISK` of what it cost."""
    return upfront(event, tariff) - ahead <= RISK * spent


def default_marks(window: int | None, tariff: Tariff, system_tokens: int) -> tuple[int, int]:
    """Tokens of the conversation (without system and tools) above which an event is due, and which it leaves.

    The economic mark is where an event that leaves `LEFT` tokens has paid for itself after one more request in a warm
    cache, everything left being written anew: L·w - A·r = (A - L)·r, so A = L·(w/r + 1)/2. 40.5k tokens at reads of 0.1
    and writes of 1.25; 33k at 0.1 and 1; never below 4·L. The shares of the window, which hold system and tools too,
    take over where they are smaller. `window` None: 128k is assumed.
    """
    window = window or DEFAULT_WINDOW
    room = max(4, window - system_tokens)
    above = min(_economic(tariff), max(HIGH * window - system_tokens, room / 2))
    to = min(LEFT, max(LOW * window - system_tokens, room / 4), above / 2)
    return int(above), int(to)


def _economic(tariff: Tariff) -> float:
    if tariff.read <= 0:
        return math.inf
    return max(DEEPEST * LEFT, LEFT * (tariff.write / tariff.read + 1) / 2)

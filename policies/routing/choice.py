"""The choice of a model: which can serve a request, and which of those is worth most.

It must not know requests' bytes, memory, or who asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from policies.routing.need import Need
from policies.routing.outcomes import quality
from policies.routing.prior import read, share
from proxy.roster import Card, Model, Price, Roster

REPLY_TOKENS = 500
"""Of a reply, where nothing is known of it."""
RESTS = "its upstream rests after failures"
SLOWNESS = 0.1
"""What the slowest candidate loses against the fastest, where quality is all but worthless."""


class Candidate(NamedTuple):
    """A model that can serve, and what speaks for it."""

    model: Model
    quality: float
    scores: int
    """Outcomes that the quality rests on, beside the card."""
    cost: float | None
    """US dollars to expect; None: the price is not known."""
    latency_s: float
    """To the first byte, of its upstream; 0: not known."""
    utility: float = 0.0


class Field(NamedTuple):
    """All models of the roster, sifted."""

    candidates: tuple[Candidate, ...]
    """The worthiest first."""
    excluded: tuple[tuple[str, str], ...]
    """Names, and why."""


PriceOf = Callable[[Model], Price | None]
WindowOf = Callable[[Model], int]


def sifted(roster: Roster, need: Need, wish: float, lesson: Any, price: PriceOf, window: WindowOf, now: float) -> Field:
    """Who can serve, by worth. `wish` (0 to 1) is what quality counts against cost and latency."""
    models = list({model.name: model for model in roster.models.values()}.values())
    reasons = [(model, unfit(model, need, window(model))) for model in models]
    fit = [model for model, reason in reasons if not reason]
    resting = {model.name for model in fit if _rests(roster, model, now)}
    if len(resting) < len(fit):  # where none is well, one that rests is better than no answer
        reasons = [(model, reason or RESTS * (model.name in resting)) for model, reason in reasons]
        fit = [model for model in fit if model.name not in resting]
    found = []
    for model in fit:
        belief = share(read(model.name, _priced(model, price)), need.asks)
        likely, scores = quality(lesson, model.name, need.asks, belief)
        health = roster.health.get(model.upstream)
        found.append(Candidate(model, likely, scores, _cost(price(model), need), health.latency_s if health else 0.0))
    return Field(by_worth(found, wish), tuple((model.name, reason) for model, reason in reasons if reason))


def unfit(model: Model, need: Need, window: int) -> str:
    """Why the model cannot serve; empty where it can."""
    card = model.card
    if window and need.tokens + 1 > window:
        return f"its window of {window} tokens is too small for about {need.tokens}"
    if need.tools and card.tools is False:
        return "it cannot call tools"
    missing = sorted(need.modalities - set(card.modalities))
    return f"it does not take {' or '.join(missing)}" if missing else ""


def by_worth(candidates: Sequence[Candidate], wish: float) -> tuple[Candidate, ...]:
    """The candidates with their utilities, the worthiest first: `wish` times quality, less what it costs and how slow
    it is beside the dearest and the slowest. A price that is not known is taken for the dearest."""
    dearest = max((candidate.cost or 0.0 for candidate in candidates), default=0.0)
    slowest = max((candidate.latency_s for candidate in candidates), default=0.0)
    found = []
    for each in candidates:
        cost = (dearest if each.cost is None else each.cost) / dearest if dearest else 0.0
        slow = SLOWNESS * each.latency_s / slowest if slowest else 0.0
        found.append(each._replace(utility=wish * each.quality - (1.0 - wish) * (cost + slow)))
    return tuple(sorted(found, key=lambda each: (-each.utility, each.model.name)))


def _rests(roster: Roster, model: Model, now: float) -> bool:
    health = roster.health.get(model.upstream)
    return health is not None and health.open_until > now


def _priced(model: Model, price: PriceOf) -> Card:
    return model.card if model.card.price else replace(model.card, price=price(model))


def _cost(price: Price | None, need: Need) -> float | None:
    return None if price is None else (need.tokens * price.input + REPLY_TOKENS * price.output) / 1e6

"""The choice of a model: which can serve a request, and which of those is worth most.

It must not know requests' bytes, memory, or who asks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any, NamedTuple

from policies.routing.condition import Condition, condition
from policies.routing.lesson import CONDITION, SCORES, TOKENS, part
from policies.routing.need import Need
from policies.routing.outcomes import harder, quality
from policies.routing.prior import Foretold, expected, read
from policies.routing.spending import reply_tokens
from policies.routing.wishes import Checks, Wishes
from proxy.conversation import EMPTY
from proxy.roster import Card, Model, Price, Roster

LEAD = 1e-6
RESTS = "its upstream rests after failures"
PATIENCE_S = 20.0
"""A wait that costs half of what the dearest price does; a longer one costs more, but never as much as that."""


class Candidate(NamedTuple):
    """A model that can serve, and what speaks for it."""

    model: Model
    quality: float
    scores: int
    """Outcomes that the quality rests on, beside the card."""
    cost: float | None
    """US dollars to expect; None: the price is not known."""
    wait_s: float
    """Until something is seen: between the median and the slowest tenth; 0: not known."""
    failing: float = 0.0
    """Share of its requests that failed lately."""
    utility: float = 0.0
    foretold: bool = False
    """Whether scored questions speak for it, and not its card."""
    checks: Checks = Checks()


class Field(NamedTuple):
    """All models of the roster, sifted."""

    candidates: tuple[Candidate, ...]
    """The worthiest first."""
    excluded: tuple[tuple[str, str], ...]
    """Names, and why."""
    out: tuple[tuple[str, str], ...] = ()
    """Those of them that could serve, were they well: for a while."""


PriceOf = Callable[[Model], Price | None]


def sifted(
    roster: Roster,
    need: Need,
    wish: float,
    lesson: Any,
    wishes: Wishes,
    now: float,
    checks: Mapping[str, Checks] = EMPTY,
) -> Field:
    """Who can serve, by worth. `wish` (0 to 1) is what quality counts against cost and waiting. `checks`: of the
    models, by name, where something is known."""
    models = list({model.name: model for model in roster.models.values()}.values())
    unable = [(model.name, reason) for model in models if (reason := unfit(model, need, wishes.window(model)))]
    fit = [model for model in models if model.name not in dict(unable)]
    states = {model.name: _state(roster, model, need, lesson, now) for model in fit}
    fit, out = _well(fit, {name: state.out for name, state in states.items() if name != need.pin})
    resting = {model.name: RESTS for model in fit if _rests(roster, model, now) and model.name != need.pin}
    fit, rest = _well(fit, resting)
    out += rest
    told = _foretold(models, need, wishes, wish)
    believed = _believed(models, need, part(lesson, SCORES), wishes, told)
    found = []
    for model in fit:
        name, state, seen = model.name, states[model.name], checks.get(model.name, Checks())
        likely, scores = quality(part(lesson, SCORES), name, need.asks, believed[name], seen.signs())
        wait = (state.median_s + state.slow_s) / 2
        cost = _cost(wishes.price(model), need, reply_tokens(part(lesson, TOKENS), name, need.asks))
        foretold = told is not None and name in told.levels
        found.append(Candidate(model, likely, scores, cost, wait, state.failing, foretold=foretold, checks=seen))
    return Field(by_worth(found, wish), (*unable, *out), out)


def _foretold(models: Sequence[Model], need: Need, wishes: Wishes, wish: float) -> Foretold | None:
    """What scored questions say, under the roster's names; None where there are none."""
    told = wishes.foretold(need.question, need.vector)
    if told is None:
        return None
    told = renamed(told, models)
    return led(told) if wish >= 1.0 else told


def _believed(
    models: Sequence[Model], need: Need, lesson: Any, wishes: Wishes, told: Foretold | None
) -> Mapping[str, float]:
    """Of each model, by name, the share of such questions it will get right, before its own outcomes: what scores of
    all models say of how hard the questions are counts already."""
    cards = {model.name: read(model.name, _priced(model, wishes.price)) for model in models}
    levels, shares = expected(cards, need.asks, told)
    shift = harder(lesson, levels)
    return {name: share + shift for name, share in shares.items()}


def renamed(told: Foretold, models: Sequence[Model]) -> Foretold:
    """Under the names that the roster has for the models; others are left out."""
    names = {model.name: next((name for name in _names(model) if name in told.levels), "") for model in models}
    kept = {name: there for name, there in names.items() if there}
    best = next((name for name, there in kept.items() if there == told.best), "")
    levels, shares = ({name: known[there] for name, there in kept.items()} for known in (told.levels, told.shares))
    return Foretold(levels, shares, best)


def led(told: Foretold) -> Foretold:
    """With the model to take where cost counts nothing before all others: it need not be the one of which most is
    expected."""
    if not told.best:
        return told
    return told._replace(shares={**told.shares, told.best: max(told.shares.values()) + LEAD})


def _names(model: Model) -> tuple[str, ...]:
    return (model.name, model.served_as, *model.aliases)


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
    """The candidates with their utilities, the worthiest first: `wish` times the quality of what will come at all, less
    the cost beside the dearest and the wait. A price that is not known counts as the dearest, a wait as the median."""
    dearest = max((candidate.cost or 0.0 for candidate in candidates), default=0.0)
    usual = median([candidate.wait_s for candidate in candidates if candidate.wait_s] or [0.0])
    found = []
    for each in candidates:
        cost = (dearest if each.cost is None else each.cost) / dearest if dearest else 0.0
        wait = each.wait_s or usual
        worth = wish * each.quality * (1.0 - each.failing)
        found.append(each._replace(utility=worth - (1.0 - wish) * (cost + wait / (wait + PATIENCE_S))))
    return tuple(sorted(found, key=lambda each: (-each.utility, each.model.name)))


def _state(roster: Roster, model: Model, need: Need, lesson: Any, now: float) -> Condition:
    """The model's own condition; where nothing is known of that, its upstream's."""
    kind = "stream" if need.stream else "whole"
    state = condition(part(lesson, CONDITION), model.name, need.caller, kind, need.tokens, now)
    health = roster.health.get(model.upstream)
    if health is None:
        return state
    return state if state.median_s else state._replace(median_s=health.latency_s, slow_s=health.latency_s)


def _rests(roster: Roster, model: Model, now: float) -> bool:
    health = roster.health.get(model.upstream)
    return health is not None and health.open_until > now


def _well(models: list[Model], why: Mapping[str, str]) -> tuple[list[Model], tuple[tuple[str, str], ...]]:
    """Those against whom nothing speaks, and the others with what does; all, where something speaks against each: one
    that is not well is better than no answer."""
    well = [model for model in models if not why.get(model.name)]
    if not well:
        return models, ()
    return well, tuple((model.name, why[model.name]) for model in models if why.get(model.name))


def _priced(model: Model, price: PriceOf) -> Card:
    return model.card if model.card.price else replace(model.card, price=price(model))


def _cost(price: Price | None, need: Need, reply: float) -> float | None:
    return None if price is None else (need.tokens * price.input + reply * price.output) / 1e6

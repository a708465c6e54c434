"""Recorded exchanges gone through again: what would have been chosen for each, at what cost, and where that is unsure.

It must not know recordings, files or the terminal: it is given exchanges with their conversations. No model is asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from policies.routing.choice import Field
from policies.routing.exploring import doubt
from policies.routing.lesson import fold
from policies.routing.need import Need
from policies.routing.policy import FORMS, Routing
from policies.routing.wishes import Wishes
from proxy.exchange import Exchange, Usage
from proxy.roster import Price, Roster


class Verdict(NamedTuple):
    """One request, as it went and as it would have gone."""

    exchange: str
    session: str
    agent: str
    asked: str
    """The model that was asked."""
    chosen: str
    """The one that would have been; empty: none can serve."""
    reason: str
    rival: str
    """The next best, where the choice between the two is unsure: their worths differ by less than the standard error of
    what is known of their quality. Empty: it is sure."""
    topics: tuple[str, ...]
    paid_usd: float | None
    would_usd: float | None
    """With as many tokens; those that were cached are cached again where the session would have stayed. None: the price
    or the use is not known."""


def rehearsed(exchanges: Iterable[Exchange], roster: Roster, wishes: Wishes, name: str = "auto") -> Iterator[Verdict]:
    """The verdicts, in the order of the requests. Each choice knows what had been learned by then: how the models that
    were asked did, the scores that were sent, and what the conversations show."""
    policy, lesson = Routing(wishes._replace(explore=0.0)), None
    kept: dict[str, Any] = {}
    there: dict[str, Any] = {}
    told: list[tuple[float, int, Any]] = []
    order = count()
    for each in sorted(exchanges, key=lambda exchange: exchange.now):
        if each.request.form not in FORMS or each.request.conversation is None:
            continue
        known: list[Any] = []
        while told and told[0][0] <= each.now:
            known.append(heappop(told)[2])
        lesson = fold(lesson, known) if known else lesson
        session = each.session.id
        past = each.but(roster=roster, request=each.request.but(model=listed(each.request.model, roster)))
        open_ = past.but(request=past.request.but(model=name), memory=_memory(kept.get(session)))
        before = kept.get(session)
        verdict, kept[session] = _verdict(policy, past, open_.but(shared=_memory(lesson)), before)
        yield verdict
        learned = policy.learn(past.but(asked=open_.request, memory=_memory({"before": there.get(session)})))
        if learned is not None:
            there[session] = learned.memory
            ended = each.now + (each.completion.total_s if each.completion else 0.0)
            heappush(told, (ended, next(order), learned.tell or {}))


def listed(model: str, roster: Roster) -> str:
    """The roster's own name of a model that a request names: its name, an alias, or what its upstream calls it."""
    if model in roster.models:
        return roster.models[model].name
    return next((each.name for each in roster.models.values() if each.served_as == model), model)


def rival(field: Field, chosen: str, wish: float) -> str:
    """The best of the other candidates, if the two are as good within a standard error; empty where they are not."""
    own = next((each for each in field.candidates if each.model.name == chosen), None)
    other = next((each for each in field.candidates if each is not own), None)
    if own is None or other is None:
        return ""
    return other.model.name if abs(own.utility - other.utility) < doubt(own, other, wish) else ""


def cost(price: Price | None, usage: Usage | None, *, cached: bool) -> float | None:
    """US dollars of these tokens; `cached`: those that were read from a cache are read from one again."""
    if price is None or usage is None:
        return None
    read = usage.cached if cached else 0
    fresh = usage.prompt - read
    lower = price.input if price.cached is None else price.cached
    return (fresh * price.input + read * lower + usage.completion * price.output) / 1e6


def paid_for(past: Exchange, wishes: Wishes) -> float | None:
    """US dollars that an exchange cost as recorded; where that is not known, by the price that the roster tells."""
    if past.completion is None or past.completion.cost is not None:
        return past.completion.cost if past.completion else None
    model = past.roster.models.get(past.request.model)
    return cost(wishes.price(model), past.completion.usage, cached=True) if model else None


def _verdict(policy: Routing, past: Exchange, asked: Exchange, before: Any) -> tuple[Verdict, Any]:
    """The verdict on one request, and what its session remembers from then on."""
    need = Need.of(asked.request)
    field = policy.field(asked, need)
    decision = policy.prepare(asked)
    paid = paid_for(past, policy.wishes)
    usage = past.completion.usage if past.completion else None
    told = (past.id, past.session.id, past.session.agent, past.request.model)
    topics = tuple(sorted(need.asks))
    if decision is None:
        said = "; ".join(f"{name}: {why}" for name, why in field.excluded) or "no model is listed"
        return Verdict(*told, "", said, "", topics, paid, None), before
    stays = bool(before) and before["model"] == decision.model
    would = cost(policy.wishes.price(asked.roster.models[decision.model]), usage, cached=stays)
    would = paid if decision.model == past.request.model else would
    doubt = rival(field, decision.model, policy.wishes.weight(asked.request.model))
    verdict = Verdict(*told, decision.model, decision.reason, doubt, topics, paid, would)
    return verdict, {name: kept for name, kept in decision.memory.items() if name != "before"}


def _memory(of_policy: Any) -> Mapping[str, Any]:
    return {Routing.name: of_policy} if of_policy else {}

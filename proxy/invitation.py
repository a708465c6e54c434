"""The policies that ride along, told what the settings say, and what one of them believes.

It must not know the engine, nor any room that a policy is lent from: prices and counts are handed in.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson

from policies import (
    Checks,
    Company,
    Dividing,
    Ensemble,
    Foresight,
    Foreteller,
    Limits,
    Member,
    Noise,
    Options,
    Parts,
    Point,
    Prefetch,
    Rates,
    Routes,
    Routing,
    Watching,
    Wishes,
    beliefs,
    checked,
    curve_of,
    ordered,
    scored,
    sounds_like_reading,
    team_scored,
)
from proxy.exchange import Exchange
from proxy.policy import Policy
from proxy.prices import Prices
from proxy.roster import Model, Price
from proxy.settings import Settings
from proxy.store import Store

OTHER_CALLS = 3
NEAR = 4.0
"""Times a length within which another is about the same."""
SEPARATORS = ("_", ".", "-", "/", ":")


def invited(
    settings: Settings, count: Callable[[str], int], prices: Prices, foreteller: Foreteller | None = None
) -> tuple[Policy, ...]:
    """The policies of the settings, in their order."""
    wishes = Wishes(
        settings.consolidate,
        settings.consolidate_agents,
        settings.consolidate_above,
        settings.consolidate_to or settings.consolidate_above // 3,
        settings.consolidate_state,
        settings.consolidate_model,
        settings.consolidate_holdout,
        count,
        rates_of(prices),
        prices.window,
        settings.consolidate_recall,
    )
    beside = {"draft": bool(settings.prefetch_draft_model), "early": settings.prefetch_next}
    wanted = [name for name, asked in beside.items() if asked and "prefetch" in settings.policies]
    options = Options(
        settings.agent_names,
        wishes,
        foresight(settings),
        routes(settings, prices, foreteller),
        company(settings, prices),
        Watching(
            settings.noise,
            settings.noise_agents,
            settings.noise_hold,
            settings.noise_sample,
            settings.noise_calls_a_day,
        ),
        dividing(settings, count, prices),
    )
    idle = () if options.noise.anybody else (Noise.name,)
    return ordered([name for name in (*settings.policies, *wanted) if name not in idle], options)


def virtual(settings: Settings) -> tuple[str, ...]:
    """Names of models that the policies answer to, for one who has no prices at hand."""
    routing = Routes(settings.route if settings.models else "off", agents=settings.route_agents)
    options = Options(routing=routing, ensemble=Company(tuple(map(Member, settings.team))))
    return tuple(name for policy in ordered(settings.policies, options) for name in policy.models)


def rates_of(prices: Prices) -> Callable[[str], Rates | None]:
    """Prices as policies see them."""

    def rates(model: str) -> Rates | None:
        known = prices.rates(model)
        return Rates(known.fresh, known.cached, known.written, known.output) if known else None

    return rates


def company(settings: Settings, prices: Prices) -> Company:
    """What the settings say of teams: the members with the prices that the list has, and the limits."""
    told = settings.team_limits
    limits = Limits(
        settings.plan_calls,
        settings.plan_seconds,
        int(told.get("tokens", 0)),
        told.get("usd", 0.0),
        told.get("patience_s", 60.0),
        max(2, int(told.get("seats", 3))),
        int(told.get("rounds", 1)),
    )
    return Company(
        tuple(Member(name, price=_per_million(prices, name)) for name in settings.team), limits, settings.route_judge
    )


def dividing(settings: Settings, count: Callable[[str], int], prices: Prices) -> Dividing:
    """What the settings say of dividing long inputs. Planner, its second look and the manager are calls too."""
    told = settings.divide_limits
    most = max(2, settings.plan_calls - OTHER_CALLS)
    limits = Parts(
        min(most, int(told.get("parts", 24)) or most),
        int(told.get("at_once", 8)) or most,
        told.get("patience_s", 120.0),
        int(told.get("tokens", 0)),
        told.get("usd", 0.0),
    )

    known = routes(settings, prices).window

    def window(exchange: Exchange) -> int:
        name = exchange.request.model
        return known(exchange.roster.models.get(name, Model(name, "")))

    wishes = Dividing(settings.divide_over, settings.divide_size, settings.divide_planner, limits, count)
    return wishes._replace(window=window, curve=_curve, examined=checked)


def _checks(shared: Mapping[str, Any], agent: str, model: str, tokens: int) -> Checks:
    """What the noise checks have seen of an agent's model, on inputs of about that length."""
    known = curve_of(shared.get(Noise.name), agent, model)
    near = [each for each in known if tokens <= NEAR * each.tokens and each.tokens <= NEAR * tokens]
    clean = sum(each.n * each.score for each in near)
    return Checks(clean, sum(each.n for each in near) - clean)


def _curve(shared: Mapping[str, Any], agent: str, model: str) -> list[Point]:
    """How an agent's model did on inputs of different lengths, as the noise checks have seen it."""
    return [
        Point(each.tokens, each.score, each.low, each.high) for each in curve_of(shared.get(Noise.name), agent, model)
    ]


def _per_million(prices: Prices, model: str) -> float | None:
    """US dollars for a million tokens, half of them of the prompt; None where the list does not know."""
    known = prices.rates(model.rpartition("/")[2])
    if known is None or known.fresh is None or known.output is None:
        return None
    return (known.fresh + known.output) / 2 * 1e6


def routes(settings: Settings, prices: Prices, foreteller: Foreteller | None = None) -> Routes:
    """What the settings say of routing; without a list of models there is nothing to choose from. The foreteller is
    asked where the settings name a file of scored questions."""

    def price(model: Model) -> Price | None:
        known = None if model.card.price else prices.rates(model.served_as or model.name)
        if known is None or known.fresh is None or known.output is None:
            return model.card.price
        return Price(known.fresh * 1e6, known.output * 1e6, None if known.cached is None else known.cached * 1e6)

    def window(model: Model) -> int:
        return model.card.window or prices.window(model.served_as or model.name)

    mode = settings.route if settings.models else "off"
    lent = foreteller if settings.route_scores else None
    wishes = Routes(mode, settings.route_quality, settings.route_agents, settings.route_judge, price, window, lent)
    return wishes._replace(checks=_checks, explore=settings.route_explore)


def foresight(settings: Settings) -> Foresight:
    """What the settings say of prefetching."""
    listed = settings.prefetch_tools
    windows = settings.prefetch_windows if settings.mcp_config and listed else ()
    may = allowed(listed) if listed else sounds_like_reading
    return Foresight(
        settings.prefetch,
        settings.prefetch_agents,
        may,
        windows=windows,
        ttl_s=settings.prefetch_ttl_s,
        writer=settings.prefetch_program_model,
        drafter=settings.prefetch_draft_model,
        next=settings.prefetch_next,
        second_usd=settings.prefetch_second_usd,
        usd_a_day=settings.prefetch_usd_a_day,
    )


def prefetching(settings: Settings) -> Callable[[Exchange], str]:
    """The mode of prefetching for an exchange, by its request, its agent, or the general one."""
    wishes = foresight(settings)

    def mode_of(exchange: Exchange) -> str:
        return wishes.mode_of(exchange.asked or exchange.request, exchange.session.agent)

    return mode_of


def allowed(tools: Sequence[str]) -> Callable[[str], bool]:
    """Whether a tool is named by a list of `server/tool`, by the name that a client gives to it: `tool`, or with
    something and a separator before it (`mcp__server__tool`)."""
    names = {tool.partition("/")[2] for tool in tools}
    ends = tuple(f"{separator}{name}" for name in names for separator in SEPARATORS)
    return lambda spoken: spoken in names or spoken.endswith(ends)


def beliefs_in(store: Store) -> Callable[[str], Awaitable[Sequence[Any]]]:
    """The behaviour programs of an agent, by its name, as the store has them."""

    async def programs(agent: str) -> Sequence[Any]:
        text, _ = await store.load_shared(Prefetch.name)
        return beliefs(orjson.loads(text) if text else None, agent)

    return programs


def scoring(hear: Callable[[str, Any], None]) -> Callable[[Mapping[str, Any], float], bool]:
    """Takes a score for the last reply of a session that was routed, or a team's, given the session's memory."""

    def score(memory: Mapping[str, Any], value: float) -> bool:
        routed, team = (
            scored(memory.get(Routing.name), str(value)),
            team_scored(memory.get(Ensemble.name), str(value)),
        )
        if routed is not None:
            hear(Routing.name, routed)
        if team is not None:
            hear(Ensemble.name, [team])
        return routed is not None or team is not None

    return score

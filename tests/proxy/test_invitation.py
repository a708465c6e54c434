"""The policies as the settings want them."""

from typing import Any

import orjson
import pytest

from policies import Parts, Prefetch
from proxy.exchange import Exchange, Request, Session
from proxy.invitation import allowed, beliefs_in, company, dividing, foresight, invited, prefetching, virtual
from proxy.prices import Prices
from proxy.roster import Card, Model, Roster
from proxy.startup import load
from proxy.store import Limits
from proxy.store.embedded import EmbeddedStore

pytestmark = pytest.mark.anyio


def names(**given: Any) -> list[str]:
    """Of the policies that ride along."""
    return [policy.name for policy in invited(load(None, **given), len, Prices())]


async def test_they_come_in_their_order() -> None:
    """Whatever the order in which they are named."""
    assert names() == ["session", "consolidate", "routing", "prefetch", "ensemble", "divide"]
    assert names(policies="prefetch, session") == ["session", "prefetch"]
    assert names(policies="off") == []


async def test_auto_is_a_model_only_where_there_are_models_to_choose_from() -> None:
    """Without a list nothing is added to what upstreams list; switched off neither."""

    def listed(**given: Any) -> tuple[str, ...]:
        settings = load(None, **given)
        names = tuple(name for policy in invited(settings, len, Prices()) for name in policy.models)
        assert virtual(settings) == names
        return names

    assert listed() == ()
    assert listed(models="models.yaml") == ("auto", "auto/cheap", "auto/best")
    assert listed(models="models.yaml", route="off") == ()
    assert "goa" in listed(team="one,two")


async def test_tools_that_may_be_run_ahead() -> None:
    """By the list where there is one, else by how they sound."""
    may = foresight(load(None, prefetch_tools="shop/get_user, web/search")).may
    names = ("mcp__shop__get_user", "search", "search_all", "research", "get_order")
    assert [may(name) for name in names] == [True, True, False, False, False]
    assert foresight(load(None)).may("get_user")
    assert not allowed(["a/b.c"])("x.bbc")


async def test_calls_are_made_ahead_where_there_is_what_to_call() -> None:
    """Tool servers, and tools on the list; in the windows that are named."""
    given = {"prefetch": "on", "mcp_config": "mcp.json", "prefetch_tools": "shop/get_user"}
    assert foresight(load(None, **given)).windows == ("thinking", "stream", "typing")
    assert foresight(load(None, **given, prefetch_windows="stream")).windows == ("stream",)
    assert foresight(load(None, **given, prefetch_windows="off")).windows == ()
    for missing in ("mcp_config", "prefetch_tools"):
        assert foresight(load(None, **{**given, missing: ""})).windows == ()


async def test_the_mode_is_that_of_request_agent_or_house() -> None:
    """A header may take away; it does not give."""
    mode_of = prefetching(load(None, prefetch="shadow", prefetch_agents="clerk=on"))

    def mode(agent: str, header: str = "") -> str:
        headers = ((b"x-outrider-policies", header.encode()),) if header else ()
        return mode_of(Exchange("x", Request("POST", "/v1/messages", headers), Session("s", agent)))

    assert [mode("clerk"), mode("other")] == ["on", "shadow"]
    assert [mode("clerk", "prefetch=off"), mode("clerk", "prefetch=on")] == ["off", "on"]
    assert mode("other", "prefetch=on") == "shadow"


async def test_nothing_is_believed_at_first() -> None:
    """An empty store, and one that has heard of another agent."""
    store = EmbeddedStore(Limits())
    assert await beliefs_in(store)("clerk") == []
    await store.save_shared(Prefetch.name, orjson.dumps({"agents": {"me:00:other": ""}}), 0)
    assert await beliefs_in(store)("clerk") == []
    assert [each["agent"] for each in await beliefs_in(store)("other")] == ["other"]


async def test_who_sits_in_teams() -> None:
    """By the list, with the prices that are known, within the limits of plans and their own."""
    prices = Prices()
    await prices.ready()
    given = {"team": "gpt-4o, house/gpt-4o-mini, nobody", "team_limits": "seats=2,usd=0.5", "plan_calls": 9}
    found = company(load(None, **given), prices)
    one, two, three = found.members
    assert (one.name, two.name, three.price) == ("gpt-4o", "house/gpt-4o-mini", None)
    assert one.price is not None
    assert two.price is not None
    assert one.price > two.price > 0
    assert (found.limits.calls, found.limits.seats, found.limits.usd, found.limits.rounds) == (9, 2, 0.5, 1)
    assert company(load(None), prices).members == ()


async def test_how_long_inputs_are_divided() -> None:
    """Within the limits of plans, of which planner and manager are part; windows are those of cards and price list."""
    prices = Prices()
    await prices.ready()
    given = {"divide_limits": "parts=40,usd=0.5", "divide_over": 9_000, "divide_planner": "big", "plan_calls": 20}
    found = dividing(load(None, **given), len, prices)
    assert (found.over, found.size, found.planner) == (9_000, 0, "big")
    assert found.limits == Parts(17, 8, 120.0, 0, 0.5)
    assert dividing(load(None), len, prices).limits.parts == 13
    assert dividing(load(None, plan_calls=99), len, prices).limits.parts == 24

    def window(model: str, **models: Model) -> int:
        request = Request("POST", "/v1/messages", model=model)
        return found.window(Exchange("x", request, Session("s", ""), roster=Roster(models)))

    assert window("gpt-4o") > 100_000
    assert window("small", small=Model("small", "here", card=Card(window=4_096))) == 4_096
    assert window("nobody") == 0


async def test_a_division_reads_the_curve_of_the_noise_checks() -> None:
    """Of the agent and its model, or of nobody in particular."""
    wishes = dividing(load(None), len, Prices())
    lesson = {"noise": {"curves": {"?": {"m": {"4": [9.0, 10.0], "12": [2.0, 10.0]}}}}}
    short, long = wishes.curve(lesson, "", "m")
    assert short.tokens < long.tokens
    assert (short.score, long.score) == (0.9, 0.2)
    assert short.low > long.high
    assert wishes.curve(lesson, "editor", "m") == wishes.curve({}, "", "m") == []

"""The rules of calling ahead, each by its number in docs/mcp.md, against a real server through the real gateway.

It must not know how the shelf is built. Rule 19 is that of the early model call; what a guess is worth, of rule 14, is
weighed by the policy.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from proxy.conversation import ToolCall
from proxy.tools import PREFETCH, Owner
from proxy.tools.ahead import Refused
from proxy.tools.emitted import Emitted
from proxy.tools.pace import Limits
from tests.live.caller import until
from tests.proxy.tools.house import KEY, ME, Ride, client, of, program, riding, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def _pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Shop, Ride]]:
    shop = Shop()
    async with served(shop) as web, riding(tmp_path_factory.mktemp("safety"), {"shop": {"url": web}}) as ride:
        yield shop, ride


@pytest.fixture
async def shop(_pair: tuple[Shop, Ride]) -> Shop:
    vars(_pair[0]).update(vars(Shop()))
    return _pair[0]


@pytest.fixture
async def ride(_pair: tuple[Shop, Ride], shop: Shop) -> Ride:
    """A proxy with one shop; its shelf is empty and remembers nothing."""
    ride = _pair[1]
    shelf = ride.side.prefetch.shelf
    shelf.close()
    await until(lambda: not any(server.ahead for server in shelf._servers.values()))
    for kept in (shelf._servers, shelf._tools, shelf._asked._counts, shelf.latencies._taken):
        kept.clear()
    emitted = ride.side.prefetch.emitted
    for emission in list(emitted._all.values()):
        emitted._drop(emission)
    shelf.limits = plenty(doubt_s=0.3)
    ride.told.clear()
    return ride


@pytest.fixture
async def agent(ride: Ride) -> AsyncIterator[Client]:
    """The agent of session s1."""
    async with client(f"{ride.url}/mcp", headers=of("s1")) as c:
        yield c


def plenty(**given: Any) -> Limits:
    """Limits that limit nothing but what is given."""
    return Limits(**{"probation": 0, "rate": 1e6, "burst": 1e6, **given})


async def fetched(ride: Ride, name: str = "read", **arguments: Any) -> None:
    """A call ahead that has ended."""
    entry = ride.ahead(name, **arguments)
    await asyncio.wait({entry.task})
    await asyncio.sleep(0)


async def read(c: Client, key: str = "a", **more: Any) -> dict[str, Any]:
    return dict(json.loads(text(await c.call_tool("read", {"key": key, **more}))))


async def test_rule_1_nothing_is_called_ahead_unless_it_is_listed(tmp_path: Path, shop: Shop) -> None:
    """The list is empty by default; then no wish is fulfilled, whatever a server says of its tools."""
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}, prefetch_tools="") as ride:
        assert "OUTRIDER_PREFETCH_TOOLS" in ride.why_not("read", key="a")
    assert shop.calls == []


async def test_rule_2_annotations_take_away_and_never_give(ride: Ride, shop: Shop) -> None:
    """Listed, but without an annotation, or one that says it writes: never."""
    assert "does not annotate" in ride.why_not("peek", key="a")
    assert "does not say that it only reads" in ride.why_not("write", key="a", value="1")
    assert shop.calls == []


async def test_rule_3_what_reaches_beyond_its_server_needs_a_list_of_its_own(tmp_path: Path, ride: Ride) -> None:
    """Not to say `openWorldHint` means that it does."""
    assert "OPEN_WORLD" in ride.why_not("search", words="x")
    shop = Shop()
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}, prefetch_open_world="shop/search") as more:
        assert more.why_not("search", words="x") == ""
        await until(lambda: shop.names() == ["search"])


async def test_rule_4_the_same_connection_or_none(tmp_path: Path) -> None:
    """A call ahead goes the way of the real one, with the same credentials; while the server is down it is not made."""
    async with riding(tmp_path, {"shop": program()}) as ride:
        assert ride.why_not("read", key="a") == ""
        async with client(f"{ride.url}/mcp", headers=of("s1")) as c:
            state = json.loads(text(await c.call_tool("state")))
            assert state["calls"] == ["read"]
            await asyncio.gather(c.call_tool("die", {}), return_exceptions=True)
        await until(lambda: not ride.side.gateway.links["shop"].up)
        assert "ended the connection" in ride.why_not("read", key="b")


async def test_rule_5_nobody_else_gets_it(ride: Ride, agent: Client) -> None:
    """Neither another caller, nor another session, nor a call with other arguments, nor under another definition."""
    await fetched(ride, key="a")
    for headers in (of("s1", "Bearer sk-you"), of("s2"), {"authorization": KEY}, {"x-outrider-session": "s1"}):
        async with client(f"{ride.url}/mcp", headers=headers) as other:
            await read(other)
    await read(agent, "b")
    assert ride.answers() == ["call"] * 5
    await read(agent)
    assert ride.answers()[-1] == "shelf"
    await fetched(ride, key="a")
    await agent.call_tool("grow", {})
    await until(lambda: "newcomer" in ride.side.gateway.catalogue.tools.items)
    await read(agent)
    assert ride.answers()[-1] == "call"


async def test_rule_6_one_call_and_a_short_while(tmp_path: Path, ride: Ride, agent: Client, shop: Shop) -> None:
    """A result answers one call; it expires."""
    await fetched(ride, key="a")
    for _ in range(2):
        await read(agent)
    assert ride.answers() == ["shelf", "call"]
    assert shop.names() == ["read", "read"]
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}, prefetch_ttls="shop/read=1") as short:
        await fetched(short, key="a")
        await asyncio.sleep(1.1)
        async with client(f"{short.url}/mcp", headers=of("s1")) as c:
            await read(c)
        assert (short.uses(), short.answers()) == (["expired"], ["call"])


async def test_rule_7_a_write_voids_what_was_fetched_when_it_arrives(ride: Ride, agent: Client, shop: Shop) -> None:
    """Of this and of any other session; what is under way, too; and nothing is fetched until the write has ended."""
    await fetched(ride, key="a")
    shop.delay_s = 0.2
    under_way = ride.ahead("read", key="b")
    async with client(f"{ride.url}/mcp", headers=of("s2")) as other:
        writing = asyncio.ensure_future(other.call_tool("write", {"key": "a", "value": "new", "seconds": 0.4}))
        await until(lambda: "write" in shop.names())
        assert ride.uses() == ["write", "write"]
        assert "may write is under way" in ride.why_not("read", key="a")
        assert under_way.task.cancelled() or under_way.task.cancelling()
        await writing
    assert (await read(agent))["value"] == "new"
    assert (await read(agent, "b"))["version"] == 1
    assert ride.answers() == ["call"] * 3


async def test_rule_7_a_write_meets_a_call_that_waits_for_a_prefetch(ride: Ride, agent: Client, shop: Shop) -> None:
    """The call is then made itself."""
    shop.delay_s = 0.3
    ride.ahead("read", key="a")
    reading = asyncio.ensure_future(read(agent))
    await asyncio.sleep(0.1)
    await agent.call_tool("write", {"key": "a", "value": "new"})
    assert (await reading)["value"] == "new"
    assert ride.answers() == ["call", "call"]


async def test_rule_7_a_write_nobody_knows_the_end_of(ride: Ride, agent: Client, shop: Shop) -> None:
    """It may still happen: for a while nothing is fetched from the server."""
    writing = asyncio.ensure_future(agent.call_tool("write", {"key": "a", "value": "x", "seconds": 5}))
    await until(lambda: "write" in shop.names())
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await until(lambda: "cancelled" in [getattr(each, "outcome", "") for each in ride.told])
    assert "not known whether a write was done" in ride.why_not("read", key="a")
    await asyncio.sleep(0.35)
    assert ride.why_not("read", key="a") == ""


async def test_rule_8_not_past_a_write_that_was_emitted_and_has_not_come(ride: Ride, agent: Client) -> None:
    """The model has decided; the agent may be asking its user. Other sessions are free."""
    emitted: Emitted = ride.side.prefetch.emitted
    emitted.hear(Owner(ME, "s1"), ToolCall("c1", "write", '{"key": "a", "value": "1"}'))
    assert "emitted and has not come yet" in ride.why_not("read", key="a")
    assert ride.why_not("read", "s2", key="a") == ""
    await agent.call_tool("write", {"key": "a", "value": "1"})
    assert ride.why_not("read", key="a") == ""
    assert "does not say that it only reads" in ride.why_not("write", key="a", value="2")


async def test_rule_9_only_whole_and_successful_results(ride: Ride, agent: Client, shop: Shop) -> None:
    """An error of the tool is not served: the call is made, and its own error told."""
    shop.failing = True
    await fetched(ride, key="a")
    shop.failing = False
    assert (await read(agent))["key"] == "a"
    assert (ride.uses(), ride.answers()) == (["failed"], ["call"])


async def test_rule_10_exactly_the_same_call(ride: Ride, agent: Client) -> None:
    """Defaults of the schema and the order of members do not matter; everything else does."""
    await fetched(ride, key="a")
    for other in ({"key": "A"}, {"key": "a "}, {"key": "a", "limit": 11}, {"key": "a", "limit": 10.5}):
        await agent.call_tool("read", other)
    assert ride.answers() == ["call"] * 4
    await agent.call_tool("read", {"limit": 10, "key": "a"})
    assert ride.answers()[-1] == "shelf"


async def test_rule_11_a_call_joins_what_is_under_way(ride: Ride, agent: Client, shop: Shop) -> None:
    """It waits for the rest and reaches the server once."""
    shop.delay_s = 0.3
    ride.ahead("read", key="a")
    await asyncio.sleep(0.1)
    await read(agent)
    assert (ride.answers(), shop.names()) == (["joined"], ["read"])


async def test_rule_11_but_not_longer_than_the_tool_nearly_always_takes(ride: Ride, agent: Client, shop: Shop) -> None:
    """Then the call is made itself, and the first answer counts."""
    for number in range(6):
        await read(agent, f"k{number}")
    shop.delay_s = 1.0
    ride.ahead("read", key="a")
    await until(lambda: shop.names()[-1] == "read" and len(shop.calls) == 7)
    shop.delay_s = 0.0
    before = asyncio.get_running_loop().time()
    await read(agent)
    assert asyncio.get_running_loop().time() - before < 0.6
    assert ride.answers()[-1] == "call"


async def test_rule_12_real_calls_go_first(tmp_path: Path, ride: Ride, agent: Client, shop: Shop) -> None:
    """Few calls ahead for a session and at a server; a tool is not called ahead too often, nor when it just failed."""
    shop.delay_s = 0.3
    refusals = [ride.why_not("read", key=str(number)) for number in range(4)]
    assert refusals == ["", "", "", "the session has enough under way"]
    refusals = [ride.why_not("read", "s2", key=str(number)) for number in range(2)]
    assert refusals == ["", "the server has enough under way"]
    ride.side.prefetch.shelf.close()
    await asyncio.sleep(0.1)
    shop.delay_s = 0.5
    real = [asyncio.ensure_future(read(agent, str(number))) for number in range(4)]
    await until(lambda: ride.side.prefetch.shelf._server("shop").calls == 4)
    assert ride.why_not("read", "s3", key="a") == "the server is busy with real calls"
    await asyncio.gather(*real)
    shop.delay_s, shop.failing = 0.0, True
    await fetched(ride, key="bad")
    assert ride.why_not("read", key="a") == "its last call ahead failed"


async def test_rule_12_a_budget_for_each_tool(ride: Ride) -> None:
    """So many at once, then so many a second."""
    ride.side.prefetch.shelf.limits = Limits(rate=0.1, burst=2)
    for number in range(2):
        await fetched(ride, key=str(number))
    assert "often enough for now" in ride.why_not("read", key="2")


async def test_rule_13_bounds(ride: Ride, agent: Client, shop: Shop) -> None:
    """Of calls for an exchange and a session, of results that wait, of their bytes."""
    shelf = ride.side.prefetch.shelf
    shelf.limits = plenty(per_exchange=2)
    for number in range(2):
        await fetched(ride, key=str(number))
    assert "the exchange has had its share" in ride.why_not("read", key="2")
    shelf.limits = plenty(of_session=3)
    await fetched(ride, key="2")
    assert "has had its share" in ride.why_not("read", key="3")
    shelf.limits = plenty(kept=3)
    assert "enough waiting" in ride.why_not("read", key="3")
    shelf.close()
    shelf.limits = plenty(result_bytes=20)
    await fetched(ride, key="a")
    assert ride.uses()[-1] == "dropped"
    shelf.limits = plenty(bytes=150)
    await fetched(ride, "read", key="a")
    await fetched(ride, "read", key="b")
    assert ride.uses()[-1] == "dropped"
    assert len(shelf) <= 1


async def test_rule_14_a_tool_whose_early_results_nobody_wants_is_left_alone(ride: Ride, agent: Client) -> None:
    """In the window in which they were not wanted. Then it is tried anew."""
    ride.side.prefetch.shelf.limits = plenty(rest_s=0.3, of_session=1 << 20, per_exchange=1 << 20)
    for number in range(16):
        if ride.why_not("read", key=f"k{number}"):
            break
        await until(lambda: all(entry.well for entry in ride.side.prefetch.shelf._entries.values()))
        ride.side.prefetch.shelf.drop("shop")
    assert ride.why_not("read", key="a") == "too few of its early results were used"
    mine = Owner(ME, "s1")
    assert ride.side.prefetch.launch(mine, "read", {"key": "a"}, "x2", window="stream").window == "stream"
    await until(lambda: ride.why_not("read", key="b") == "")


async def test_rule_15_what_is_not_wanted_any_more_is_cancelled_at_the_server(ride: Ride, shop: Shop) -> None:
    """It does not go on for nobody."""
    shop.delay_s = 30
    ride.ahead("read", key="a")
    await until(lambda: shop.names() == ["read"])
    ride.side.prefetch.shelf.drop("shop")
    await until(lambda: shop.cancelled == 1)


async def test_rule_15_a_client_that_leaves(ride: Ride, agent: Client, shop: Shop) -> None:
    """So does the call it had joined."""
    shop.delay_s = 30
    ride.ahead("read", key="a")
    reading = asyncio.ensure_future(read(agent))
    await until(lambda: ride.side.prefetch.shelf._joined != [])
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await until(lambda: shop.cancelled == 1)


async def test_rule_16_nothing_that_a_person_may_want_to_be_asked_about(ride: Ride, shop: Shop) -> None:
    """What is not listed or may write is never called on the model's behalf, also when the model has emitted it."""
    ride.side.prefetch.emitted.hear(Owner(ME, "s1"), ToolCall("c1", "write", '{"key": "a", "value": "1"}'))
    for name in ("write", "slow", "fail", "bash"):
        assert ride.why_not(name, key="a", value="1")
    assert shop.calls == []


async def test_rule_17_everything_is_labelled(ride: Ride, agent: Client, shop: Shop, caplog: Any) -> None:
    """The server can tell a call ahead, the client a result that was; log and metrics tell of both."""
    caplog.set_level(logging.INFO, "outrider")
    await fetched(ride, key="secret-key")
    result = await agent.call_tool("read", {"key": "secret-key"})
    assert shop.calls[0][2][PREFETCH] == {"ahead": True}
    assert (result.meta or {})[PREFETCH]["joined"] is False
    assert (result.meta or {})[PREFETCH]["age_ms"] >= 0
    real = await agent.call_tool("read", {"key": "secret-key"})
    assert PREFETCH not in (real.meta or {})
    assert PREFETCH not in shop.calls[1][2]
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("outrider")]
    launched = [line for line in lines if "launched for session s1" in line]
    assert len(launched) == 1
    assert any("prefetch shop/read" in line and "used after" in line for line in lines)
    assert any("by shelf" in line for line in lines)
    assert ride.uses() == ["used"]


async def test_rule_18_no_arguments_in_the_log(ride: Ride, agent: Client, caplog: Any) -> None:
    """Neither of calls ahead nor of real ones, nor their results."""
    caplog.set_level(logging.DEBUG, "outrider")
    await fetched(ride, key="hush-hush")
    await agent.call_tool("write", {"key": "hush-hush", "value": "hush-hush"})
    await read(agent, "hush-hush")
    assert not any("hush" in record.getMessage() for record in caplog.records if record.name.startswith("outrider"))


@pytest.mark.parametrize(("mode", "why"), [("off", "switched off"), ("shadow", "in shadow")])
async def test_rule_20_a_switch_and_a_shadow(tmp_path: Path, mode: str, why: str) -> None:
    """Off: nothing. Shadow, the default: it is counted what would have been called, and nothing is."""
    shop = Shop()
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}, prefetch=mode) as ride:
        assert why in ride.why_not("read", key="a")
        assert ride.uses() == (["shadow"] if mode == "shadow" else [])
    assert shop.calls == []


async def test_rule_20_and_21_a_tool_is_tried_first(ride: Ride, agent: Client, shop: Shop) -> None:
    """Its early results are held against real ones before any is served. One that differs although nothing was written,
    a clock's say, is not called ahead any more."""
    shelf = ride.side.prefetch.shelf
    shelf.limits = plenty(probation=2)
    for number in range(3):
        await fetched(ride, key=str(number))
        await read(agent, str(number))
    assert ride.answers() == ["call", "call", "shelf"]
    assert ride.uses() == ["compared", "compared", "used"]
    shelf._tools.clear()
    await fetched(ride, key="a")
    shop.version += 1  # not by a call of the gateway
    assert (await read(agent))["version"] == 1
    assert "differed from the real ones" in ride.why_not("read", key="a")


async def test_rule_22_a_server_with_sessions_has_to_show_that_it_bears_several_calls(tmp_path: Path) -> None:
    """Until then one call ahead at a time, on the same connection, none beside real ones, and real ones go first."""
    allowed = "shop/read"
    async with riding(tmp_path, {"shop": program("shop", "--legacy")}, prefetch_tools=allowed) as ride:
        assert not ride.side.gateway.links["shop"].modern
        assert ride.why_not("read", key="a") == ""
        assert ride.why_not("read", key="b") == "the server has enough under way"
        async with client(f"{ride.url}/mcp", headers=of("s1")) as c:
            slow = asyncio.ensure_future(c.call_tool("slow", {"steps": 1, "seconds": 0.3}))
            shelf = ride.side.prefetch.shelf
            await until(lambda: shelf._server("shop").writes == 1)
            await slow
            first = asyncio.ensure_future(c.call_tool("read", {"key": "x"}))
            await first
        server = shelf._server("shop")
        late, early = server.begin(), server.begin()
        server.end(early)
        server.end(late)
        assert ride.why_not("read", "s2", key="c") == ""
        assert ride.why_not("read", "s2", key="d") == ""


async def test_a_refusal_is_an_exception_of_its_own(ride: Ride) -> None:
    """With the reason in words; nothing was begun."""
    with pytest.raises(Refused, match="no server has such a tool"):
        ride.ahead("nonsense")
    assert len(ride.side.prefetch.shelf) == 0

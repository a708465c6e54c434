"""The gateway in dialogues: real tool servers over pipes and HTTP, the official client in both protocols."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, MCPError

from tests.live.caller import until
from tests.proxy.tools.house import client, gateway, program, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])


@asynccontextmanager
async def shops(folder: Path, shop: Shop) -> AsyncIterator[str]:
    """A gateway to two shops over HTTP and pipes that have the same tools, and to one that is down."""
    async with served(shop) as web:
        servers = {"shop": {"url": web}, "stall": program("stall", "--legacy"), "dead": {"command": "no-such-program"}}
        async with gateway(folder, servers) as url:
            yield url


@pytest.fixture(scope="module")
async def _pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Shop, str]]:
    shop = Shop()
    async with shops(tmp_path_factory.mktemp("shops"), shop) as url:
        yield shop, url


@pytest.fixture
async def shop(_pair: tuple[Shop, str]) -> Shop:
    """The shop behind HTTP; it remembers nothing of earlier tests."""
    vars(_pair[0]).update(vars(Shop()))
    return _pair[0]


@pytest.fixture
async def url(_pair: tuple[Shop, str], shop: Shop) -> str:
    """A gateway for all tests of this file that leave the servers as they are."""
    return _pair[1]


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[str]:
    """A gateway of its own."""
    async with shops(tmp_path, Shop()) as url:
        yield url


@ERAS
async def test_all_servers_are_one(url: str, mode: str) -> None:
    """Both protocols: names prefixed where they clash, in the order of the file, each call at its server."""
    async with client(f"{url}/mcp", mode) as c:
        assert c.protocol_version == {"auto": "2026-07-28", "legacy": "2025-11-25"}[mode]
        names = [tool.name for tool in (await c.list_tools()).tools]
        assert names[:3] == ["shop_read", "shop_search", "shop_peek"]
        assert [name for name in names if name.endswith("_write")] == ["shop_write", "stall_write"]
        assert text(await c.call_tool("shop_write", {"key": "a", "value": "1"})) == "version 1"
        assert json.loads(text(await c.call_tool("shop_read", {"key": "a"})))["value"] == "1"
        assert json.loads(text(await c.call_tool("stall_read", {"key": "a"})))["value"] == ""
        assert c.instructions == "## shop\nThis is the shop.\n\n## stall\nThis is the stall."


@ERAS
async def test_one_server_by_itself(url: str, mode: str) -> None:
    """Under its own names, with its own words."""
    async with client(f"{url}/mcp/stall", mode) as c:
        assert c.instructions == "This is the stall."
        assert "read" in [tool.name for tool in (await c.list_tools()).tools]
        assert json.loads(text(await c.call_tool("read", {"key": "a"})))["key"] == "a"


@ERAS
async def test_definitions_and_results_pass_unchanged(url: str, shop: Shop, mode: str) -> None:
    """What a direct client sees, a client of the gateway sees; the server sees the client's `_meta`."""
    async with served(shop) as direct, client(direct, mode) as straight, client(f"{url}/mcp/shop", mode) as c:
        assert (await c.list_tools()).tools == (await straight.list_tools()).tools
        for name, arguments in (("odd", {}), ("fail", {}), ("read", {"key": "ü", "limit": 3}), ("read", {})):
            assert await c.call_tool(name, arguments) == await straight.call_tool(name, arguments)
        meta: Any = {"agent/step": {"n": 1}}
        await c.call_tool("read", {"key": "m"}, meta=meta)
        assert shop.calls[-1][2]["agent/step"] == {"n": 1}
        assert "progress_token" not in shop.calls[-1][2]


@ERAS
async def test_resources_and_prompts(url: str, mode: str) -> None:
    """Listed together, read and asked at the server that has them."""
    async with client(f"{url}/mcp", mode) as c:
        assert {str(each.uri) for each in (await c.list_resources()).resources} == {
            "shop://catalogue",
            "stall://catalogue",
        }
        assert len((await c.list_resource_templates()).resource_templates) == 2
        for uri, said in (("stall://catalogue", "everything of stall"), ("shop://item/7", "item 7 of shop")):
            assert getattr((await c.read_resource(uri)).contents[0], "text", "") == said
        assert [prompt.name for prompt in (await c.list_prompts()).prompts] == ["shop_greet", "stall_greet"]
        told = (await c.get_prompt("stall_greet", {"who": "Ada"})).messages[0].content
        assert getattr(told, "text", "") == "Greet Ada from stall"
        with pytest.raises(MCPError, match="Resource not found: other://x"):
            await c.read_resource("other://x")


@pytest.mark.parametrize("server", ["shop", "stall"])
@ERAS
async def test_progress_comes_while_the_tool_works(url: str, mode: str, server: str) -> None:
    """Step by step, from both kinds of servers to both kinds of clients."""
    steps: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total, message))

    async with client(f"{url}/mcp/{server}", mode) as c:
        assert text(await c.call_tool("slow", {"steps": 3}, progress_callback=hear)) == "done"
    assert steps == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]


@pytest.mark.parametrize("server", ["shop", "stall"])
@ERAS
async def test_a_cancelled_call_is_cancelled_at_the_server(url: str, mode: str, server: str) -> None:
    """The tool stops; the connection stays."""
    async with client(f"{url}/mcp/{server}", mode) as c:
        before = json.loads(text(await c.call_tool("state")))["cancelled"]
        asked = asyncio.ensure_future(c.call_tool("slow", {"steps": 1, "seconds": 30}))
        await asyncio.sleep(0.2)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)

        async def cancelled() -> int:
            return int(json.loads(text(await c.call_tool("state")))["cancelled"])

        for _ in range(100):
            if await cancelled() > before:
                break
            await asyncio.sleep(0.02)
        assert await cancelled() == before + 1


@pytest.mark.parametrize("server", ["shop", "stall"])
async def test_a_changed_list_is_told(fresh: str, server: str) -> None:
    """A new tool is told to clients of both protocols, and is there when they ask."""
    heard: list[str] = []

    async def hear(message: Any) -> None:
        heard.append(type(message).__name__)

    async with client(f"{fresh}/mcp", "legacy", message_handler=hear) as old, client(f"{fresh}/mcp/{server}") as new:
        assert "newcomer" not in [tool.name for tool in (await old.list_tools()).tools]
        async with new.listen(tools_list_changed=True) as events:
            await new.call_tool("grow", {})
            assert type(await anext(aiter(events))).__name__ == "ToolsListChanged"
        await until(lambda: "ToolListChangedNotification" in heard)
        assert "newcomer" in [tool.name for tool in (await old.list_tools()).tools]
        assert text(await old.call_tool("newcomer", {})) == "new"


async def test_a_server_that_dies_is_started_again(fresh: str) -> None:
    """Its tools stay listed and say so meanwhile; then they work again. Nobody else notices."""
    async with client(f"{fresh}/mcp") as c:
        names = [tool.name for tool in (await c.list_tools()).tools]
        with pytest.raises(MCPError, match="stall broke the connection before it answered") as lost:
            await c.call_tool("stall_die", {})
        assert lost.value.error.code == -32010
        with pytest.raises(MCPError, match="stall is not available") as down:
            await c.call_tool("stall_read", {"key": "a"})
        assert set(down.value.error.data) == {"server", "retry_in_s"}
        assert [tool.name for tool in (await c.list_tools()).tools] == names
        assert not (await c.call_tool("shop_read", {"key": "a"})).is_error
        assert await eventually(c, "stall_read", {"key": "a"})


async def test_a_server_that_goes_and_comes_over_http(tmp_path: Path) -> None:
    """It may also be down when Outrider starts."""
    async with served(Shop()) as web:
        port = int(web.split(":")[2].split("/")[0])
    async with gateway(tmp_path, {"web": {"url": web}}) as url, client(f"{url}/mcp") as c:
        with pytest.raises(MCPError, match="Unknown tool: read"):
            await c.call_tool("read", {"key": "a"})
        async with served(Shop(), port=port):
            assert await eventually(c, "read", {"key": "a"})
        with pytest.raises(MCPError, match="web"):
            await c.call_tool("read", {"key": "a"})
        async with served(Shop(), port=port):
            assert await eventually(c, "read", {"key": "a"})


async def eventually(c: Client, name: str, arguments: dict[str, Any]) -> bool:
    """Whether a tool works within some seconds."""
    began = time.monotonic()
    while time.monotonic() - began < 15:
        try:
            return not (await c.call_tool(name, arguments)).is_error
        except MCPError:
            await asyncio.sleep(0.05)
    return False


async def test_unknown_and_ambiguous_names(url: str) -> None:
    """The error names what to call instead."""
    async with client(f"{url}/mcp", "legacy") as c:
        with pytest.raises(MCPError, match="Unknown tool: nope"):
            await c.call_tool("nope", {})
        with pytest.raises(MCPError, match="Several servers have a tool read; call shop_read or stall_read"):
            await c.call_tool("read", {})


async def test_many_clients_at_once(url: str) -> None:
    """Each gets the answer to its own question."""

    async def one(number: int) -> bool:
        async with client(f"{url}/mcp", "legacy" if number % 2 else "auto") as c:
            keys = [f"{number}-{turn}" for turn in range(5)]
            told = await asyncio.gather(*(c.call_tool("shop_read", {"key": key}) for key in keys))
            return [json.loads(text(each))["key"] for each in told] == keys

    assert all(await asyncio.gather(*(one(number) for number in range(12))))


async def test_environment_and_variables_reach_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NAME}` is taken from Outrider's own environment, which programs do not inherit."""
    monkeypatch.setenv("SHOP_KEY", "sk-7")
    servers = {"a": program(env={"SHOP": "${SHOP_KEY}"}), "b": program()}
    async with gateway(tmp_path, servers) as url, client(f"{url}/mcp") as c:
        assert json.loads(text(await c.call_tool("a_state")))["environment"] == "sk-7"
        assert json.loads(text(await c.call_tool("b_state")))["environment"] is None


async def test_keys_of_the_road_open_the_gateway(tmp_path: Path) -> None:
    """Without one nothing is told; a session of the protocol belongs to the key that opened it."""
    async with gateway(tmp_path, {"a": program()}, keys="one,two") as url, httpx.AsyncClient() as http:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HANDSHAKE}
        refused = await http.post(f"{url}/mcp", json=asked, headers=ACCEPT)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "OUTRIDER_KEYS" in refused.json()["error"]["message"]
        opened = await http.post(f"{url}/mcp", json=asked, headers={**ACCEPT, "authorization": "Bearer one"})
        assert opened.status_code == 200
        session = {**ACCEPT, "mcp-session-id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        mine = await http.post(f"{url}/mcp", json=ping, headers={**session, "authorization": "Bearer one"})
        other = await http.post(f"{url}/mcp", json=ping, headers={**session, "authorization": "Bearer two"})
        assert (mine.status_code, other.status_code) == (200, 404)


ACCEPT = {"accept": "application/json, text/event-stream"}
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "evil.example"}, 403),
        ({"host": "evil.example", "origin": "http://evil.example"}, 403),
    ],
)
async def test_browsers_come_from_here_only(url: str, headers: dict[str, str], status: int) -> None:
    """Neither another site nor a name that was made to point here gets an answer."""
    async with httpx.AsyncClient() as http:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HANDSHAKE}
        assert (await http.post(f"{url}/mcp/shop", json=asked, headers={**ACCEPT, **headers})).status_code == status


async def test_paths_that_are_not_there(url: str, tmp_path: Path) -> None:
    """An error of the protocol that says what there is; without servers, what to set."""
    async with httpx.AsyncClient() as http:
        for path in ("/mcp/nope", "/mcp/shop/x", "/s/one/mcp/nope"):
            got = await http.post(f"{url}{path}", json={})
            assert (got.status_code, "/mcp/NAME" in got.json()["error"]["message"]) == (404, True)
        async with gateway(tmp_path, {}, mcp_config="") as bare:
            got = await http.post(f"{bare}/mcp", json={})
            assert "set OUTRIDER_MCP_CONFIG" in got.json()["error"]["message"]
            assert (await http.post(f"{bare}/mcpx", json={})).json()["error"]["code"] == "not_found"


async def test_calls_are_counted(fresh: str) -> None:
    """By server, tool and outcome."""
    async with client(f"{fresh}/mcp") as c:
        await c.call_tool("shop_read", {"key": "a"})
        await c.call_tool("shop_fail", {})
    async with httpx.AsyncClient() as http:
        page = (await http.get(f"{fresh}/metrics")).text
    assert 'outrider_tool_calls_total{by="call",outcome="ok",server="shop",tool="read"} 1.0' in page
    assert 'outrider_tool_calls_total{by="call",outcome="error",server="shop",tool="fail"} 1.0' in page
    assert 'outrider_tool_seconds_count{server="shop",tool="read"} 1.0' in page


async def test_listeners_do_not_hold_up_the_end(tmp_path: Path) -> None:
    """A proxy that ends does not wait for those who only listen."""
    async with gateway(tmp_path, {"a": program()}) as url:
        old = client(f"{url}/mcp", "legacy")
        new = client(f"{url}/mcp")
        await old.__aenter__()
        listening = (await new.__aenter__()).listen(tools_list_changed=True)
        await listening.__aenter__()
        began = time.monotonic()
    assert time.monotonic() - began < 10
    for opened in (listening, new, old):
        try:
            await opened.__aexit__(None, None, None)
        except Exception:
            continue

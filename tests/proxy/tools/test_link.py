"""A connection to one tool server: why it failed, in words, and when it is tried again."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from proxy.tools import UNAVAILABLE, ToolFault
from proxy.tools.config import Server
from proxy.tools.link import Link
from tests.live.caller import until
from tests.proxy.tools.house import SHOP, served
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def linked(server: Server, heard: list[tuple[str, str]] | None = None, **given: Any) -> AsyncIterator[Link]:
    """A connection whose first attempt has ended."""
    link = Link(server, lambda name, kind: (heard if heard is not None else []).append((name, kind)), **given)
    running = asyncio.ensure_future(link.run())
    try:
        await link.tried.wait()
        yield link
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (Server("a", "no-such-program"), "there is no program no-such-program"),
        (Server("a", sys.executable, cwd="/no/such/folder"), "or no folder /no/such/folder"),
        (Server("a", sys.executable, ("-c", "raise SystemExit('no licence')")), "its last words: no licence"),
        (Server("a", url="http://127.0.0.1:9/mcp"), "nothing answers at http://127.0.0.1:9/mcp"),
    ],
)
async def test_a_server_that_does_not_start_says_why(server: Server, why: str) -> None:
    """In the error that its callers get."""
    async with linked(server) as link:
        assert why in link.why
        with pytest.raises(ToolFault, match="is not available") as told:
            await link.request("tools/call", {"name": "x"})
        assert why in str(told.value)
        assert told.value.code == UNAVAILABLE


async def test_attempts_come_further_apart() -> None:
    """Twice as long each time, up to the longest."""
    heard: list[tuple[str, str]] = []
    waits = []
    async with linked(Server("a", "no-such-program"), heard, waits=(0.05, 0.2)) as link:
        for count in range(2, 6):
            began = asyncio.get_running_loop().time()
            await until(lambda count=count: len(heard) == count)  # type: ignore[misc]
            waits.append(asyncio.get_running_loop().time() - began)
    assert not link.up
    assert waits[1] > waits[0]
    assert sum(waits) < 2


async def test_listing_and_errors_of_the_server() -> None:
    """Everything it has; its own errors keep their code."""
    async with linked(Server("shop", sys.executable, (SHOP, "--legacy"), {"SHOP": "7"})) as link:
        assert (link.up, link.why, link.modern, link.listing.version) == (True, "", False, "2025-11-25")
        assert [tool["name"] for tool in link.listing.tools][:2] == ["read", "search"]
        assert link.listing.templates[0]["uriTemplate"] == "shop://item/{number}"
        with pytest.raises(ToolFault) as told:
            await link.request("tools/nonsense", {})
        assert told.value.code == -32601


async def test_a_server_that_forgot_the_session_is_met_again() -> None:
    """It was started anew behind the same address: one call fails, the next works."""
    async with served(Shop()) as url:
        port = int(url.split(":")[2].split("/")[0])
        heard: list[tuple[str, str]] = []
        link = Link(Server("web", url=url), lambda name, kind: heard.append((name, kind)), waits=(0.05, 0.1))
        running = asyncio.ensure_future(link.run())
        await link.tried.wait()
    async with served(Shop(), port=port):
        for _ in range(100):
            try:
                result = await link.request("tools/call", {"name": "read", "arguments": {"key": "a"}})
                break
            except ToolFault:
                await asyncio.sleep(0.05)
        assert not result.get("isError")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_one_request_that_breaks_off_breaks_no_other() -> None:
    """A server that resets one connection leaves the calls on others alone, and the link up."""
    shop = Shop()
    shop.delay_s = 0.5
    async with served(shop) as url, cutting(int(url.split(":")[2].split("/")[0])) as (port, cut):  # noqa: SIM117
        async with linked(Server("web", url=f"http://127.0.0.1:{port}/mcp")) as link:
            asked = {"name": "read", "arguments": {"key": "a"}}
            first = asyncio.ensure_future(link.request("tools/call", asked))
            await until(lambda: len(shop.calls) == 1)
            second = asyncio.ensure_future(link.request("tools/call", asked))
            await until(lambda: len(shop.calls) == 2)
            cut()
            answers = await asyncio.gather(first, second, return_exceptions=True)
            assert sorted(type(each).__name__ for each in answers) == ["ToolFault", "dict"]
            assert link.up


@asynccontextmanager
async def cutting(onward: int) -> AsyncIterator[tuple[int, Any]]:
    """A port before a server's; gives it, and what resets the newest connection on which something is under way."""
    writers: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", onward)
        tasks = [asyncio.create_task(pour(reader, back, writer)), asyncio.create_task(pour(there, writer, None))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        back.transport.abort()
        writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter, used: Any) -> None:
        while piece := await source.read(1 << 16):
            if used is not None and b"tools/call" in piece:
                writers.append(used)
            target.write(piece)
            await target.drain()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], lambda: writers[-1].transport.abort()
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()

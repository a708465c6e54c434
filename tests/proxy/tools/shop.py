"""A tool server for tests, written with the official SDK: a shop whose state has a version.

It must not know the proxy. `python shop.py` speaks over its pipes, `--legacy` only the protocol with a handshake.
"""

import asyncio
import json
import os
import sys
from typing import Any

import mcp_types as types
from mcp.server import MCPServer
from mcp.server.lowlevel.server import NotificationOptions
from mcp.server.mcpserver import Context
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server

READ = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITE = types.ToolAnnotations(read_only_hint=False, destructive_hint=True)


class Shop:
    """What the tools work on; `calls` holds every call that reached it, with the `_meta` it carried."""

    def __init__(self) -> None:
        self.version = 0
        self.values: dict[str, str] = {}
        self.calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.cancelled = 0
        self.delay_s = 0.0
        """Seconds that a read takes."""
        self.failing = False

    def took(self, ctx: Context[Any, Any], name: str, **arguments: Any) -> None:
        self.calls.append((name, arguments, dict(ctx.request_context.meta or {})))

    def names(self) -> list[str]:
        """The tools that were called, in order."""
        return [name for name, _, _ in self.calls]


def build(shop: Shop, name: str = "shop") -> MCPServer[Any]:
    """The server of a shop."""
    mcp: MCPServer[Any] = MCPServer(name, instructions=f"This is the {name}.")
    _reads(mcp, shop)
    _writes(mcp, shop)
    _odd(mcp, shop)

    @mcp.resource(f"{name}://catalogue")
    def catalogue() -> str:
        return f"everything of {name}"

    @mcp.resource(f"{name}://item/{{number}}")
    def item(number: str) -> str:
        return f"item {number} of {name}"

    @mcp.prompt()
    def greet(who: str) -> str:
        return f"Greet {who} from {name}"

    return mcp


def _reads(mcp: MCPServer[Any], shop: Shop) -> None:
    @mcp.tool(annotations=READ)
    async def read(ctx: Context[Any, Any], key: str, limit: int = 10) -> str:
        shop.took(ctx, "read", key=key, limit=limit)
        began = shop.version
        try:
            await asyncio.sleep(shop.delay_s)
        except asyncio.CancelledError:
            shop.cancelled += 1
            raise
        if shop.failing:
            raise ValueError("the shelf fell over")
        return json.dumps({"key": key, "value": shop.values.get(key, ""), "version": shop.version, "began": began})

    @mcp.tool(annotations=types.ToolAnnotations(read_only_hint=True))
    def search(ctx: Context[Any, Any], words: str) -> str:
        shop.took(ctx, "search", words=words)
        return f"found {words}"

    @mcp.tool()
    def peek(ctx: Context[Any, Any], key: str) -> str:
        shop.took(ctx, "peek", key=key)
        return shop.values.get(key, "")


def _writes(mcp: MCPServer[Any], shop: Shop) -> None:
    @mcp.tool(annotations=WRITE)
    async def write(ctx: Context[Any, Any], key: str, value: str, seconds: float = 0.0) -> str:
        shop.took(ctx, "write", key=key, value=value)
        await asyncio.sleep(seconds / 2)
        shop.values[key] = value
        shop.version += 1
        await asyncio.sleep(seconds / 2)
        return f"version {shop.version}"


def _odd(mcp: MCPServer[Any], shop: Shop) -> None:
    @mcp.tool()
    async def slow(ctx: Context[Any, Any], steps: int = 3, seconds: float = 0.02) -> str:
        shop.took(ctx, "slow", steps=steps)
        try:
            for step in range(steps):
                await ctx.report_progress(step + 1, steps, f"step {step + 1}")
                await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            shop.cancelled += 1
            raise
        return "done"

    @mcp.tool()
    def state() -> str:
        return json.dumps({"cancelled": shop.cancelled, "calls": shop.names(), "environment": os.environ.get("SHOP")})

    @mcp.tool()
    def fail() -> str:
        raise ValueError("out of stock")

    @mcp.tool()
    def odd() -> types.CallToolResult:
        content = types.TextContent(type="text", text="odd", annotations=types.Annotations(priority=0.5))
        return types.CallToolResult(
            content=[content], structured_content={"n": None, "list": [1.0, "ü"]}, _meta={"shop/x": {"y": 1}}
        )

    @mcp.tool()
    async def grow(ctx: Context[Any, Any]) -> str:
        mcp.add_tool(lambda: "new", name="newcomer")
        if ctx.request_context.protocol_version < "2026":
            await ctx.session.send_tool_list_changed()
        else:
            await ctx.notify_tools_changed()
        return "grown"

    @mcp.tool()
    def die() -> str:
        print("the shop closes its doors", file=sys.stderr, flush=True)
        os._exit(3)


async def _legacy(mcp: MCPServer[Any]) -> None:
    server = mcp._lowlevel_server
    options = server.create_initialization_options(NotificationOptions(tools_changed=True))
    async with stdio_server() as (read, write), server.lifespan(server) as state:
        await serve_loop(server, read, write, lifespan_state=state, init_options=options)


if __name__ == "__main__":
    NAME = next((word for word in sys.argv[1:] if not word.startswith("-")), "shop")
    if "--legacy" in sys.argv:
        asyncio.run(_legacy(build(Shop(), NAME)))
    else:
        build(Shop(), NAME).run()

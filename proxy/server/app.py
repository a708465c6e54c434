"""The whole ASGI app: API paths go to the road, tools to the gateway, sockets to the relay, the rest to the admin.

It must not know policies or upstreams; it only points the way, and opens and closes the house.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

from proxy.server.address import TOOLS, split
from proxy.server.intake import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]

ADMIN = ("/outrider", "/healthz", "/readyz", "/metrics")


@dataclass(frozen=True, slots=True)
class Apps:
    """What there is behind one port."""

    road: App
    realtime: App
    admin: App
    tools: App | None = None
    """The MCP gateway."""


class Outrider:
    """One app of four, opened when the server starts and closed when it stops.

    Paths that nobody knows are answered by the road, in the API's own error shape.
    """

    def __init__(self, house: Callable[[], AbstractAsyncContextManager[Apps]]) -> None:
        self._house = house
        self._apps: Apps | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI scope."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._live(receive, send)
            return
        apps = self._apps
        if apps is None:
            raise RuntimeError("the server does not speak ASGI's lifespan protocol, so nothing was opened")
        if kind == "websocket":
            await apps.realtime(scope, receive, send)
        elif scope["path"].startswith(ADMIN):
            await apps.admin(scope, receive, send)
        elif apps.tools and TOOLS in scope["path"] and split(scope["raw_path"].decode("latin-1"), TOOLS):
            await apps.tools(scope, receive, send)
        else:
            await apps.road(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """ASGI lifespan: opens the house, waits for the end, closes it."""
        await receive()
        async with AsyncExitStack() as stack:
            try:
                self._apps = await stack.enter_async_context(self._house())
            except Exception as fault:
                await send({"type": "lifespan.startup.failed", "message": str(fault)})
                raise
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

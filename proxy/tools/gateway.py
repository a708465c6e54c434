"""The MCP gateway: all tool servers as one, and each by itself, for any MCP client.

It must not know how a call is answered (that is handed in), nor policies, nor the road. With `view`, `link` and
`reach` the room of the MCP library: nothing else imports it, and these only when OUTRIDER_MCP_CONFIG asks for them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from proxy.tools import INVALID_PARAMS, Definition, Progress, Result, Run, ToolFault, Visitor
from proxy.tools.catalogue import Catalogue, Place
from proxy.tools.config import Server
from proxy.tools.link import WAITS, Link
from proxy.tools.view import KINDS, Params, View, found, onward

FIRST_LOOK_S = 10.0
"""Seconds that a client waits at most for the servers' first attempt to start."""

Call = Callable[[Visitor, Place, Definition, Params, Run], Awaitable[Result]]
"""Answers a tool call: whose, which tool, as it is defined, `params` as for the server, and how to ask the server."""


class Gateway:
    """All servers behind `/mcp`, one behind `/mcp/{name}`."""

    def __init__(self, servers: Iterable[Server], call: Call, *, waits: tuple[float, float] = WAITS) -> None:
        self.links = {server.name: Link(server, self._changed, waits=waits) for server in servers}
        self.catalogue = Catalogue({})
        """Everything of all servers, under the names of `/mcp`."""
        self._call = call
        self._views = {"": View(self, tuple(self.links))}
        self._views |= {name: View(self, (name,)) for name in self.links}
        self._heard: list[Callable[[str, str], None]] = []
        self._notices: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Starts the servers and keeps them up for as long as the block."""
        for chatty in ("mcp", "httpx2"):
            logging.getLogger(chatty).setLevel(logging.WARNING)  # a line for each request of each connection
        async with AsyncExitStack() as stack:
            for view in self._views.values():
                await stack.enter_async_context(view.manager.run())
            tasks = [asyncio.create_task(link.run()) for link in self.links.values()]
            try:
                yield
            finally:
                for task in (*tasks, *self._notices):
                    task.cancel()
                await asyncio.gather(*tasks, *self._notices, return_exceptions=True)

    def hear(self, changed: Callable[[str, str], None]) -> None:
        """Tells `changed` (server, kind) of every change of a server's listing or state, before any client hears."""
        self._heard.append(changed)

    def knows(self, name: str) -> bool:
        """Whether there is a server of this name; the empty one stands for all."""
        return name in self._views

    async def serve(self, name: str, visitor: Visitor, scope: Any, receive: Any, send: Any) -> None:
        """Answers one HTTP request at the view `name`."""
        view = self._views[name]
        await self._first_look(view.names)
        token = AccessToken(token="", client_id=visitor.caller, scopes=[])
        # A session of the protocol is bound to the user who opened it: nobody else's requests are taken for it.
        scope = {**scope, "user": AuthenticatedUser(token), "outrider": visitor}
        if scope["method"] == "DELETE":
            view.forget(scope)
        await view.manager.handle_request(scope, receive, send)

    async def ask(self, view: View, visitor: Visitor, params: Params, progress: Progress | None) -> Result:
        """A tool call of a client. Raises `ToolFault`."""
        name, arguments = params.get("name"), params.get("arguments")
        if not isinstance(name, str) or not isinstance(arguments, Mapping | None):
            raise ToolFault(INVALID_PARAMS, 'tools/call needs a "name" and an object "arguments"')
        place, definition = found("tool", view.catalogue.tools, name)
        link = self.links[place.server]
        asked = onward(params, name=place.name)

        async def run() -> Result:
            return await link.request("tools/call", asked, progress)

        return await self._call(visitor, place, definition, asked, run)

    async def _first_look(self, names: Iterable[str]) -> None:
        waiting = [self.links[name].tried.wait() for name in names if not self.links[name].tried.is_set()]
        if waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_LOOK_S):
                    await asyncio.gather(*waiting)

    def _changed(self, server: str, kind: str) -> None:
        """A server's listing or state is another one now."""
        self.catalogue = Catalogue({name: link.listing for name, link in self.links.items()})
        for told in self._heard:
            told(server, kind)
        for view in (self._views[""], self._views[server]):
            view.renew()
            if kind in KINDS:
                task = asyncio.get_running_loop().create_task(view.tell(kind))
                self._notices.add(task)
                task.add_done_callback(self._notices.discard)

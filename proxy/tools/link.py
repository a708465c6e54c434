"""A connection to one tool server, kept up: started, listed, watched, and made again with back-off when it breaks.

It must not know who calls, nor how servers are offered together. One of the rooms of the MCP library.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx2
import mcp_types as types
from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter, ValidationError

from proxy.tools import INTERNAL_ERROR, UNAVAILABLE, Progress, Result, ToolFault
from proxy.tools.catalogue import Listing
from proxy.tools.config import Server
from proxy.tools.reach import reach, watched
from proxy.version import installed

START_S = 30.0
"""Seconds that a server may take to start and list what it has."""
WAITS = (0.5, 30.0)
"""Seconds before the first attempt to start it again, and at most; doubled each time it fails."""
STABLE_S = 60.0
"""A connection that held so long was a good one: the next wait is the first again."""
MOST_PAGES = 200
ENDED = "it ended the connection"
CLOSED = "Connection closed"
"""What the library says when the whole connection has ended, and not only the answer to one request."""
SESSION_GONE = "Session terminated"
CHANGED = {
    types.ToolListChangedNotification: "tools",
    types.PromptListChangedNotification: "prompts",
    types.ResourceListChangedNotification: "resources",
}
KINDS = tuple(CHANGED.values())

Changed = Callable[[str, str], None]
"""Told (server, kind) when a listing changed: `tools`, `prompts`, `resources`; or `state` when it went up or down."""

log = logging.getLogger("outrider.tools")


class Relayed(types.Request[dict[str, Any], str]):
    """A request as it came: nothing is left out because nobody here knows it."""

    method: str
    params: dict[str, Any]


ANYTHING: Any = TypeAdapter(dict[str, Any])


class Link:
    """One server. `run` keeps it up until it is cancelled."""

    def __init__(self, server: Server, changed: Changed, *, waits: tuple[float, float] = WAITS) -> None:
        self.server = server
        self.listing = Listing()
        """What it listed last; kept while it is down, so that what agents are offered stays."""
        self.tried = asyncio.Event()
        """Set once the first attempt to reach it has ended, well or not."""
        self._changed = changed
        self._waits = waits
        self._client: Client | None = None
        self._why = "it is starting"
        self._again_at = 0.0
        self._broken = asyncio.Event()
        self._stale: set[str] = set()
        self._wake = asyncio.Event()
        self._said: deque[str] = deque(maxlen=1)

    @property
    def up(self) -> bool:
        """Whether calls reach it now."""
        return self._client is not None

    @property
    def why(self) -> str:
        """Why it is down, in words; empty while it is up."""
        return "" if self.up else self._why

    @property
    def modern(self) -> bool:
        """Whether the stateless protocol (2026-07-28 and later) is spoken with it."""
        return self.listing.version in MODERN_PROTOCOL_VERSIONS

    async def run(self) -> None:
        """Connects, stays connected, and connects again."""
        loop = asyncio.get_running_loop()
        wait = self._waits[0]
        while True:
            began = loop.time()
            try:
                await self._connected()
                self._why = ENDED
            except Exception as fault:
                self._why = self._told(fault)
            self._client = None
            wait = self._waits[0] if loop.time() - began > STABLE_S else wait
            self._again_at = loop.time() + wait
            log.warning("tool server %s: %s; next attempt in %.1f s", self.server.name, self._why, wait)
            self.tried.set()
            self._changed(self.server.name, "state")
            await asyncio.sleep(wait)
            wait = min(2 * wait, self._waits[1])

    async def request(self, method: str, params: dict[str, Any], on_progress: Progress | None = None) -> Result:
        """The server's result. Raises `ToolFault`: the server's own error, or `UNAVAILABLE` when it is not there.

        Cancelled, it cancels the request at the server.
        """
        client = self._client
        if client is None:
            raise self.unavailable()
        try:
            result: Result = await client.session.send_request(
                Relayed(method=method, params=params), ANYTHING, progress_callback=on_progress
            )
        except MCPError as fault:
            if fault.error.message in (CLOSED, SESSION_GONE):
                self._broken.set()
            if fault.error.code in (types.CONNECTION_CLOSED, UNAVAILABLE) or fault.error.message == SESSION_GONE:
                raise self._lost() from None
            raise ToolFault(fault.error.code, fault.error.message, fault.error.data) from None
        except ValidationError:
            said = f"tool server {self.server.name} answered {method} with something that is not of the protocol"
            raise ToolFault(INTERNAL_ERROR, said) from None
        except Exception as fault:
            log.debug("tool server %s: %r", self.server.name, fault)
            raise self._lost() from None
        return result

    def unavailable(self) -> ToolFault:
        """The error that is told while it is down."""
        left = max(0.0, self._again_at - asyncio.get_running_loop().time())
        said = f"Outrider: the tool server {self.server.name} is not available ({self._why}); "
        said += f"it is started again in {left:.0f} s" if left >= 1 else "it is being started again"
        return ToolFault(UNAVAILABLE, said, {"server": self.server.name, "retry_in_s": round(left, 1)})

    def _lost(self) -> ToolFault:
        said = f"Outrider: the tool server {self.server.name} broke the connection before it answered; "
        said += "whether it did what was asked is not known"
        return ToolFault(UNAVAILABLE, said, {"server": self.server.name, "sent": True})

    async def _connected(self) -> None:
        """One connection, from its start to its end."""
        self._broken = asyncio.Event()
        self._said.clear()
        me = types.Implementation(name="outrider", version=installed())
        transport = watched(reach(self.server, self._overhear, START_S), self._broken)
        client = Client(transport, cache=None, message_handler=self._hear, client_info=me)
        async with asyncio.timeout(START_S) as patience, client:
            self.listing = await self._listed(client, KINDS)
            patience.reschedule(None)
            self._client = client
            self.tried.set()
            log.info("tool server %s is up, %d tools", self.server.name, len(self.listing.tools))
            for kind in ("state", *KINDS):
                self._changed(self.server.name, kind)
            await self._live(client)

    async def _live(self, client: Client) -> None:
        """Keeps the listing true until the connection breaks."""
        async with asyncio.TaskGroup() as beside:
            tasks = [beside.create_task(self._renew(client)), beside.create_task(self._listen(client))]
            await self._broken.wait()
            self._client, self._why = None, ENDED
            for task in tasks:
                task.cancel()

    def _overhear(self, line: str) -> None:
        self._said.append(line)
        log.debug("tool server %s says: %s", self.server.name, line)

    async def _hear(self, message: Any) -> None:
        kind = CHANGED.get(type(message))
        if kind:
            self._mark(kind)

    def _mark(self, kind: str) -> None:
        self._stale.add(kind)
        self._wake.set()

    async def _renew(self, client: Client) -> None:
        """Lists again what the server says has changed."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            kinds = tuple(kind for kind in KINDS if kind in self._stale)
            self._stale.clear()
            try:
                self.listing = await self._listed(client, kinds)
            except MCPError as fault:
                log.warning("tool server %s does not list again: %s", self.server.name, fault)
            for kind in kinds:
                self._changed(self.server.name, kind)

    async def _listen(self, client: Client) -> None:
        """The stateless protocol tells of changes only to those who listen."""
        if not self.modern:
            return
        with suppress(MCPError):
            while True:
                await self._hear_events(client)
                await asyncio.sleep(self._waits[0])
                for kind in KINDS:
                    self._mark(kind)

    async def _hear_events(self, client: Client) -> None:
        """One stream of events, until it ends."""
        with suppress(SubscriptionLost):
            async with client.listen(
                tools_list_changed=True, prompts_list_changed=True, resources_list_changed=True
            ) as events:
                async for event in events:
                    self._mark(type(event).__name__.removesuffix("ListChanged").lower())

    async def _listed(self, client: Client, kinds: tuple[str, ...]) -> Listing:
        """The listing with these kinds asked again."""
        has, old = client.server_capabilities, self.listing
        tools, prompts = old.tools, old.prompts
        resources, templates = old.resources, old.templates
        if "tools" in kinds:
            tools = await _pages(client, "tools/list", "tools") if has.tools else ()
            if "x-mcp-header" in str(tools):
                await client.list_tools()  # the library learns from it which arguments go into headers, too
        if "prompts" in kinds:
            prompts = await _pages(client, "prompts/list", "prompts") if has.prompts else ()
        if "resources" in kinds and has.resources:
            resources = await _pages(client, "resources/list", "resources")
            templates = await _pages(client, "resources/templates/list", "resourceTemplates")
        return Listing(tools, prompts, resources, templates, client.instructions or "", client.protocol_version)

    def _told(self, fault: BaseException) -> str:
        """Why a connection failed, for the one who configured it."""
        while isinstance(fault, BaseExceptionGroup):
            fault = fault.exceptions[0]
        if isinstance(fault, TimeoutError):
            return f"it did not answer within {START_S:g} s"
        if isinstance(fault, FileNotFoundError):
            return f"there is no program {self.server.command}" + (
                f", or no folder {self.server.cwd}" if self.server.cwd else ""
            )
        if isinstance(fault, httpx2.ConnectError):
            return f"nothing answers at {self.server.shown}"
        last = f"; its last words: {self._said[-1][:300]}" if self._said else ""
        if isinstance(fault, MCPError) and fault.error.code == types.CONNECTION_CLOSED:
            return f"it ended before it spoke MCP{last}"
        return f"{type(fault).__name__}: {fault}{last}"


async def _pages(client: Client, method: str, key: str) -> tuple[dict[str, Any], ...]:
    """All pages of a listing, as they came. A server that does not know the method lists nothing."""
    found: list[dict[str, Any]] = []
    params: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        try:
            page = await client.session.send_request(Relayed(method=method, params=params), ANYTHING)
        except MCPError as fault:
            if fault.error.code == types.METHOD_NOT_FOUND:
                break
            raise
        found += [each for each in page.get(key, ()) if isinstance(each, dict)]
        if not page.get("nextCursor"):
            break
        params = {"cursor": page["nextCursor"]}
    return tuple(found)

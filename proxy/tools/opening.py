"""Opens the tool side: servers read, gateway started, both sides joined, calls answered and made ahead.

It must not know the road. The MCP library costs half a second and some memory, so its rooms are imported only here and
only when a file of servers is given.
"""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import orjson

from proxy.settings import Settings
from proxy.tools import Called, Hear, Prefetched, Result
from proxy.tools.accounts import Accounts
from proxy.tools.calling import Calls
from proxy.tools.catalogue import Catalogue
from proxy.tools.config import read_servers
from proxy.tools.emitted import Emitted
from proxy.tools.lookout import Lookout
from proxy.tools.outcomes import Board, Call, Outcomes
from proxy.tools.pace import Limits
from proxy.tools.prefetch import ModeOf, Prefetch
from proxy.tools.rules import Rules, place_of, places
from proxy.tools.shelf import Shelf
from proxy.wire import Form

if TYPE_CHECKING:
    from proxy.tools.gateway import Gateway


@dataclass(slots=True)
class Servers:
    """The tool servers behind the gateway, as calls ahead need them."""

    gateway: "Gateway | None" = None

    @property
    def catalogue(self) -> Catalogue:
        """What they offer now."""
        return self.gateway.catalogue if self.gateway else Catalogue({})

    def down(self, server: str) -> str:
        """See `proxy.tools.prefetch.Servers`."""
        return self.gateway.links[server].why if self.gateway else "there is none"

    def version(self, server: str) -> str:
        """See `proxy.tools.prefetch.Servers`."""
        return self.gateway.links[server].listing.version if self.gateway else ""

    def together(self, server: str) -> bool:
        """The stateless protocol has no session whose order could matter; an older server has to show it."""
        return self.gateway is not None and self.gateway.links[server].modern

    async def request(self, server: str, params: dict[str, Any]) -> Result:
        """See `proxy.tools.prefetch.Servers`."""
        assert self.gateway is not None
        return await self.gateway.links[server].request("tools/call", params)


@dataclass(frozen=True, slots=True)
class Side:
    """The tool side: the gateway for clients, and what the road needs of it."""

    gateway: "Gateway"
    lookout: Lookout
    prefetch: Prefetch
    accounts: Accounts
    """What calls ahead brought each session."""
    board: Board | None = None
    """Who tells of results; None where nobody asks."""


@asynccontextmanager
async def opened(
    settings: Settings,
    forms: Callable[[str], Form],
    hear: Hear | None,
    mode_of: ModeOf | None = None,
    tick: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Side | None]:
    """The tool side as the settings say, for as long as the block; None without servers. Raises `ConfigError`.

    It is open at once: servers start beside it, and one that does not start is told of when it is called. `mode_of`:
    whether calls are made ahead for an exchange; else that is as for all.
    """
    if not settings.mcp_config:
        yield None
        return
    accounts, servers = Accounts(), Servers()
    hear = _both(accounts.hear, hear) if hear else accounts.hear
    emitted = Emitted(lambda: servers.catalogue, tick)
    shelf = Shelf(tick, hear, _size, Limits(probation=settings.prefetch_probation))
    rules = rules_of(settings)
    outcomes = Outcomes(tick, _size) if settings.prefetch_next else None
    noted = (lambda *call: outcomes.note(Call(*call[:3]), call[3])) if outcomes else None
    calls = Calls(rules, emitted, shelf, hear, tick, servers.version, noted)
    known = read_servers(settings.mcp_config, os.environ)
    servers.gateway = import_module("proxy.tools.gateway").Gateway(known, calls.answer)

    def changed(server: str, _kind: str) -> None:
        shelf.drop(server, "dropped")  # a server that changes may answer otherwise, too
        emitted.renew()

    servers.gateway.hear(changed)
    async with servers.gateway.running():
        mode_of = mode_of or (lambda _: settings.prefetch)
        prefetch = Prefetch(settings.prefetch, mode_of, rules, emitted, shelf, lambda: servers, hear)
        dispatch = prefetch if "stream" in settings.prefetch_windows else None
        board = Board(prefetch, outcomes) if outcomes else None
        yield Side(servers.gateway, Lookout(emitted, forms, dispatch), prefetch, accounts, board)
        shelf.close()


def rules_of(settings: Settings) -> Rules:
    """What the settings allow to be called ahead."""
    ttls = tuple((place_of(word), float(seconds)) for word, seconds in settings.prefetch_ttls.items())
    allowed = places(settings.prefetch_tools)
    return Rules(allowed, places(settings.prefetch_open_world), settings.prefetch_ttl_s, ttls)


def _size(result: Result) -> int:
    return len(orjson.dumps(result, default=str))


def _both(one: Hear, other: Hear) -> Hear:
    def hear(told: Called | Prefetched) -> None:
        one(told)
        other(told)

    return hear

"""Calls ahead of an agent: a wish of a policy becomes a call whose result waits on the shelf, if every rule allows it.

It must not know any policy, nor how a server is reached.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from proxy.exchange import Exchange
from proxy.policy import Failure, Tool
from proxy.tools import PREFETCH, Definition, Hear, Owner, Prefetched, Result, ToolFault, good
from proxy.tools.ahead import Entry, Key, Refused
from proxy.tools.catalogue import Catalogue, Place
from proxy.tools.emitted import Emitted, fingerprint, stamp
from proxy.tools.rules import Rules
from proxy.tools.shelf import Shelf

Mode = Literal["off", "shadow", "on"]


class Servers(Protocol):
    """The tool servers, as a call ahead needs them."""

    @property
    def catalogue(self) -> Catalogue: ...
    def down(self, server: str) -> str:
        """Why it cannot be called now; empty when it can."""

    def version(self, server: str) -> str:
        """The protocol version that is spoken with it."""

    def together(self, server: str) -> bool:
        """Whether it bears several calls at once."""

    async def request(self, server: str, params: dict[str, Any]) -> Result:
        """A call of a tool."""


@dataclass(frozen=True, slots=True)
class Prefetch:
    """Performs the wish `Tool`."""

    mode: Mode
    rules: Rules
    emitted: Emitted
    shelf: Shelf
    servers: Callable[[], Servers]
    hear: Hear

    async def perform(self, wish: Tool, exchange: Exchange) -> Result | Failure:
        """The result of a call made ahead for the exchange's session, or why there is none. It waits for the agent on
        the shelf all the same, and goes on when nobody waits for it here any more."""
        owner = Owner(exchange.request.caller, exchange.session.id)
        self._settle(owner, exchange)
        try:
            entry = self.launch(owner, wish.name, wish.arguments, exchange.id)
        except Refused as refusal:
            return Failure(str(refusal))
        try:
            result = await asyncio.shield(entry.task)
        except ToolFault as fault:
            return Failure(str(fault))
        except asyncio.CancelledError:
            if not entry.task.cancelled():
                raise
            return Failure("it was dropped")
        return result if good(result) else Failure("the tool says that it failed")

    def launch(self, owner: Owner, name: str, arguments: Mapping[str, Any], exchange: str = "") -> Entry:
        """Makes a call ahead, by the name under which a model knows the tool. Raises `Refused`."""
        servers = self.servers()
        place, definition = self._meant(servers.catalogue, name)
        objection = self.rules.objection(place, definition) or servers.down(place.server)
        if not objection and any(self._may_write(servers.catalogue, owner, place.server)):
            objection = "a call that may write was emitted and has not come yet"
        if objection or self.mode == "off":
            raise Refused(objection or "it is switched off (OUTRIDER_PREFETCH)")
        if self.mode == "shadow":
            self.hear(Prefetched(place.server, place.name, "shadow"))
            raise Refused("in shadow: it would have been called")
        asked = {"name": place.name, "arguments": dict(arguments), "_meta": {PREFETCH: {"ahead": True}}}
        version = servers.version(place.server)
        key = Key(owner, place, fingerprint(arguments, definition), stamp(definition, version))
        return self.shelf.launch(
            key,
            lambda: servers.request(place.server, asked),
            ttl_s=self.rules.ttl(place),
            exchange=exchange,
            together=servers.together(place.server),
        )

    def _meant(self, catalogue: Catalogue, name: str) -> tuple[Place, Definition]:
        places = catalogue.resolve(name)
        if len(places) != 1:
            raise Refused("no server has such a tool" if not places else "several servers have such a tool")
        return places[0], dict(catalogue.tools.items.values())[places[0]]

    def _may_write(self, catalogue: Catalogue, owner: Owner, server: str) -> list[Place]:
        """Calls of this session that were emitted, have not come yet, and may write."""
        definitions = dict(catalogue.tools.items.values())
        return [
            place
            for emission in self.emitted.waiting(owner)
            for place in emission.places
            if place.server == server and not self.rules.reads(place, definitions.get(place, {}))
        ]

    def _settle(self, owner: Owner, exchange: Exchange) -> None:
        conversation = exchange.request.conversation
        turns = conversation.turns[-64:] if conversation else ()
        self.emitted.settle(owner, {result.id for turn in turns for result in turn.results})

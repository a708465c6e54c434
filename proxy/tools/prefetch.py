"""Calls ahead of an agent: a wish of a policy becomes a call whose result waits on the shelf, if every rule allows it.

It must not know any policy, nor how a server is reached.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from proxy.exchange import Exchange, Note
from proxy.policy import Failure, Tool
from proxy.tools import PREFETCH, Definition, Hear, Owner, Prefetched, Result, ToolFault, good
from proxy.tools.ahead import Busy, Entry, Key, Refused
from proxy.tools.catalogue import Catalogue, Place
from proxy.tools.emitted import Emitted, fingerprint, stamp
from proxy.tools.rules import Rules
from proxy.tools.shelf import CERTAIN, Shelf

ModeOf = Callable[[Exchange], str]
"""`off`, `shadow` or `on` for an exchange."""
Tell = Callable[[Note], None]
"""Takes what is to be said of an exchange."""


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

    mode: str
    mode_of: ModeOf
    """The mode for an exchange, where its agent or its request has one of its own."""
    rules: Rules
    emitted: Emitted
    shelf: Shelf
    servers: Callable[[], Servers]
    hear: Hear

    async def perform(self, wish: Tool, exchange: Exchange, tell: Tell) -> Result | Failure:
        """The result of a call made ahead for the exchange's session, or why there is none. It waits for the agent on
        the shelf all the same, and goes on when nobody waits for it here any more.

        While others are under way it waits for its turn; the order of wishes is that of launches.
        """
        self.settle(exchange)
        while True:
            try:
                entry = self.launch_for(exchange, wish.name, wish.arguments, wish.window, tell)
                break
            except Busy:
                await self.shelf.room.wait()
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

    def launch_for(self, exchange: Exchange, name: str, arguments: Mapping[str, Any], window: str, tell: Tell) -> Entry:
        """Makes a call ahead for an exchange, and tells of it. Raises `Refused`."""
        owner = Owner(exchange.request.caller, exchange.session.id)
        entry = self.launch(owner, name, arguments, exchange.id, self.mode_of(exchange), window)
        if not entry.told:
            entry.told = True
            tell(Note("tools", window or "wish", f"{entry.key.place.server}/{entry.key.place.name} called ahead"))
        return entry

    def start(self, exchange: Exchange, name: str, arguments: Mapping[str, Any], tell: Tell) -> Entry:
        """The same for a call that the model has made already: where there is no room, a guess of its session has to
        make it. Raises `Refused`."""
        try:
            return self.launch_for(exchange, name, arguments, CERTAIN, tell)
        except Busy:
            if not self.shelf.step_aside(Owner(exchange.request.caller, exchange.session.id)):
                raise
        return self.launch_for(exchange, name, arguments, CERTAIN, tell)

    def launch(
        self,
        owner: Owner,
        name: str,
        arguments: Mapping[str, Any],
        exchange: str = "",
        mode: str | None = None,
        window: str = "",
    ) -> Entry:
        """Makes a call ahead, by the name under which a model knows the tool. Raises `Refused`."""
        servers, mode = self.servers(), mode or self.mode
        place, definition = self.meant(servers.catalogue, name)
        objection = self.rules.objection(place, definition) or servers.down(place.server)
        if not objection and any(self._may_write(servers.catalogue, owner, place.server)):
            objection = "a call that may write was emitted and has not come yet"
        if objection or mode == "off":
            raise Refused(objection or "it is switched off (OUTRIDER_PREFETCH)")
        if mode == "shadow":
            self.hear(Prefetched(place.server, place.name, "shadow", window, owner))
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
            window=window,
        )

    def settle(self, exchange: Exchange) -> None:
        """Notes which emitted calls the exchange's conversation shows as made."""
        owner, conversation = Owner(exchange.request.caller, exchange.session.id), exchange.request.conversation
        turns = conversation.turns[-64:] if conversation else ()
        self.emitted.settle(owner, {result.id for turn in turns for result in turn.results})

    def meant(self, catalogue: Catalogue, name: str) -> tuple[Place, Definition]:
        """The tool of this name, as a model knows it. Raises `Refused`."""
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

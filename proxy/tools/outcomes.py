"""What agents got for their calls, for a moment: so that it is known when all results of a reply are there.

It must not know who asks, nor how a server is reached. It makes no call and gives no result to any client.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from proxy.exchange import Exchange
from proxy.policy import Failure, Got
from proxy.policy import Result as Wish
from proxy.tools import Owner, Result, good
from proxy.tools.ahead import Key, Refused
from proxy.tools.catalogue import Place
from proxy.tools.emitted import fingerprint, stamp
from proxy.tools.prefetch import Prefetch

KEPT_S = 30.0
MOST = 256
MOST_BYTES = 256 << 10
"""Of a result; of a longer one nobody is told."""


class Call(NamedTuple):
    """A call as it is known: whose, of which tool, with which arguments."""

    owner: Owner
    place: Place
    arguments: str
    """Their fingerprint."""


@dataclass(slots=True)
class Outcomes:
    """Results by call, the latest."""

    tick: Callable[[], float]
    size_of: Callable[[Result], int]
    _known: OrderedDict[Call, tuple[float, Result]] = field(default_factory=OrderedDict)
    _waiting: dict[Call, list["asyncio.Future[Result]"]] = field(default_factory=dict)

    def note(self, call: Call, result: Result) -> None:
        """An agent got this."""
        if not call.owner.session or not good(result) or self.size_of(result) > MOST_BYTES:
            return
        self._known[call] = (self.tick(), result)
        self._known.move_to_end(call)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        for waiting in self._waiting.pop(call, ()):
            if not waiting.done():
                waiting.set_result(result)

    async def of(self, call: Call) -> Result:
        """What an agent got, or gets, for this call; each is given once. Empty at the end of all."""
        at, result = self._known.pop(call, (0.0, {}))
        if result and self.tick() - at <= KEPT_S:
            return result
        waiting: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(call, []).append(waiting)
        try:
            result = await waiting
            self._known.pop(call, None)
            return result
        finally:
            if not waiting.done() or waiting.cancelled():
                self._leave(call, waiting)

    def close(self) -> None:
        """Nobody waits any more."""
        for waiting in [each for many in self._waiting.values() for each in many]:
            if not waiting.done():
                waiting.set_result({})
        self._waiting.clear()

    def _leave(self, call: Call, waiting: "asyncio.Future[Result]") -> None:
        others = [each for each in self._waiting.get(call, ()) if each is not waiting]
        if others:
            self._waiting[call] = others
        else:
            self._waiting.pop(call, None)


@dataclass(frozen=True, slots=True)
class Board:
    """Performs the wish `Result`."""

    prefetch: Prefetch
    outcomes: Outcomes

    async def perform(self, wish: Wish, exchange: Exchange) -> Got | Failure:
        """The result of a call that the exchange's model has made: what waits on the shelf for it, or what the agent
        gets."""
        began, servers = self.outcomes.tick(), self.prefetch.servers()
        try:
            place, definition = self.prefetch.meant(servers.catalogue, wish.name)
        except Refused as refused:
            return Failure(str(refused))
        owner = Owner(exchange.request.caller, exchange.session.id)
        print_ = fingerprint(wish.arguments, definition)
        key = Key(owner, place, print_, stamp(definition, servers.version(place.server)))
        result = await self._first(key, Call(owner, place, print_))
        return Got(result, self.outcomes.tick() - began) if result else Failure("the house closes")

    async def _first(self, key: Key, call: Call) -> Result:
        """Whichever is there first."""
        got = asyncio.ensure_future(self.outcomes.of(call))
        try:
            entry = self.prefetch.shelf.held(key)
            if entry is not None:
                await asyncio.wait({got, entry.task}, return_when=asyncio.FIRST_COMPLETED)
                if not got.done() and entry.well and self.prefetch.shelf.held(key) is entry:
                    return entry.task.result()
            return await got
        finally:
            got.cancel()

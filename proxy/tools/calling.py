"""A tool call on its way: whose it is, who answers it, what is told of it.

It must not know the MCP library, how a server is reached, nor the road.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from proxy.tools import UNAVAILABLE, Called, Definition, Hear, Owner, Result, Run, ToolFault, Visitor
from proxy.tools.ahead import Key, Served
from proxy.tools.catalogue import Place
from proxy.tools.emitted import Claim, Emitted, fingerprint, stamp
from proxy.tools.rules import Rules
from proxy.tools.shelf import Shelf

AGAIN = frozenset(("inputResponses", "requestState"))
"""What a request holds that goes on with an earlier one: its answer is never an early one."""

log = logging.getLogger("outrider.tools")


@dataclass(frozen=True, slots=True)
class Calls:
    """Answers the tool calls that come to the gateway."""

    rules: Rules
    emitted: Emitted
    shelf: Shelf
    hear: Hear
    tick: Callable[[], float]
    version: Callable[[str], str]
    """The protocol version that is spoken with a server."""
    told: Callable[[Owner, Place, str, Result], None] | None = None
    """Takes whose call of which tool, with arguments of which fingerprint, got which result."""

    async def answer(
        self, visitor: Visitor, place: Place, definition: Definition, params: Mapping[str, Any], run: Run
    ) -> Result:
        """The result of one call. Raises `ToolFault`."""
        began, outcome, served = self.tick(), "cancelled", Served({})
        print_ = fingerprint(params.get("arguments") or {}, definition)
        claim = self.emitted.claim(visitor, place, print_, params.get("_meta") or {})
        try:
            if self.rules.reads(place, definition):
                served = await self._read(claim, place, definition, print_, params, run)
            else:
                with self.shelf.writing(place.server):
                    served = Served(await run())
            if self.told is not None:
                self.told(claim.owner, place, print_, served.result)
            outcome = "error" if served.result.get("isError") else "ok"
        except ToolFault as fault:
            outcome = "unavailable" if fault.code == UNAVAILABLE else "fault"
            raise
        finally:
            taken = self.tick() - began
            told = Called(place.server, place.name, claim.owner, taken, outcome, served.by, served.saved_s, claim.by)
            self._tell(told)
        return served.result

    async def _read(
        self, claim: Claim, place: Place, definition: Definition, print_: str, params: Mapping[str, Any], run: Run
    ) -> Served:
        key = Key(claim.owner, place, print_, stamp(definition, self.version(place.server)))
        return await self.shelf.answer(key, run, early=AGAIN.isdisjoint(params))

    def _tell(self, called: Called) -> None:
        log.info("%s", sentence(called))
        try:
            self.hear(called)
        except Exception:
            log.exception("a call could not be counted")


def sentence(called: Called) -> str:
    """A call in words: no arguments and no results, they are the user's."""
    words = [f"tool {called.server}/{called.tool} {called.outcome}", f"{called.seconds * 1e3:.0f} ms"]
    if called.by != "call":
        words.append(f"by {called.by}, saved {called.saved_s * 1e3:.0f} ms")
    if called.owner.session:
        words.append(f"session {called.owner.session}" + (f" by {called.joined_by}" if called.joined_by else ""))
    return " · ".join(words)

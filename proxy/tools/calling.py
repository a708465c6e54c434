"""A tool call on its way: whose it is, who answers it, what is told of it.

It must not know the MCP library, how a server is reached, nor the road.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from proxy.tools import UNAVAILABLE, Called, Definition, Hear, Result, Run, ToolFault, Visitor
from proxy.tools.catalogue import Place

log = logging.getLogger("outrider.tools")


class Calls:
    """Answers the tool calls that come to the gateway."""

    def __init__(self, hear: Hear, tick: Callable[[], float]) -> None:
        """`hear` is told of each call that has ended; `tick` gives monotonic seconds."""
        self._hear = hear
        self._tick = tick

    async def answer(
        self, visitor: Visitor, place: Place, definition: Definition, params: Mapping[str, Any], run: Run
    ) -> Result:
        """The result of one call. Raises `ToolFault`."""
        began, outcome = self._tick(), "cancelled"
        try:
            result = await run()
            outcome = "error" if result.get("isError") else "ok"
        except ToolFault as fault:
            outcome = "unavailable" if fault.code == UNAVAILABLE else "fault"
            raise
        finally:
            self._tell(Called(place.server, place.name, visitor.session, self._tick() - began, outcome))
        return result

    def _tell(self, called: Called) -> None:
        log.info("%s", sentence(called))
        try:
            self._hear(called)
        except Exception:
            log.exception("a call could not be counted")


def sentence(called: Called) -> str:
    """A call in words: no arguments and no results, they are the user's."""
    words = [f"tool {called.server}/{called.tool} {called.outcome}", f"{called.seconds * 1e3:.0f} ms"]
    if called.by != "call":
        words.append(f"by {called.by}, saved {called.saved_s * 1e3:.0f} ms")
    if called.session:
        words.append(f"session {called.session}")
    return " · ".join(words)

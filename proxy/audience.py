"""The audience: sinks that hear of every finished exchange, a little later and several at once.

It must not know what a sink does with what it hears, nor the road; the loop is the running one.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from proxy.exchange import Exchange

Sink = Callable[[Exchange], None]
"""Told of every finished exchange."""

LATER_S = 0.02
MOST_UNTOLD = 512
log = logging.getLogger("outrider.road")


class Audience:
    """Tells sinks in batches.

    A sink run once between two requests pays mostly for its code coming into the processor's caches; run over a
    batch it costs a fraction. Nobody waits for metrics or a log line, so they come up to 20 ms late.
    """

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks
        self._untold: list[Exchange] = []
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, exchange: Exchange) -> None:
        """Takes an exchange to tell of soon."""
        self._untold.append(exchange)
        if len(self._untold) >= MOST_UNTOLD:
            self.tell()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATER_S, self.tell)

    def tell(self) -> None:
        """Tells all sinks of what they have not heard yet. One that raises misses that exchange, and no other does."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        untold, self._untold = self._untold, []
        for sink in self._sinks:
            for exchange in untold:
                _tell(sink, exchange)


def _tell(sink: Sink, exchange: Exchange) -> None:
    try:
        sink(exchange)
    except Exception:
        log.exception("a sink failed; it misses exchange %s", exchange.id)

"""The cost of sessions played through the proxy, from the requests that the upstream received.

It must not know what the policy says of itself, nor how a table is shown.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.consolidate.caching import Ask, Charged, Regime, ask_of, relative, tokens_of, worst
from benchmarks.consolidate.meter import Meter
from benchmarks.consolidate.play import play
from benchmarks.consolidate.sessions import Session
from benchmarks.consolidate.spoken import Spoken, spoken

MODELS: Mapping[str, str] = {
    "read .1, write 1.25": "claude-sonnet-4-5",
    "read .5, write 1": "gpt-4o",
    "no cache": "gpt-4-turbo",
}
"""A model with the prices of each regime, so that the proxy decides by them."""


ON: Mapping[str, Any] = {"policies": ("session", "consolidate"), "consolidate": "on"}
"""The proxy's settings with the policy on, at its own marks."""


class Till(Meter):
    """A meter that also keeps what was received and what the client sent, as requests with a price."""

    def __init__(self, told: Spoken, count: Callable[[str], int]) -> None:
        super().__init__(told, count)
        self.received: list[Ask] = []
        self.client: list[Ask] = []

    def take(self, place: int, body: bytes) -> int:
        """Measures the request, and keeps it."""
        output = tokens_of(self.spoken.session.messages[place], self._count)
        self.received.append(ask_of(body, output, self._count))
        self.client.append(ask_of(self.spoken.body(place), output, self._count))
        return super().take(place, body)


def rung(
    sessions: Sequence[Session], regime: Regime, count: Callable[[str], int], settings: Mapping[str, Any] = ON
) -> list[Charged]:
    """Plays sessions with the model of a regime; what each cost. Raises what `play` raises."""
    tills = [Till(spoken(session, "chat", MODELS[regime.name]), count) for session in sessions]
    asyncio.run(play(tills, settings))
    return [
        Charged(
            relative(till.received, till.client, regime),
            worst(till.received, till.client, regime),
            sum(asked.event for asked in till.asked.values()),
            len(till.asked),
        )
        for till in tills
    ]

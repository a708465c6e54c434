"""Whether a call may be made ahead now, and why not: what is under way, budgets, pauses; and who waits for it.

It must not know the shelf. The rules are numbered in docs/mcp.md.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from proxy.tools.ahead import Busy, Entry, Refused
from proxy.tools.pace import Limits, ServerPace, ToolPace


class Standing(NamedTuple):
    """How things stand for one call that may be made ahead."""

    server: ServerPace
    tool: ToolPace
    mine: Sequence[Entry]
    """What was called ahead for its session and waits, or is under way."""
    of_session: int
    of_exchange: int
    """Calls ahead that its session and its exchange have asked for so far."""
    bytes: int
    """Held for all sessions."""
    window: str
    together: bool
    """Whether its server is known to bear several calls at once."""


class Room:
    """Where those wait who may not go now."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Until a call, ahead or real, has ended."""
        self._waiting.append(waiting := asyncio.get_running_loop().create_future())
        await waiting

    def eased(self) -> None:
        """One has ended: all who wait try again, in their order."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()


def refusal(now: float, limits: Limits, standing: Standing) -> Refused | None:
    """Why it may not be made; None when it may."""
    server, tool, mine = standing.server, standing.tool, standing.mine
    bears = limits.per_server if standing.together else 1
    never = (
        (server.writes > 0, "a call that may write is under way"),
        (now < server.doubt_until, "it is not known whether a write was done"),
        (tool.differed, "its early results differed from the real ones"),
        (tool.off(standing.window, now), "too few of its early results were used"),
        (now < tool.paused_until, "its last call ahead failed"),
        (len(mine) >= limits.kept, "the session has enough waiting"),
        (standing.of_session >= limits.of_session, "the session has had its share"),
        (standing.of_exchange >= limits.per_exchange, "the exchange has had its share"),
        (tool.tokens < 1, "the tool has been called ahead often enough for now"),
        (standing.bytes >= limits.bytes, "the shelf is full"),
    )
    for holds, reason in never:
        if holds:
            return Refused(reason)
    busy = (
        (sum(not entry.task.done() for entry in mine) >= limits.per_session, "the session has enough under way"),
        (server.ahead >= bears, "the server has enough under way"),
        (server.calls >= bears, "the server is busy with real calls"),
    )
    return next((Busy(reason) for holds, reason in busy if holds), None)

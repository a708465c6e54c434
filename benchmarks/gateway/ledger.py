"""A tool server whose state has a history: for every answer it can be told whether the state ever was so, and when.

It must not know the gateway.
"""

import asyncio
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from mcp.server import MCPServer
from mcp_types import ToolAnnotations

READ = ToolAnnotations(read_only_hint=True, open_world_hint=False)


@dataclass(slots=True)
class Ledger:
    """Numbers by key; each write gives a key a number that no key had before."""

    dice: random.Random
    slowest_s: float
    """Seconds that a read or a write takes at most."""
    failing: float
    """Share of reads that end in an error of the tool."""
    last: int = 0
    history: dict[str, list[tuple[float, float, int]]] = field(default_factory=lambda: defaultdict(list))
    """For each key from when to when it may have had which number: a write is seen at some time between the two."""
    reads: int = 0

    def set(self, key: str) -> int:
        """Writes a key."""
        self.last += 1
        now = time.monotonic()
        held = self.history[key]
        if held:
            held[-1] = (held[-1][0], now, held[-1][2])
        held.append((now, float("inf"), self.last))
        return self.last

    def get(self, key: str) -> int:
        """The number of a key; 0 before its first write."""
        held = self.history.get(key)
        return held[-1][2] if held else 0

    def was(self, key: str, number: int, since: float, until: float) -> bool:
        """Whether a key had a number at some time between the two: what a direct call then might have got."""
        held = self.history.get(key, [])
        if number == 0:
            return not held or held[0][0] >= since
        return any(began <= until and ended >= since for began, ended, value in held if value == number)


def build(ledger: Ledger) -> MCPServer[Any]:
    """Its server: `read`, `write`, and `late`, which writes after its client has given up."""
    mcp: MCPServer[Any] = MCPServer("ledger")
    later: set[asyncio.Task[None]] = set()

    async def a_while() -> None:
        await asyncio.sleep(ledger.dice.random() ** 3 * ledger.slowest_s)

    @mcp.tool(annotations=READ)
    async def read(key: str) -> str:
        ledger.reads += 1
        await a_while()
        number = ledger.get(key)
        await a_while()
        if ledger.dice.random() < ledger.failing:
            raise ValueError("no luck")
        return str(number)

    @mcp.tool()
    async def write(key: str) -> str:
        await a_while()
        number = ledger.set(key)
        await a_while()
        return str(number)

    @mcp.tool()
    async def late(key: str) -> str:
        async def anyway() -> None:
            await asyncio.sleep(2 * ledger.slowest_s)
            ledger.set(key)

        task = asyncio.get_running_loop().create_task(anyway())
        later.add(task)
        task.add_done_callback(later.discard)
        await asyncio.sleep(10)
        return "done"

    return mcp

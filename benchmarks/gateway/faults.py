"""Many gateway calls under faults: sessions in flight, writes between, tools that fail, clients that leave, a server
that dies. How many answers differ from what a direct call at the same moment might have got?

It must not know how the gateway works.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from benchmarks.gateway.ledger import Ledger
from benchmarks.gateway.stand import Stand, standing
from proxy.server.gate import caller
from proxy.tools import Called, Owner, Prefetched
from proxy.tools.ahead import Refused
from proxy.tools.pace import Limits

KEYS = tuple("abcdef")
UNAVAILABLE = "unavailable"
"""A call that no server answered; it is not counted among the calls to make."""
TOKEN = "Bearer bench"
ME = caller(((b"authorization", TOKEN.encode()),))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, and how often."""

    calls: int = 10_000
    sessions: int = 12
    seed: int = 7
    writes: float = 0.06
    lates: float = 0.002
    """Shares of calls that write, and that write after their client has left."""
    leaves: float = 0.02
    """Share of calls whose client leaves in the middle."""
    failing: float = 0.03
    slowest_s: float = 0.02
    deaths: int = 4
    """Times that the server is cut off and comes again."""
    guesses: float = 0.7
    """Share of reads that were guessed, some of them wrongly."""


@dataclass(slots=True)
class Tally:
    """What came of it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)
    told: list[Called | Prefetched] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Numbers by name."""
        served = Counter(each.by for each in self.told if isinstance(each, Called))
        uses = Counter(each.use for each in self.told if isinstance(each, Prefetched))
        return {
            "calls": sum(self.outcomes.values()) - self.outcomes[UNAVAILABLE],
            "mismatches": len(self.mismatches),
            **{f"calls_{name}": count for name, count in sorted(self.outcomes.items())},
            **{f"answered_by_{name}": count for name, count in sorted(served.items())},
            **{f"ahead_{name}": count for name, count in sorted(uses.items())},
            "seconds": round(self.seconds, 1),
        }


async def play(plan: Plan) -> Tally:
    """Carries the plan out."""
    with quiet("mcp.server", "mcp.client", "outrider", "uvicorn"):  # the faults are meant
        return await _play(plan)


@contextmanager
def quiet(*names: str) -> Iterator[None]:
    """Loggers of these names say nothing for as long as the block."""
    levels = [(logger := logging.getLogger(name), logger.level) for name in names]
    for logger, _ in levels:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in levels:
            logger.setLevel(level)


async def _play(plan: Plan) -> Tally:
    dice = random.Random(plan.seed)
    ledger = Ledger(random.Random(plan.seed + 1), plan.slowest_s, plan.failing)
    tally = Tally()
    async with standing(ledger) as stand:
        doubt = 4 * plan.slowest_s
        limits = Limits(per_session=8, per_server=32, per_exchange=1 << 30, of_session=1 << 30, rate=1e6, burst=1e6)
        stand.side.prefetch.shelf.limits = limits_with(limits, doubt)
        began = time.monotonic()
        killing = asyncio.ensure_future(_kill(stand, plan, tally))
        shares = [
            plan.calls // plan.sessions + (number < plan.calls % plan.sessions) for number in range(plan.sessions)
        ]
        seats = [
            Seat(stand, ledger, plan, tally, f"s{number}", random.Random(dice.random()))
            for number in range(plan.sessions)
        ]
        await asyncio.gather(*(seat.run(share) for seat, share in zip(seats, shares, strict=True)))
        killing.cancel()
        tally.seconds, tally.told = time.monotonic() - began, stand.told
    return tally


def limits_with(limits: Limits, doubt_s: float) -> Limits:
    """The limits with nothing on probation, short pauses, and this much doubt."""
    given = {name: getattr(limits, name) for name in ("per_session", "per_server", "per_exchange", "of_session")}
    return Limits(**given, rate=limits.rate, burst=limits.burst, probation=0, doubt_s=doubt_s, pause_s=(0.01, 0.02))


async def _kill(stand: Stand, plan: Plan, tally: Tally) -> None:
    """Cuts the server off again and again, evenly over the calls."""
    for number in range(plan.deaths):
        while sum(tally.outcomes.values()) < plan.calls * (number + 1) / (plan.deaths + 1):  # noqa: ASYNC110 (a count)
            await asyncio.sleep(0.05)
        stand.wire.cut()
        await asyncio.sleep(0.2)
        await stand.wire.mend()


@dataclass(slots=True)
class Seat:
    """One session: its agent, and what is guessed of it."""

    stand: Stand
    ledger: Ledger
    plan: Plan
    tally: Tally
    session: str
    dice: random.Random

    async def run(self, calls: int) -> None:
        """So many calls, one after the other, some guessed before."""
        headers = {"authorization": TOKEN, "x-outrider-session": self.session}
        mode = self.dice.choice(["auto", "legacy"])
        http = httpx2.AsyncClient(headers=headers, timeout=60)
        streams = streamable_http_client(self.stand.url, http_client=http)
        async with http, Client(streams, mode=mode, cache=None) as client:
            while calls:
                outcome = await self._step(client)
                self.tally.outcomes[outcome] += 1
                calls -= outcome != UNAVAILABLE

    async def _step(self, client: Client) -> str:
        key, roll = self.dice.choice(KEYS), self.dice.random()
        if roll < self.plan.lates:
            return await self._left(client, "late", key)
        if roll < self.plan.lates + self.plan.writes:
            return await self._made(client, "write", key)
        if self.dice.random() < self.plan.guesses:
            self._guess(key)
            await asyncio.sleep(self.dice.random() * 2 * self.plan.slowest_s)
        if self.dice.random() < self.plan.leaves:
            return await self._left(client, self.dice.choice(["read", "write"]), key)
        return await self._made(client, "read", key)

    def _guess(self, key: str) -> None:
        for guessed in {key if self.dice.random() < 0.8 else self.dice.choice(KEYS), self.dice.choice(KEYS)}:
            with suppress(Refused):
                self.stand.side.prefetch.launch(Owner(ME, self.session), "read", {"key": guessed})

    async def _made(self, client: Client, name: str, key: str) -> str:
        since = time.monotonic()
        try:
            result = await client.call_tool(name, {"key": key})
        except MCPError as fault:
            if fault.error.code != -32010:
                self.tally.mismatches.append(f"{self.session}: an error of another kind: {fault.error}")
            await asyncio.sleep(0.1)
            return UNAVAILABLE
        if result.is_error:
            return "failed"
        number = int("".join(getattr(part, "text", "") for part in result.content))
        if name == "read" and not self.ledger.was(key, number, since, time.monotonic()):
            self.tally.mismatches.append(f"{self.session}: {key} was not {number} then")
        return name

    async def _left(self, client: Client, name: str, key: str) -> str:
        calling = asyncio.ensure_future(client.call_tool(name, {"key": key}))
        await asyncio.sleep(self.dice.random() * self.plan.slowest_s)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        return "left"

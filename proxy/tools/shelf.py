"""Results fetched ahead: each waits for one call, for a short while, until a write comes.

It must not know how a server is reached, whose idea a call ahead was, nor what arguments are: it holds fingerprints.
The rules it keeps are numbered in docs/mcp.md.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from proxy.tools import PREFETCH, UNAVAILABLE, Hear, Owner, Prefetched, Result, Run, ToolFault, good
from proxy.tools.admission import Room, Standing, refusal
from proxy.tools.ahead import Entry, Key, Served, named, said
from proxy.tools.catalogue import Place
from proxy.tools.pace import Counter, Latencies, Limits, ServerPace, ToolPace
from proxy.tools.usefulness import Usefulness

Tick = Callable[[], float]
CERTAIN = "stream"
"""The window in which nothing is guessed."""
log = logging.getLogger("outrider.prefetch")


@dataclass(slots=True)
class Shelf:
    """Keeps what was fetched ahead for all sessions, and lets real calls go first."""

    tick: Tick
    hear: Hear
    size_of: Callable[[Result], int]
    limits: Limits = field(default_factory=Limits)
    latencies: Latencies = field(default_factory=Latencies)
    room: Room = field(default_factory=Room)
    _entries: dict[Key, Entry] = field(default_factory=dict)
    _servers: dict[str, ServerPace] = field(default_factory=dict)
    _tools: dict[Place, ToolPace] = field(default_factory=dict)
    _asked: Counter = field(default_factory=Counter)
    _joined: list[Entry] = field(default_factory=list)
    """Calls ahead that a real call waits for."""
    _bytes: int = 0

    def launch(
        self, key: Key, run: Run, *, ttl_s: float, exchange: str = "", together: bool = False, window: str = ""
    ) -> Entry:
        """Makes a call ahead. One that is under way or waits already is given again.

        `exchange`: id of the one it is for. `together`: whether the server is known to bear several calls at once.
        `window`: when it is called. Raises `Refused`, `Busy` where waiting for `room` may help.
        """
        if (held := self.held(key)) is not None:
            return held
        if key in self._entries:
            self._over(self._entries[key], "expired")
        self._admit(key, exchange, window, together=together)
        self._asked.add(("session", key.owner))
        self._asked.add(("exchange", exchange))
        self._tool(key.place).tokens -= 1
        server = self._server(key.place.server)
        server.together = server.together or together
        server.ahead += 1
        task = asyncio.create_task(self._run(key.place, run))
        entry = Entry(key, ttl_s, server.epoch, self.tick(), task, window=window)
        self._entries[key] = entry
        entry.timer = asyncio.get_running_loop().call_later(ttl_s, self._over, entry, "expired")
        task.add_done_callback(lambda _: self._ended(entry))
        log.info("%s launched for session %s (%s)", named(key), key.owner.session, window or "wished")
        return entry

    async def answer(self, key: Key, run: Run, *, early: bool = True) -> Served:
        """The answer to a real call of a tool that only reads; `early`: it may be one that was fetched ahead. Raises
        what `run` raises."""
        entry = self._take(key) if early and key.owner.session else None
        if entry is None:
            return Served(await self._real(key.place, run))
        arrived = self.tick()
        self._joined.append(entry)
        try:
            if self._tool(key.place).equal < self.limits.probation:
                return Served(self._compared(entry, await self._real(key.place, run)))
            if not entry.task.done():
                await asyncio.wait({entry.task}, timeout=self._patience(entry))
            if not entry.task.done():
                return await self._race(entry, run, arrived)
            if not self._holds(entry):
                self._tell(entry, "write" if entry.task.cancelled() else "failed")
                return Served(await self._real(key.place, run))
            return self._served(entry, arrived)
        finally:
            self._joined.remove(entry)
            entry.task.cancel()

    def held(self, key: Key) -> Entry | None:
        """What is under way or waits for this call; it stays."""
        entry = self._entries.get(key)
        return entry if entry is not None and self._fresh(entry) else None

    @contextmanager
    def writing(self, server: str) -> Iterator[None]:
        """A call that may write, from its arrival to its end: what was fetched before its end is worth nothing."""
        pace, sure = self._server(server), False
        pace.writes += 1
        self.drop(server)
        try:
            yield
            sure = True
        except ToolFault as fault:
            sure = fault.code != UNAVAILABLE
            raise
        finally:
            pace.writes -= 1
            self.drop(server)
            if not sure:
                pace.doubt_until = self.tick() + self.limits.doubt_s

    def drop(self, server: str, use: str = "write") -> None:
        """Everything fetched from a server is thrown away, and what is under way will be."""
        self._server(server).epoch += 1
        for entry in [entry for entry in self._entries.values() if entry.key.place.server == server]:
            self._over(entry, use)
        for entry in self._joined:
            if entry.key.place.server == server:
                entry.task.cancel()

    def close(self) -> None:
        """Throws everything away."""
        for entry in list(self._entries.values()):
            self._over(entry, "dropped")

    def __len__(self) -> int:
        return len(self._entries)

    def _admit(self, key: Key, exchange: str, window: str, *, together: bool) -> None:
        """Raises `Refused` when a call may not be made ahead now."""
        now, asked, tool = self.tick(), self._asked, self._tool(key.place)
        tool.refill(now, self.limits)
        server = self._server(key.place.server)
        standing = Standing(
            server,
            tool,
            [entry for entry in self._entries.values() if entry.key.owner == key.owner],
            asked.of(("session", key.owner)),
            asked.of(("exchange", exchange)) if exchange else 0,
            self._bytes,
            window,
            together or server.parallel,
        )
        if (refused := refusal(now, self.limits, standing)) is not None:
            raise refused

    def step_aside(self, owner: Owner) -> bool:
        """Drops the newest of a session's guesses that are under way, which is the least likely; whether there is one.
        A call that is certain takes its place."""
        mine = [entry for entry in self._entries.values() if entry.key.owner == owner and entry.window != CERTAIN]
        guess = next((entry for entry in reversed(mine) if not entry.task.done()), None)
        if guess is not None:
            self._over(guess, "dropped")
        return guess is not None

    async def _run(self, place: Place, run: Run) -> Result:
        """The call ahead itself."""
        server = self._server(place.server)
        number, began = server.begin(), self.tick()
        try:
            result = await run()
            self.latencies.took(place, self.tick() - began)
            return result
        finally:
            server.end(number)

    async def _real(self, place: Place, run: Run) -> Result:
        """A real call. It does not wait behind calls ahead: they are dropped at once at a server that may answer one
        after the other, and where it takes longer than the tool nearly always does."""
        server = self._server(place.server)
        usual = self.latencies.p95(place)
        patience = 0.0 if not (server.parallel or server.together) else usual or self.limits.patience_s
        if not patience:
            self._make_way(place.server)
        timer = asyncio.get_running_loop().call_later(patience, self._make_way, place.server)
        number, began = server.begin(), self.tick()
        server.calls += 1
        try:
            result = await run()
            self.latencies.took(place, self.tick() - began)
            return result
        finally:
            timer.cancel()
            server.calls -= 1
            server.end(number)
            self.room.eased()

    def _make_way(self, server: str) -> None:
        """Drops the calls ahead that are under way at a server."""
        under_way = [entry for entry in self._entries.values() if not entry.task.done()]
        for entry in [entry for entry in under_way if entry.key.place.server == server]:
            self._over(entry, "dropped")

    def _take(self, key: Key) -> Entry | None:
        """The entry that may answer this call; no other call gets it."""
        entry = self.held(key)
        if entry is not None:
            self._over(entry, "", cancel=False)
        return entry

    def _fresh(self, entry: Entry) -> bool:
        return self.tick() - entry.at <= entry.ttl_s and (not entry.task.done() or entry.well)

    def _patience(self, entry: Entry) -> float:
        """Seconds to wait for a call ahead: until it takes longer than the tool nearly always does."""
        usual = self.latencies.p95(entry.key.place)
        return max(0.0, (self.limits.patience_s if usual is None else usual) - (self.tick() - entry.at))

    def _holds(self, entry: Entry) -> bool:
        """Whether its result is what the server would answer now."""
        server = self._server(entry.key.place.server)
        return entry.well and entry.epoch == server.epoch and entry.size <= self.limits.result_bytes

    async def _race(self, entry: Entry, run: Run, arrived: float) -> Served:
        """Both at once; the first good answer counts."""
        real = asyncio.ensure_future(self._real(entry.key.place, run))
        try:
            await asyncio.wait({real, entry.task}, return_when=asyncio.FIRST_COMPLETED)
            if entry.task.done() and not real.done() and self._holds(entry):
                return self._served(entry, arrived)
            self._tell(entry, "failed")
            return Served(await real)
        finally:
            if not real.done():
                real.cancel()
                with suppress(BaseException):
                    await real

    def _served(self, entry: Entry, arrived: float) -> Served:
        self._tell(entry, "used")
        result, now = entry.task.result(), self.tick()
        saved = max(0.0, entry.done_at - entry.at - (now - arrived))
        marker = {"age_ms": round((now - entry.at) * 1e3), "joined": entry.done_at > arrived}
        marked = {**result, "_meta": {**(result.get("_meta") or {}), PREFETCH: marker}}
        return Served(marked, "joined" if entry.done_at > arrived else "shelf", saved)

    def _compared(self, entry: Entry, real: Result) -> Result:
        """A tool on probation: its early result is held against the real one, which is what is served."""
        tool = self._tool(entry.key.place)
        if self._holds(entry) and good(real):
            if said(entry.task.result()) == said(real):
                tool.equal += 1
            else:
                tool.differed = True
                log.warning("%s: early and real result differ; it is not called ahead any more", named(entry.key))
        self._tell(entry, "compared")
        return real

    def _ended(self, entry: Entry) -> None:
        """The call ahead has been answered."""
        entry.done_at = self.tick()
        self._server(entry.key.place.server).ahead -= 1  # here: a task that is cancelled early never runs
        self.room.eased()
        if entry.task.cancelled():
            return
        entry.size = self.size_of(entry.task.result()) if entry.well else 0
        self._tool(entry.key.place).ended(self.tick(), self.limits, well=entry.well)
        if entry.over:
            return
        self._bytes += entry.size
        if not entry.well:
            self._over(entry, "failed")
        elif entry.size > self.limits.result_bytes or self._bytes > self.limits.bytes:
            self._over(entry, "dropped")

    def _over(self, entry: Entry, use: str, *, cancel: bool = True) -> None:
        """Takes an entry off the shelf."""
        if entry.over:
            return
        entry.over = True
        del self._entries[entry.key]
        self._bytes -= entry.size
        if entry.timer is not None:
            entry.timer.cancel()
        if cancel:
            entry.task.cancel()
        if use:
            self._tell(entry, use)

    def _tell(self, entry: Entry, use: str) -> None:
        place, now = entry.key.place, self.tick()
        log.info("%s %s after %.0f ms", named(entry.key), use, (now - entry.at) * 1e3)
        useful = self._tool(place).useful.setdefault(entry.window, Usefulness())
        if useful.took(use, now, self.limits.least_useful, self.limits.rest_s):
            log.warning("%s: too few early results are used; none for %.0f s", named(entry.key), self.limits.rest_s)
        try:
            self.hear(Prefetched(place.server, place.name, use, entry.window, entry.key.owner))
        except Exception:
            log.exception("a call ahead could not be counted")

    def _server(self, name: str) -> ServerPace:
        return self._servers.setdefault(name, ServerPace())

    def _tool(self, place: Place) -> ToolPace:
        return self._tools.setdefault(place, ToolPace(self.limits.burst, self.tick()))

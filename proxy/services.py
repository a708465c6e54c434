"""What the engine is handed: store, pool, forms, clocks, prices, sinks. Protocols and one frozen record of them.

It must not know any implementation of what it names.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from proxy.audience import Sink
from proxy.exchange import Exchange, Note, Reply, Request, Usage
from proxy.policy import Embed, Result, Tool
from proxy.roster import Roster
from proxy.store import Store, admit
from proxy.wire import Form, Outcome

T = TypeVar("T")
Tell = Callable[[Note], None]
"""Takes what is to be said of an exchange: in the reply's headers if they are not sent yet, in log and recording."""

LONGEST_SAVE_S = 2.0
"""A save that takes longer than a client waits for it goes on by itself, so long at most."""


class Upstreams(Protocol):
    """The pool of upstreams."""

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        """See `proxy.upstreams.Upstream.send`; `pinned` names the one upstream that may answer."""

    def roster(self) -> Roster:
        """Models and health, now."""


class Traffic(Protocol):
    """Told when a request arrives and when its reply has ended."""

    def enter(self) -> None:
        """A request has arrived."""

    def leave(self) -> None:
        """Its reply has ended, well or not."""


def _no_cost(_exchange: Exchange, _outcome: Outcome, _upstream: str) -> tuple[Usage | None, float | None]:
    return None, None


def _no_pin(_exchange: Exchange) -> str:
    return ""


def _no_ear(_exchange: Exchange, _reply: Reply, _tell: Tell) -> None:
    return None


def _no_lessons() -> Mapping[str, Any]:
    return {}


def _no_pupil(_policy: str, _told: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Services:
    """Everything outside the engine that it works with."""

    store: Store
    pool: Upstreams
    forms: Callable[[str], Form]
    """A wire form by its name."""
    read: Callable[[Request], Request]
    """Reads a changed request's body again."""
    now: Callable[[], float]
    """Epoch seconds."""
    tick: Callable[[], float]
    """Monotonic seconds."""
    record: Callable[[Exchange, str], bytes] | None = None
    """An exchange (and its parent's id, for a child) as one JSON line; None: nothing is recorded."""
    charge: Callable[[Exchange, Outcome, str], tuple[Usage | None, float | None]] = _no_cost
    """Tokens (estimated where the provider gave none) and US dollars, given the upstream's name."""
    pinned: Callable[[Exchange], str] = _no_pin
    """Upstream that alone can answer, because it made the state the request refers to; or empty."""
    shared: Callable[[], Mapping[str, Any]] = _no_lessons
    """Lessons across sessions by policy name."""
    teach: Callable[[str, Any], None] = _no_pupil
    """Takes what a policy (by name) was taught by an exchange; folded later."""
    sinks: Sequence[Sink] = ()
    tool: Callable[[Tool, Exchange, Tell], Awaitable[Any]] | None = None
    """Runs a tool for the session of the exchange that wished it, and tells what is to be said of that."""
    result: Callable[[Result, Exchange], Awaitable[Any]] | None = None
    """Waits for the result of a call that the exchange's model has made."""
    listen: Callable[[Exchange, Reply, Tell], Callable[[bytes], None] | None] = _no_ear
    """What hears the bytes of a client's reply, each time before they are handed on; None: nothing does."""
    embed: Callable[[Embed], Awaitable[Any]] | None = None
    patience_s: float = 0.020
    """How long a client waits for the store; 0 for one that never makes it wait."""
    most_kept: int = 16 << 20
    """Bytes of a reply kept for reading and recording; of a longer one nothing is."""

    async def in_time(self, work: Awaitable[T]) -> T:
        """The store's answer; raises `TimeoutError` when it is slow."""
        if not self.patience_s:
            return await work
        async with asyncio.timeout(self.patience_s):
            return await work

    async def journal(self, caller: str, policy: str) -> list[Any]:
        """The entries of a policy's journal, oldest first."""
        return admit.thawed(await self.at_length(self.store.journal(caller, policy)))

    async def at_length(self, work: Awaitable[T]) -> T:
        """The same with longer patience: nobody waits for a save that goes on by itself."""
        if not self.patience_s:
            return await work
        async with asyncio.timeout(LONGEST_SAVE_S):
            return await work

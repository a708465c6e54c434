"""One call made ahead: what it is kept under, how far it is, what became of it.

It must not know the shelf it stands on, nor when it may be used.
"""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple

from proxy.tools import Owner, Result, good
from proxy.tools.catalogue import Place


class Key(NamedTuple):
    """What a result is kept under; a call gets it only if all of it is equal."""

    owner: Owner
    place: Place
    arguments: str
    """Fingerprint of the arguments."""
    stamp: str
    """Of the tool's definition and the protocol version that is spoken with its server."""


class Refused(Exception):
    """A call may not be made ahead now; the message says why."""


class Busy(Refused):
    """Not now, because others are under way; when one of them has ended it may."""


@dataclass(slots=True)
class Entry:
    """One call ahead."""

    key: Key
    ttl_s: float
    epoch: int
    at: float
    task: "asyncio.Task[Result]"
    done_at: float = 0.0
    size: int = 0
    timer: asyncio.TimerHandle | None = None
    over: bool = False
    """It was used or dropped."""
    window: str = ""
    """When it was launched: see `proxy.policy.WINDOWS`."""
    told: bool = False
    """It has been told of in the exchange it is for."""

    @property
    def well(self) -> bool:
        """Whether a whole and successful result is there."""
        task = self.task
        return task.done() and not task.cancelled() and task.exception() is None and good(task.result())


class Served(NamedTuple):
    """An answer, who gave it, and the seconds that were saved."""

    result: Result
    by: str = "call"
    saved_s: float = 0.0


def named(key: Key) -> str:
    """For the audit: what was called, its arguments as a fingerprint only."""
    return f"prefetch {key.place.server}/{key.place.name} {key.arguments[:12]}"


def said(result: Result) -> tuple[object, object]:
    """What a result says to the model; `_meta` is not of it."""
    return result.get("content"), result.get("structuredContent")

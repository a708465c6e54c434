"""The store's protocol: what is remembered between exchanges, and in which two questions.

It must not know any engine of storage, the wire, or a policy. Two rooms keep the promise: `embedded` and `redis`,
held to it by one test suite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from proxy.conversation import EMPTY
from proxy.policy import Claim, Link


class Remembered(NamedTuple):
    """What one read gives back."""

    session: str
    known: bool = False
    """False for a session that was never saved (or has expired)."""
    link: Link | None = None
    """The link that found it, or None."""
    parent: str = ""
    """Session found by `Claim.parents`, or empty."""
    memory: Mapping[str, Any] = EMPTY
    """By policy name."""
    version: int = 0
    """Rises with every save of the session."""


class Changes(NamedTuple):
    """What one write takes."""

    session: str
    version: int = 0
    """The version that was read; the memory is refused when another save came between."""
    memory: Mapping[str, Any] = EMPTY
    """New values of the changed policies only."""
    links: tuple[Link, ...] = ()
    head: str = ""
    """The place at which the session now waits for its next request; see `Link.head`."""
    recording: bytes = b""
    """One JSON line without its newline, or empty."""
    now: float = 0.0
    """Epoch seconds; the session's place in the list of sessions."""
    items: Mapping[str, bytes] = EMPTY
    """Originals to keep with the session, by reference. A reference that is there already keeps its first original."""
    journal: Mapping[str, tuple[Any, ...]] = EMPTY
    """New entries of the scope's journals, by policy name; JSON-able."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on everything a store keeps."""

    session_ttl_s: float = 86_400.0
    """A session, its memory, links, recording and originals are forgotten this long after its last save."""
    recording_ttl_s: float = 86_400.0
    recording_lines: int = 2_000
    """Newest lines kept for a session."""
    recording_bytes: int = 64 << 20
    """Longest recording of a session; a line that would exceed it is dropped, oldest first."""
    owners: int = 32
    """Newest sessions remembered for a link."""
    memory_bytes: int = 1 << 20
    """Largest memory of one policy for one session; a larger one is refused."""
    items_bytes: int = 64 << 20
    """Originals of a session with their references; one that would exceed it is not kept, and nobody is told."""
    journal_ttl_s: float = 3_600.0
    """A journal is forgotten this long after its last entry."""
    journal_entries: int = 400
    """Newest entries kept of a policy's journal in a scope."""
    entry_bytes: int = 16 << 10
    """Longest entry; one that is longer, or no JSON, is not kept, and nobody is told."""
    total_bytes: int = 512 << 20
    """Embedded store only: what it may hold in all; the sessions untouched for longest go first."""
    sessions: int = 100_000


class Store(Protocol):
    """One read and one write per exchange; every key is inside a scope (the caller), which never sees another's.

    All methods may raise `OSError`, `TimeoutError` or the library's own error; the engine treats any as "no store".
    """

    async def load(self, scope: str, claim: Claim, fresh: str) -> Remembered:
        """Finds the session and brings its memory.

        `claim.session` wins. Else the links are asked in order. A `head` link: of its owners, the one that still
        waits at the place where the link was bound and was bound last; it waits no more (atomically: of two loads
        only one gets it); when none waits, the newest owner that is still known (a fork or a regeneration). A link
        that is not `head`: its owner, if exactly one is still known. No link hits: the session is `fresh`, new.
        `claim.parents` is asked in the same way (without consuming) for a new session only.
        """

    async def save(self, scope: str, changes: Changes) -> Remembered | None:
        """Writes. None when it was taken; else what is there now: the version had moved on and *the memory* was
        not written (links, head, recording, originals and journals were)."""

    async def sessions(self, limit: int = 100, before: float | None = None) -> Sequence[tuple[str, str, float]]:
        """Newest first: scope, session id, epoch seconds of the last save."""

    async def memory(self, scope: str, session: str) -> Mapping[str, Any] | None:
        """A session's memory by policy name; None when unknown."""

    async def recording(self, scope: str, session: str) -> Sequence[bytes]:
        """The session's recorded lines, oldest first."""

    async def items(self, scope: str, session: str, refs: Sequence[str] | None = None) -> Mapping[str, bytes]:
        """The session's originals by reference: those of `refs` that are kept, in their order; None: all, in the
        order in which they were kept. Empty when the session is unknown."""

    async def journal(self, scope: str, policy: str) -> Sequence[bytes]:
        """The entries of a policy's journal in a scope, oldest first. They are there as soon as the save that brought
        them is, whether or not its memory was taken."""

    async def load_shared(self, name: str) -> tuple[bytes, int]:
        """A lesson across sessions and its version; empty and 0 when there is none."""

    async def save_shared(self, name: str, value: bytes, version: int) -> bool:
        """False when the version had moved on."""

    async def ping(self) -> None:
        """Raises when the store cannot be reached."""

    async def close(self) -> None:
        """Gives back connections and writes what is still to be written."""


class StoreError(OSError):
    """The store refuses: a value is too large, a URL cannot be used."""


__all__ = ["Changes", "Limits", "Remembered", "Store", "StoreError"]

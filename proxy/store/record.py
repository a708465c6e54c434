"""A session as the embedded store keeps it: what is in it, and the bytes that it is charged for.

It must not know where it stands, who else owns its links, nor when it is to be forgotten.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from proxy.store import Limits, admit

RECORD_COST = 1_800
LINK_COST = 600
ITEM_COST = 150
"""Bytes that Python takes for a session, a link and a memory, line or original beside their contents (measured,
rounded up)."""


@dataclass(slots=True)
class Held:
    """What all records are charged for together, in bytes."""

    size: int = 0


@dataclass(slots=True)
class Record:
    """One session. Whatever changes its size changes what is held with it."""

    held: Held
    version: int = 0
    head: str = ""
    at: float = 0.0
    """Epoch seconds the last save spoke of; `saved` and `recorded` are the store's own clock."""
    saved: float = 0.0
    recorded: float = 0.0
    memory: dict[str, bytes] = field(default_factory=dict)
    lines: deque[bytes] = field(default_factory=deque)
    lines_size: int = 0
    items: dict[str, bytes] = field(default_factory=dict)
    """Originals by reference, kept longest ago first."""
    items_size: int = 0
    links: set[str] = field(default_factory=set)
    size: int = 0
    """Bytes it is charged for in all."""

    def __post_init__(self) -> None:
        self._charge(RECORD_COST)

    def thaw(self) -> dict[str, Any]:
        """The memory as fresh values that belong to the caller."""
        return {policy: orjson.loads(text) for policy, text in self.memory.items()}

    def remember(self, memory: Mapping[str, bytes]) -> None:
        """Takes new memories, each in place of the policy's old one."""
        for policy, text in memory.items():
            old = self.memory.get(policy)
            self._charge(len(text) - len(old) if old is not None else len(text) + len(policy) + ITEM_COST)
            self.memory[policy] = compact(text)

    def link(self, key: str) -> None:
        """Takes a link, once."""
        if key not in self.links:
            self.links.add(key)
            self._charge(len(key) + LINK_COST)

    def unlink(self, key: str) -> None:
        """Lets a link go that it has."""
        self.links.remove(key)
        self._charge(-len(key) - LINK_COST)

    def append(self, lines: Sequence[bytes], limits: Limits) -> int:
        """Adds lines to the recording and drops the oldest beyond the bounds; how many it dropped."""
        self.lines.extend(map(compact, lines))
        added = sum(map(len, lines))
        self.lines_size += added
        self._charge(added + ITEM_COST * len(lines))
        dropped = 0
        while len(self.lines) > limits.recording_lines or self.lines_size > limits.recording_bytes:
            size = len(self.lines.popleft())
            self.lines_size -= size
            self._charge(-size - ITEM_COST)
            dropped += 1
        return dropped

    def erase(self) -> int:
        """Drops the whole recording; how many lines it had."""
        dropped = len(self.lines)
        self._charge(-self.lines_size - ITEM_COST * dropped)
        self.lines.clear()
        self.lines_size = 0
        return dropped

    def keep(self, items: Mapping[str, bytes], limits: Limits) -> dict[str, bytes]:
        """Takes the originals that are new and still fit; which these are."""
        taken = {}
        for ref, original in items.items():
            size = admit.weight(ref, original)
            if ref in self.items or self.items_size + size > limits.items_bytes:
                continue
            self.items[ref] = taken[ref] = compact(original)
            self.items_size += size
            self._charge(size + ITEM_COST)
        return taken

    def release(self) -> None:
        """Is charged for no longer; the record is of no use any more."""
        self._charge(-self.size)

    def _charge(self, size: int) -> None:
        self.size += size
        self.held.size += size


def compact(text: bytes) -> bytes:
    """The same bytes in no more room than they need: what `orjson.dumps` returns holds 4 kB, however short it is."""
    return b"%b" % text

"""Journals of the embedded store: what policies write down for all sessions of a caller, for an hour.

It must not know sessions, nor a file: a journal does not outlive the process.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from proxy.store import Limits

MOST = 1_000
"""Journals; the one written longest ago goes first."""
MOST_BYTES = 32 << 20
"""Of all of them."""

Key = tuple[str, str]
"""Scope and policy."""


@dataclass(slots=True)
class Journal:
    """The entries of one policy in one scope."""

    entries: deque[bytes] = field(default_factory=deque)
    written: float = 0.0
    """Epoch seconds of the last entry."""


class Journals:
    """All journals, written longest ago first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._journals: OrderedDict[Key, Journal] = OrderedDict()
        self.size = 0
        """Bytes of all entries."""

    def write(self, scope: str, journal: Mapping[str, Sequence[bytes]], now: float) -> None:
        """Adds entries, and lets go what has expired or no longer fits."""
        for policy, new in journal.items():
            self._add((scope, policy), new, now)
        while self._journals and (self._oldest_ends() <= now or len(self._journals) > MOST or self.size > MOST_BYTES):
            _, gone = self._journals.popitem(last=False)
            self.size -= sum(map(len, gone.entries))

    def read(self, scope: str, policy: str, now: float) -> list[bytes]:
        """The entries, oldest first."""
        journal = self._journals.get((scope, policy))
        return list(journal.entries) if journal and journal.written + self._limits.journal_ttl_s > now else []

    def _add(self, key: Key, new: Sequence[bytes], now: float) -> None:
        journal = self._journals.setdefault(key, Journal())
        self._journals.move_to_end(key)
        if journal.written + self._limits.journal_ttl_s <= now:
            self.size -= sum(map(len, journal.entries))
            journal.entries.clear()
        journal.entries.extend(new)
        journal.written = now
        self.size += sum(map(len, new))
        while len(journal.entries) > self._limits.journal_entries:
            self.size -= len(journal.entries.popleft())

    def _oldest_ends(self) -> float:
        return next(iter(self._journals.values())).written + self._limits.journal_ttl_s

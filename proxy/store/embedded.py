"""The embedded store: everything in this process, for one worker; with a path it survives a restart.

It must not know Redis, the wire or a policy. Nothing in it awaits: a load or a save is a few dictionary steps, and
so is atomic on the event loop. Values are kept as bytes, so nobody can change them from outside.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from pathlib import Path
from typing import Any

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, Remembered, StoreError, admit
from proxy.store.disk import Disk, Lesson, Saved
from proxy.store.journals import Journals
from proxy.store.record import Held, Record, compact
from proxy.store.resolve import first

Key = tuple[str, str]
"""Scope and session id; scope and link key."""


class EmbeddedStore:
    """`proxy.store.Store` in dictionaries.

    `path` names a SQLite file to which changes are written behind; raises `StoreError` when it cannot be used.
    `clock` gives epoch seconds.
    """

    def __init__(self, limits: Limits, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._limits = limits
        self._clock = clock
        self._records: OrderedDict[Key, Record] = OrderedDict()
        """Untouched for longest first."""
        self._saves: OrderedDict[Key, None] = OrderedDict()
        """Saved longest ago first."""
        self._recordings: OrderedDict[Key, None] = OrderedDict()
        """Recorded longest ago first."""
        self._owners: dict[Key, dict[str, str]] = {}
        self._lessons: OrderedDict[str, Lesson] = OrderedDict()
        self._journals = Journals(limits)
        self._held = Held()
        self._disk = Disk(path) if path else None
        if self._disk:
            self._restore(self._disk)

    @property
    def size(self) -> int:
        """Bytes held, as they are charged against `Limits.total_bytes`."""
        return self._held.size

    async def load(self, scope: str, claim: Claim, fresh: str) -> Remembered:
        """See `Store.load`."""
        now = self._clock()
        session, link = (claim.session, None) if claim.session else self._find(scope, claim.links, now)
        record = self._known(scope, session, now)
        if record is None:
            parent, _ = self._find(scope, claim.parents, now)
            return Remembered(session or fresh, parent=parent)
        record.head = ""
        self._records.move_to_end((scope, session))
        return Remembered(session, True, link, "", record.thaw(), record.version)

    async def save(self, scope: str, changes: Changes) -> Remembered | None:
        """See `Store.save`. Raises `StoreError` for a memory it refuses, after all else was written."""
        now = self._clock()
        self._forget_expired(now)
        memory, refused = admit.memories(changes.memory, self._limits)
        key = (scope, changes.session)
        record = self._records.get(key) or self._add(key)
        conflict = bool(memory) and record.version not in (0, changes.version)
        if not conflict:
            record.version = max(record.version, changes.version) + 1
            record.remember(memory)
        record.head = changes.head or record.head
        record.at, record.saved = changes.now, now
        self._bind(key, record, changes.links, changes.head)
        lines = admit.lines(changes.recording, self._limits)
        dropped = self._record(key, record, lines, now) if lines else 0
        items = record.keep(changes.items, self._limits) if changes.items else {}
        if changes.journal:
            self._journals.write(scope, admit.entries(changes.journal, self._limits), now)
        self._records.move_to_end(key)
        self._saves.move_to_end(key)
        if self._disk:
            kept = {} if conflict else memory
            bound = tuple(link.key for link in changes.links)
            state = Saved(*key, record.version, record.head, record.at, now, record.recorded)
            self._disk.save(state, kept, bound, changes.head, lines, dropped, items)
        self._evict()
        if refused:
            raise StoreError("; ".join(refused))
        return Remembered(changes.session, True, None, "", record.thaw(), record.version) if conflict else None

    async def sessions(self, limit: int = 100, before: float | None = None) -> Sequence[tuple[str, str, float]]:
        """See `Store.sessions`."""
        self._forget_expired(self._clock())
        known = ((scope, session, record.at) for (scope, session), record in self._records.items())
        asked = known if before is None else (entry for entry in known if entry[2] < before)
        return nlargest(limit, asked, key=lambda entry: entry[2])

    async def memory(self, scope: str, session: str) -> Mapping[str, Any] | None:
        """See `Store.memory`."""
        record = self._known(scope, session, self._clock())
        return record.thaw() if record else None

    async def recording(self, scope: str, session: str) -> Sequence[bytes]:
        """See `Store.recording`."""
        now = self._clock()
        record = self._known(scope, session, now)
        fresh = record and record.recorded + admit.recording_ttl_s(self._limits) > now
        return list(record.lines) if record and fresh else []

    async def items(self, scope: str, session: str, refs: Sequence[str] | None = None) -> Mapping[str, bytes]:
        """See `Store.items`."""
        record = self._known(scope, session, self._clock())
        kept = record.items if record else {}
        return {ref: kept[ref] for ref in (kept if refs is None else refs) if ref in kept}

    async def journal(self, scope: str, policy: str) -> Sequence[bytes]:
        """See `Store.journal`."""
        return self._journals.read(scope, policy, self._clock())

    async def load_shared(self, name: str) -> tuple[bytes, int]:
        """See `Store.load_shared`."""
        lesson = self._lesson(name)
        return (lesson.value, lesson.version) if lesson else (b"", 0)

    async def save_shared(self, name: str, value: bytes, version: int) -> bool:
        """See `Store.save_shared`. Raises `StoreError` for one that is too large."""
        admit.lesson(name, value, self._limits)
        there = self._lesson(name)
        if there and there.version != version:
            return False
        lesson = Lesson(name, compact(value), version + 1, self._clock())
        self._lessons[name] = lesson
        self._lessons.move_to_end(name)
        if self._disk:
            self._disk.save_lesson(lesson)
        while len(self._lessons) > admit.MOST_LESSONS:
            oldest, _ = self._lessons.popitem(last=False)
            if self._disk:
                self._disk.forget_lesson(oldest)
        return True

    async def ping(self) -> None:
        """Always well; what happens to the file is in the log."""

    async def close(self) -> None:
        """Writes what is still to be written."""
        if self._disk:
            await asyncio.to_thread(self._disk.close)

    def _known(self, scope: str, session: str, now: float) -> Record | None:
        record = self._records.get((scope, session))
        return record if record and record.saved + self._limits.session_ttl_s > now else None

    def _lesson(self, name: str) -> Lesson | None:
        lesson = self._lessons.get(name)
        return lesson if lesson and lesson.saved + admit.lesson_ttl_s(self._limits) > self._clock() else None

    def _find(self, scope: str, links: Sequence[Link], now: float) -> tuple[str, Link | None]:
        def head_of(session: str) -> str | None:
            record = self._known(scope, session, now)
            return record.head if record else None

        return first(links, lambda key: self._owners.get((scope, key)), head_of) if links else ("", None)

    def _add(self, key: Key) -> Record:
        record = self._records[key] = Record(self._held)
        self._saves[key] = None
        return record

    def _bind(self, key: Key, record: Record, links: Sequence[Link], head: str) -> None:
        scope, session = key
        for link in links:
            owners = self._owners.setdefault((scope, link.key), {})
            owners.pop(session, None)
            owners[session] = head
            record.link(link.key)
            if len(owners) > self._limits.owners:
                self._unbind(scope, next(iter(owners)), link.key)

    def _unbind(self, scope: str, session: str, link: str) -> None:
        self._records[scope, session].unlink(link)
        owners = self._owners[scope, link]
        del owners[session]
        if not owners:
            del self._owners[scope, link]

    def _record(self, key: Key, record: Record, lines: Sequence[bytes], now: float) -> int:
        """Adds lines to the recording; how many of the oldest it dropped."""
        dropped = record.append(lines, self._limits)
        record.recorded = now
        self._recordings[key] = None
        self._recordings.move_to_end(key)
        return dropped

    def _forget(self, key: Key) -> None:
        for link in tuple(self._records[key].links):
            self._unbind(*key, link)
        self._records.pop(key).release()
        self._saves.pop(key)
        self._recordings.pop(key, None)
        if self._disk:
            self._disk.forget(*key)

    def _forget_recording(self, key: Key) -> None:
        dropped = self._records[key].erase()
        if self._disk:
            self._disk.forget_lines(*key, dropped)
        self._recordings.pop(key)

    def _forget_expired(self, now: float) -> None:
        """Each session is met once: the queues are in the order in which they expire."""
        while self._saves and self._records[next(iter(self._saves))].saved + self._limits.session_ttl_s <= now:
            self._forget(next(iter(self._saves)))
        ttl = admit.recording_ttl_s(self._limits)
        while self._recordings and self._records[next(iter(self._recordings))].recorded + ttl <= now:
            self._forget_recording(next(iter(self._recordings)))

    def _evict(self) -> None:
        while self._records and (self.size > self._limits.total_bytes or len(self._records) > self._limits.sessions):
            self._forget(next(iter(self._records)))

    def _restore(self, disk: Disk) -> None:
        """Builds the tables from the file, then lets go what has expired or no longer fits."""
        for saved in disk.sessions():
            record = self._add((saved.scope, saved.session))
            record.version, record.head, record.at = saved.version, saved.head, saved.at
            record.saved, record.recorded = saved.saved, saved.recorded
        for scope, session, policy, text in disk.memories():
            self._records[scope, session].remember({policy: text})
        for scope, session, link, head in disk.links():
            self._bind((scope, session), self._records[scope, session], (Link(link, "", 0.0),), head)
        for scope, session, line in disk.lines():
            record = self._records[scope, session]
            if self._record((scope, session), record, (line,), record.recorded):
                disk.forget_lines(scope, session, 1)
        for scope, session, ref, original in disk.items():
            if not self._records[scope, session].keep({ref: original}, self._limits):
                disk.forget_item(scope, session, ref)
        self._recordings = OrderedDict.fromkeys(sorted(self._recordings, key=lambda key: self._records[key].recorded))
        self._lessons.update((lesson.name, lesson) for lesson in disk.lessons())
        self._forget_expired(self._clock())
        self._evict()
        disk.start()

"""The embedded store's file: SQLite, written behind by a thread, read once at the start.

It must not know what the rows mean, nor the event loop. A killed process loses at most the last `WRITE_EVERY_S` and
what one write takes; what is in the file is always what the store was at some moment.
"""

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from proxy.store import StoreError

WRITE_EVERY_S = 0.25
MOST_WAITING = 128 << 20
"""Bytes that may wait for a disk that is slow or full; beyond them the file is given up, the store goes on."""
STATEMENT_COST = 400

PRAGMAS = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (scope TEXT, session TEXT, version INTEGER, head TEXT, at REAL, saved REAL,
    recorded REAL, PRIMARY KEY (scope, session)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memories (scope TEXT, session TEXT, policy TEXT, value BLOB,
    PRIMARY KEY (scope, session, policy)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (place INTEGER PRIMARY KEY, scope TEXT, session TEXT, link TEXT, head TEXT,
    UNIQUE (scope, session, link));
CREATE TABLE IF NOT EXISTS lines (place INTEGER PRIMARY KEY, scope TEXT, session TEXT, line BLOB);
CREATE INDEX IF NOT EXISTS lines_of ON lines (scope, session, place);
CREATE TABLE IF NOT EXISTS items (place INTEGER PRIMARY KEY, scope TEXT, session TEXT, ref TEXT, original BLOB,
    UNIQUE (scope, session, ref));
CREATE TABLE IF NOT EXISTS lessons (name TEXT PRIMARY KEY, value BLOB, version INTEGER, saved REAL) WITHOUT ROWID;
"""
OF_SESSION = "WHERE scope = ? AND session = ?"
PUT_SESSION = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)"
PUT_MEMORY = "INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?)"
PUT_LINK = "INSERT OR REPLACE INTO links (scope, session, link, head) VALUES (?, ?, ?, ?)"
PUT_LINE = "INSERT INTO lines (scope, session, line) VALUES (?, ?, ?)"
PUT_ITEM = "INSERT OR IGNORE INTO items (scope, session, ref, original) VALUES (?, ?, ?, ?)"
PUT_LESSON = "INSERT OR REPLACE INTO lessons VALUES (?, ?, ?, ?)"
DROP_LINES = f"DELETE FROM lines WHERE place IN (SELECT place FROM lines {OF_SESSION} ORDER BY place LIMIT ?)"
DROP_ITEM = f"DELETE FROM items {OF_SESSION} AND ref = ?"
DROP_LESSON = "DELETE FROM lessons WHERE name = ?"
OF_A_SESSION = ("sessions", "memories", "links", "lines", "items")
DROP_SESSION = tuple(f"DELETE FROM {table} {OF_SESSION}" for table in OF_A_SESSION)

Value = str | bytes | int | float
Statement = tuple[str, tuple[Value, ...]]

log = logging.getLogger("outrider.store")


class Saved(NamedTuple):
    """A session's row; the times are epoch seconds."""

    scope: str
    session: str
    version: int
    head: str
    at: float
    saved: float
    recorded: float


class Lesson(NamedTuple):
    """A lesson's row; `saved` is epoch seconds."""

    name: str
    value: bytes
    version: int
    saved: float


class Disk:
    """A file that follows the store: read it, `start` it, then tell it every change.

    Raises `StoreError` when the file cannot be used, or another process uses it.
    """

    def __init__(self, path: Path) -> None:
        self._waiting: deque[tuple[int, Sequence[Statement]]] = deque()
        self._asked = 0
        self._written = 0
        """Bytes handed over and bytes done with; each is counted by one thread alone."""
        self._given_up = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="outrider-state", daemon=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            self._file.executescript(f"{PRAGMAS} BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        except (OSError, sqlite3.Error) as fault:
            raise StoreError(f"the state file {path} cannot be used, or another process uses it: {fault}") from fault

    def start(self) -> None:
        """From here on changes are written."""
        self._thread.start()

    def close(self) -> None:
        """Writes what waits, and gives the file back; blocks meanwhile."""
        self._stop.set()
        self._thread.join()
        self._write()
        self._file.close()

    def save(
        self,
        saved: Saved,
        memory: Mapping[str, bytes],
        links: Sequence[str],
        head: str,
        lines: Sequence[bytes],
        dropped: int,
        items: Mapping[str, bytes],
    ) -> None:
        """One save of the store, all or nothing: the row, changed memories, links bound at `head`, lines added at
        the end and `dropped` from the beginning, new originals."""
        of = (saved.scope, saved.session)
        statements: list[Statement] = [(PUT_SESSION, saved)]
        statements += [(PUT_MEMORY, (*of, policy, value)) for policy, value in memory.items()]
        statements += [(PUT_LINK, (*of, link, head)) for link in links]
        statements += [(PUT_LINE, (*of, line)) for line in lines]
        statements += [(PUT_ITEM, (*of, ref, original)) for ref, original in items.items()]
        if dropped:
            statements.append((DROP_LINES, (*of, dropped)))
        self._hand(statements, sum(map(len, chain(memory.values(), lines, items.values()))))

    def forget(self, scope: str, session: str) -> None:
        """Drops a session with all that belongs to it."""
        self._hand([(drop, (scope, session)) for drop in DROP_SESSION])

    def forget_lines(self, scope: str, session: str, count: int) -> None:
        """Drops the oldest lines of a recording."""
        self._hand([(DROP_LINES, (scope, session, count))])

    def forget_item(self, scope: str, session: str, ref: str) -> None:
        """Drops one original."""
        self._hand([(DROP_ITEM, (scope, session, ref))])

    def save_lesson(self, lesson: Lesson) -> None:
        """Writes a lesson."""
        self._hand([(PUT_LESSON, lesson)], len(lesson.value))

    def forget_lesson(self, name: str) -> None:
        """Drops a lesson."""
        self._hand([(DROP_LESSON, (name,))])

    def sessions(self) -> Iterator[Saved]:
        """Every session, saved longest ago first."""
        return map(Saved._make, self._file.execute("SELECT * FROM sessions ORDER BY saved"))

    def memories(self) -> Iterator[tuple[str, str, str, bytes]]:
        """Scope, session, policy, value."""
        return self._file.execute("SELECT scope, session, policy, value FROM memories")

    def links(self) -> Iterator[tuple[str, str, str, str]]:
        """Scope, session, link, head; bound longest ago first."""
        return self._file.execute("SELECT scope, session, link, head FROM links ORDER BY place")

    def lines(self) -> Iterator[tuple[str, str, bytes]]:
        """Scope, session, line; oldest first."""
        return self._file.execute("SELECT scope, session, line FROM lines ORDER BY place")

    def items(self) -> Iterator[tuple[str, str, str, bytes]]:
        """Scope, session, reference, original; kept longest ago first."""
        return self._file.execute("SELECT scope, session, ref, original FROM items ORDER BY place")

    def lessons(self) -> Iterator[Lesson]:
        """Every lesson, saved longest ago first."""
        return map(Lesson._make, self._file.execute("SELECT * FROM lessons ORDER BY saved"))

    def _hand(self, statements: Sequence[Statement], size: int = 0) -> None:
        if self._given_up:
            return
        size += STATEMENT_COST * len(statements)
        self._asked += size
        self._waiting.append((size, statements))
        if self._asked - self._written > MOST_WAITING:
            self._given_up = True
            log.error("the state file is too slow or full: it stays as it is, sessions live on in memory only")

    def _follow(self) -> None:
        while not self._stop.wait(WRITE_EVERY_S):
            self._write()

    def _write(self) -> None:
        """All that waits in one transaction; what cannot be written waits on."""
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not batch:
            return
        try:
            self._file.execute("BEGIN")
            for statement in chain.from_iterable(statements for _, statements in batch):
                self._execute(*statement)
            self._file.execute("COMMIT")
            self._written += sum(size for size, _ in batch)
        except sqlite3.Error as fault:
            log.warning("the state file cannot be written: %s", fault)
            self._waiting.extendleft(reversed(batch))
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")

    def _execute(self, text: str, values: tuple[Value, ...]) -> None:
        try:
            self._file.execute(text, values)
        except UnicodeEncodeError:
            log.warning("a name that is not Unicode is not written to the state file")

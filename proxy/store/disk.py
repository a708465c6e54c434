"""The embedded store's file: SQLite, written behind by a thread, read once at the start.

It must not know what the rows mean, nor the event loop. A killed process loses at most the last `WRITE_EVERY_S` and
what one write takes; what is in the file is always what the store was at some moment.
"""

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path

from proxy.store import StoreError

WRITE_EVERY_S = 0.25
MOST_WAITING = 128 << 20
"""Bytes that may wait for a disk that is slow or full; beyond them the file is given up, the store goes on."""
STATEMENT_COST = 400

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (scope TEXT, session TEXT, version INTEGER, head TEXT, at REAL, saved REAL,
    recorded REAL, PRIMARY KEY (scope, session)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memories (scope TEXT, session TEXT, policy TEXT, value BLOB,
    PRIMARY KEY (scope, session, policy)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (place INTEGER PRIMARY KEY, scope TEXT, session TEXT, link TEXT, head TEXT,
    UNIQUE (scope, session, link));
CREATE TABLE IF NOT EXISTS lines (place INTEGER PRIMARY KEY, scope TEXT, session TEXT, line BLOB);
CREATE INDEX IF NOT EXISTS lines_of ON lines (scope, session, place);
CREATE TABLE IF NOT EXISTS lessons (name TEXT PRIMARY KEY, value BLOB, version INTEGER, saved REAL) WITHOUT ROWID;
"""
OF_SESSION = "WHERE scope = ? AND session = ?"
PUT_SESSION = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)"
PUT_MEMORY = "INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?)"
PUT_LINK = "INSERT OR REPLACE INTO links (scope, session, link, head) VALUES (?, ?, ?, ?)"
PUT_LINE = "INSERT INTO lines (scope, session, line) VALUES (?, ?, ?)"
PUT_LESSON = "INSERT OR REPLACE INTO lessons VALUES (?, ?, ?, ?)"
DROP_LINES = f"DELETE FROM lines WHERE place IN (SELECT place FROM lines {OF_SESSION} ORDER BY place LIMIT ?)"
DROP_LESSON = "DELETE FROM lessons WHERE name = ?"
DROP_RECORDING = f"DELETE FROM lines {OF_SESSION}"
DROP_SESSION = tuple(f"DELETE FROM {table} {OF_SESSION}" for table in ("sessions", "memories", "links", "lines"))

Value = str | bytes | int | float
Statement = tuple[str, tuple[Value, ...]]

log = logging.getLogger("outrider.store")


@dataclass(frozen=True, slots=True)
class Saved:
    """A session's row; the times are epoch seconds."""

    scope: str
    session: str
    version: int
    head: str
    at: float
    saved: float
    recorded: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson's row."""

    name: str
    value: bytes
    version: int
    saved: float


class Disk:
    """A file that follows the store. Raises `StoreError` when it cannot be used, or another process uses it."""

    def __init__(self, path: Path) -> None:
        self._waiting: deque[tuple[int, Sequence[Statement]]] = deque()
        self._asked = 0
        self._written = 0
        """Bytes handed over and bytes done with; each is counted by one thread alone."""
        self._given_up = False
        self._stop = threading.Event()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            self._file.executescript("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
            self._file.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        except (OSError, sqlite3.Error) as fault:
            raise StoreError(f"the state file {path} cannot be used (is another process using it?): {fault}") from fault
        self._thread = threading.Thread(target=self._follow, name="outrider-state", daemon=True)
        self._thread.start()

    def save(
        self,
        saved: Saved,
        memory: Mapping[str, bytes],
        links: Sequence[str],
        head: str,
        lines: Sequence[bytes],
        dropped: int,
    ) -> None:
        """One save of the store, all or nothing: the row, changed memories, links bound at `head`, lines added at
        the end and `dropped` from the beginning."""
        of = (saved.scope, saved.session)
        statements: list[Statement] = [(PUT_SESSION, (*of, *astuple_of(saved)))]
        statements += [(PUT_MEMORY, (*of, policy, value)) for policy, value in memory.items()]
        statements += [(PUT_LINK, (*of, link, head)) for link in links]
        statements += [(PUT_LINE, (*of, line)) for line in lines]
        if dropped:
            statements.append((DROP_LINES, (*of, dropped)))
        self._hand(statements, sum(map(len, memory.values())) + sum(map(len, lines)))

    def save_lesson(self, lesson: Lesson) -> None:
        """Writes a lesson."""
        self._hand([(PUT_LESSON, (lesson.name, lesson.value, lesson.version, lesson.saved))], len(lesson.value))

    def forget(self, scope: str, session: str) -> None:
        """Drops a session with all that belongs to it."""
        self._hand([(drop, (scope, session)) for drop in DROP_SESSION])

    def forget_lines(self, scope: str, session: str, count: int) -> None:
        """Drops the oldest lines of a recording."""
        self._hand([(DROP_LINES, (scope, session, count))])

    def forget_recording(self, scope: str, session: str) -> None:
        """Drops a session's lines."""
        self._hand([(DROP_RECORDING, (scope, session))])

    def forget_lesson(self, name: str) -> None:
        """Drops a lesson."""
        self._hand([(DROP_LESSON, (name,))])

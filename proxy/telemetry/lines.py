"""Lines on their way to a stream.

It must not know what the lines say, nor who says them.
"""

import atexit
import threading
from collections.abc import Callable

FLUSH_BYTES = 65_536
"""To wake the thread costs as much as a line; what is read by people need not come sooner than `FLUSH_S`."""
FLUSH_S = 0.25
MOST_WAITING = 16 << 20


class Lines:
    """Takes lines at once and writes them from a thread, so that a slow reader of stderr stops nobody.

    They leave after a quarter of a second, with the first 64 kB, when asked, and at exit. Of more than 16 MiB waiting
    the newest are dropped, and their number is told.
    """

    def __init__(self, write: Callable[[bytes], object], dropped: Callable[[int], bytes]) -> None:
        """`write` takes bytes and may block; `dropped` gives the line that tells how many were lost."""
        self._write = write
        self._tell_dropped = dropped
        self._waiting: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, line: bytes, *, now: bool = False) -> None:
        """Takes a line, newline included; `now`: it need not wait for others."""
        with self._lock:
            if self._size + len(line) > MOST_WAITING:
                self._dropped += 1
                return
            self._waiting.append(line)
            self._size += len(line)
            urgent = now or self._size >= FLUSH_BYTES
        if self._thread is None:
            self._start()
        if urgent:
            self._wake.set()

    def flush(self) -> None:
        """Writes what is waiting. What a stream that is gone does not take is lost."""
        with self._writing:
            with self._lock:
                lines, self._waiting, self._size = self._waiting, [], 0
                dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(self._tell_dropped(dropped))
            if lines:
                self._hand_on(b"".join(lines))

    def _hand_on(self, text: bytes) -> None:
        try:
            self._write(text)
        except (OSError, ValueError):
            return

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.flush)

    def _run(self) -> None:
        while True:
            self._wake.wait(FLUSH_S)
            self._wake.clear()
            self.flush()

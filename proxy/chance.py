"""Chance: random bytes for ids and seeds, drawn from the system many at a time.

It must not know what they are for.
"""

import os

DRAWN = 8192
"""Bytes drawn at a time: a system call for each request would cost more than the rest of making an id."""


class Chance:
    """Random bytes from the operating system. Used by one thread of one process; a fork must make its own."""

    def __init__(self) -> None:
        self._drawn = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """So many bytes, never given before; at most 8192."""
        if self._at + count > len(self._drawn):
            self._drawn, self._at = os.urandom(DRAWN), 0
        taken = self._drawn[self._at : self._at + count]
        self._at += count
        return taken

"""Follows a file: what it says anew is taken as soon as it is written, and what cannot be read is told and left.

It must not know what the file holds; it is handed how to read it, and who takes what was read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sized
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T", bound=Sized)
EVERY_S = 1.0
log = logging.getLogger("outrider.models")
Mark = tuple[int, int, int]
"""Change time in ns, size and inode."""


@asynccontextmanager
async def following(
    path: str, read: Callable[[], T], take: Callable[[T], None], every_s: float = EVERY_S
) -> AsyncIterator[None]:
    """Follows the file for as long as the block; an empty path is no file, and nothing is done."""
    if not path:
        yield
        return
    seen = await asyncio.to_thread(_mark, path)
    following = asyncio.ensure_future(_follow(path, seen, read, take, every_s))
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def _follow(
    path: str, seen: Mark | None, read: Callable[[], T], take: Callable[[T], None], every_s: float
) -> None:
    while True:
        await asyncio.sleep(every_s)
        mark = await asyncio.to_thread(_mark, path)
        if mark == seen:
            continue
        seen = mark
        try:
            read_anew = await asyncio.to_thread(read)
        except (OSError, ValueError) as fault:
            log.warning("%s has changed and cannot be used, what it said before stays: %s", path, fault)
            continue
        if not read_anew:  # an editor empties a file before it fills it
            log.warning("%s is empty, what it said before stays", path)
            continue
        take(read_anew)
        log.info("%s has changed and was read again", path)


def _mark(path: str) -> Mark | None:
    """None where there is no file."""
    try:
        told = Path(path).expanduser().stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino

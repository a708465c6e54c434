"""Comment lines in a silent stream, so that balancers with an idle timeout do not cut it (`OUTRIDER_SSE_KEEPALIVE_S`).

It must not know what the stream says: a comment goes only between two events, and clients skip it (WHATWG, "server-
sent events": lines that begin with a colon).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, TypeVar

T = TypeVar("T")

COMMENT = b": keep-alive\n\n"
BORDERS = (b"\n\n", b"\r\n\r\n", b"\r\r")


async def within(work: "asyncio.Future[T]", seconds: float) -> bool:
    """Whether the work is done within so many seconds; it goes on if not."""
    done, _ = await asyncio.wait({work}, timeout=seconds)
    return bool(done)


async def beating(chunks: AsyncIterator[bytes], seconds: float) -> AsyncGenerator[bytes]:
    """The chunks, and a comment after each `seconds` of silence between two events."""
    between = True
    step = asyncio.ensure_future(_next(chunks))
    try:
        while (chunk := await _or_comment(step, seconds)) is not None:
            if step.done():
                between = chunk.endswith(BORDERS)
                step = asyncio.ensure_future(_next(chunks))
                yield chunk
            elif between:
                yield chunk
    finally:
        await drop(step)


async def _or_comment(step: "asyncio.Future[bytes | None]", seconds: float) -> bytes | None:
    """The chunk, None at the end; a comment when neither has come within so many seconds."""
    return step.result() if await within(step, seconds) else COMMENT


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


async def drop(work: "asyncio.Future[Any] | None") -> None:
    """Cancels what is no longer wanted, and waits until it has let go."""
    if work is None or work.done():
        return
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

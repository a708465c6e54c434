"""A way past the task that carries a reply: pieces go from the upstream's socket to the client's in one call.

It must not know either side's protocol, nor what is in a piece. To wake a task for each event of a stream costs more
than everything else that is done with it. So while the task waits for the next piece, each one is first offered to
the bypass; what it does not take (the end, a slow client) comes to the task as if there were none.
"""

from collections.abc import AsyncGenerator, Awaitable
from typing import Any

from proxy.relay import Tap
from proxy.upstreams import Take


class Flow:
    """The chunks for a client, with the bypass around the steps they otherwise take."""

    __slots__ = ("_source", "_steps", "_tap")

    def __init__(self, steps: AsyncGenerator[bytes], source: object, tap: Tap) -> None:
        """`steps` gives the chunks one by one; they come from `source` unchanged, and `tap` hears each."""
        self._steps = steps
        self._source = source
        self._tap = tap

    def __aiter__(self) -> "Flow":
        return self

    def __anext__(self) -> Awaitable[bytes]:
        return self._steps.__anext__()

    def aclose(self) -> Awaitable[Any]:
        """Closes the upstream's side."""
        return self._steps.aclose()

    def bypass(self, take: Take) -> None:
        """From now on `take` is asked for each piece that comes while the reader waits; the end is left to the
        reader. Does nothing where the source has no such way."""
        offer, tap = getattr(self._source, "bypass", None), self._tap
        if offer is None:
            return

        def passed(piece: bytes) -> bool:
            if tap.ends(piece) or not take(piece):
                return False
            tap.note(piece)
            return True

        offer(passed)

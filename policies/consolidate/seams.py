"""Where a conversation may be cut: between complete groups of tool calls and results, never inside one.

It must not know why it is cut. What nobody may rewrite (signed, encrypted, unknown, marked for the cache) keeps its
whole group.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from proxy.conversation import Turn

LEADING = ("system", "developer")
SPEAKS = ("assistant", "reasoning")
"""Roles of what a model says; several items in a row are one reply."""


def seams(turns: Sequence[Turn], start: int = 0) -> list[int]:
    """Indices before which the conversation may be cut, ascending, from `start` on (itself never).

    Before such a turn no tool call waits for its result, and the turn neither brings a result nor goes on with a
    reply that began before it.
    """
    found: list[int] = []
    waiting: set[str] = set()
    spoke = False
    for place in range(start, len(turns)):
        turn = turns[place]
        speaks, results = turn.role in SPEAKS, turn.results
        if not waiting and not results and place > start and not (speaks and spoke) and turn.role != "tool":
            found.append(place)
        if turn.calls:
            waiting.update(call.id for call in turn.calls)
        if results:
            waiting.difference_update(result.id for result in results)
        spoke = speaks
    return found


def groups(turns: Sequence[Turn], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The turns from `start` to `end`, a seam, as runs that belong together."""
    borders = [start, *(place for place in seams(turns[:end], start)), end]
    yield from pairwise(borders)


def head(turns: Sequence[Turn]) -> int:
    """How many turns of instructions stand in front."""
    return next((place for place, turn in enumerate(turns) if turn.role not in LEADING), len(turns))


def unseen(turns: Sequence[Turn]) -> int:
    """The first turn behind the newest reply: from here on no provider has seen the conversation yet."""
    return next((place for place in range(len(turns), 0, -1) if turns[place - 1].role in SPEAKS), 0)


def untouchable(turn: Turn) -> bool:
    """Whether a turn may be neither dropped nor rewritten."""
    return turn.opaque or turn.role in LEADING

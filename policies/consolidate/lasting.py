"""Lasting: how many more requests a session of an agent will make, learned from its earlier sessions.

It must not know what the sessions were about, nor when they ran.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
"""Lengths in requests at which sessions are counted; each is at most twice the one before."""
PRIOR_SESSIONS = 4
"""The prior weighs as much as so many sessions that came as far."""
FEWEST, MOST = 1.0, 100.0
"""Bounds of the prior, in requests."""
MOST_COUNTED = 1_000
"""Sessions after which all counts are halved, so that an agent that has changed is learned anew."""


class Ends(NamedTuple):
    """How many sessions of an agent came as far as each of `STEPS`. A session counts at each step it passes, so
    nobody need know when it is over; one that still runs makes the estimate a little smaller, which is careful."""

    reached: tuple[float, ...] = (0.0,) * len(STEPS)

    def json(self) -> list[float]:
        """For the store."""
        return list(self.reached)


def ends(told: Any) -> Ends:
    """What `json` gave, or a fresh start when it is nothing of the kind."""
    if not isinstance(told, Sequence) or len(told) != len(STEPS):
        return Ends()
    if not all(isinstance(count, int | float) and 0 <= count <= 2 * MOST_COUNTED for count in told):
        return Ends()
    return Ends(tuple(float(count) for count in told))


def reached(known: Ends, turns: int) -> Ends:
    """A session has made its request number `turns` (from 1). To be called once for each number."""
    at = bisect_left(STEPS, turns)
    if at == len(STEPS) or STEPS[at] != turns:
        return known
    counts = list(known.reached)
    counts[at] += 1
    if counts[0] > MOST_COUNTED:
        counts = [count / 2 for count in counts]
    return Ends(tuple(counts))


def ended(known: Ends, turns: int) -> Ends:
    """A session that nobody counted on its way has ended after `turns` requests."""
    for step in STEPS:
        if step <= turns:
            known = reached(known, step)
    return known


def remaining(known: Ends, turns: int) -> float:
    """Requests expected after request number `turns`.

    Of an unknown agent about as many as so far (as with a Pareto tail of exponent 2), between 1 and 100. Of a known
    one the mean residual life under the counted survival curve, straight between steps, mixed with the prior.
    """
    turns = max(1, turns)
    prior = min(max(float(turns), FEWEST), MOST)
    here = _reaching(known, turns)
    if here <= 0:
        return prior
    points = [(turns, here)] + [
        (step, min(count, here)) for step, count in zip(STEPS, known.reached, strict=True) if step > turns
    ]
    area = sum((right - left) * (low + high) / 2 for (left, high), (right, low) in pairwise(points))
    return (PRIOR_SESSIONS * prior + area) / (PRIOR_SESSIONS + here)


def _reaching(known: Ends, turns: int) -> float:
    """Sessions that came as far as `turns`, straight between the steps around it."""
    at = bisect_left(STEPS, turns)
    if at == len(STEPS):
        return 0.0
    if STEPS[at] == turns:
        return known.reached[at]
    share = (turns - STEPS[at - 1]) / (STEPS[at] - STEPS[at - 1])
    return known.reached[at - 1] + share * (known.reached[at] - known.reached[at - 1])

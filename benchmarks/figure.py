"""A figure: something measured, beside its target.

It must not know how it was measured, or where it is shown.
"""

from dataclasses import dataclass
from enum import Enum


class Bound(Enum):
    """Which side of the target is the good one."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number about one contestant."""

    group: str
    what: str
    who: str
    value: float
    unit: str
    target: float | None = None
    """None: shown for comparison only."""
    bound: Bound = Bound.AT_MOST
    low: float | None = None
    """The lowest reading behind the value, where it is a median of several."""
    high: float | None = None

    @property
    def held(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.bound is Bound.AT_MOST else self.value >= self.target

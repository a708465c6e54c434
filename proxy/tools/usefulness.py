"""Whether early results of a tool are used: where hardly any is, its calls ahead stop for a while.

It must not know what a call is about, nor have a clock of its own. Each window counts for itself: a guess may be
useless where a call that stands whole in a stream is not.
"""

from dataclasses import dataclass
from math import sqrt

PRIOR = 4.0
"""Times used, and times not, that are taken for granted before anything is known."""
MEMORY = 0.98
"""What earlier launches weigh beside a new one."""
SURE = 1.28
"""Standard deviations below the mean: one in ten is lower."""
USEFUL, USELESS = ("used", "compared"), ("expired", "write")
"""What became of a launch that says something; an error, or a lack of room, says nothing of the guess."""


@dataclass(slots=True)
class Usefulness:
    """How a tool's early results fared in one window."""

    used: float = 0.0
    unused: float = 0.0
    off_until: float = 0.0

    def took(self, use: str, now: float, least: float, rest_s: float) -> bool:
        """Notes what became of a launch; whether this was the one that ends it: the lower bound of the useful share has
        fallen under `least`, and the tool is left alone for `rest_s` seconds, then tried anew."""
        if use not in USEFUL and use not in USELESS:
            return False
        self.used = MEMORY * self.used + (use in USEFUL)
        self.unused = MEMORY * self.unused + (use in USELESS)
        if self.lowest >= least:
            return False
        self.used = self.unused = 0.0
        self.off_until = now + rest_s
        return True

    @property
    def lowest(self) -> float:
        """The lower bound of the share that is used: of its Beta posterior, about the tenth percentile."""
        good, bad = PRIOR + self.used, PRIOR + self.unused
        share = good / (good + bad)
        return share - SURE * sqrt(share * (1 - share) / (good + bad + 1))

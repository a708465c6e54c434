"""Whether it pays to send an agent's next request early: how often it was what was expected, what that saves, what it
costs.

It must not know requests. A Beta posterior, the latest counting most.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self

KEPT = 0.95
PACE = 0.2


class Wager(NamedTuple):
    """What is known of one agent; JSON-able as a list."""

    equal: float = 0.0
    other: float = 0.0
    """Next requests that were as expected, and those that were not."""
    ahead: float = 0.0
    """Seconds from the last result to the next request, usually."""
    usd: float = 0.0
    """Of a request, usually; 0 where no price is known."""

    @classmethod
    def read(cls, told: object) -> Self:
        """What `list(wager)` became after JSON; of anything else, nothing."""
        return cls(*told) if isinstance(told, list) and len(told) == len(cls._fields) else cls()

    @property
    def p(self) -> float:
        """The chance that the next request is the expected one: the posterior's mean, from one half."""
        return (1 + self.equal) / (2 + self.equal + self.other)

    def pays(self, second_usd: float) -> bool:
        """Whether what it brings is above what it costs. Where nothing is known of either, it does not."""
        return self.usd > 0 and self.p * self.ahead * second_usd > (1 - self.p) * self.usd

    def then(self, told: Mapping[str, float]) -> Self:
        """With what came: `equal` (1 or 0), `ahead`, `usd`."""
        wager = self
        if "equal" in told:
            wager = wager._replace(
                equal=KEPT * wager.equal + told["equal"], other=KEPT * wager.other + 1 - told["equal"]
            )
        for name in ("ahead", "usd"):
            if name in told:
                usual = getattr(wager, name)
                wager = wager._replace(**{name: usual + PACE * (told[name] - usual) if usual else told[name]})
        return wager

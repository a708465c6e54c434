"""Which prospects are launched: those whose expected worth is above their cost, within bounds.

It must not know how likely a prospect is said to be, nor who launches it.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from policies.prefetch.prospects import Prospect


class Gate(NamedTuple):
    """When launching pays."""

    cost: float = 0.2
    """What a launch costs, as a share of what a served call is worth."""
    per_step: int = 8
    """Launches before one step."""
    per_read: float = 1.5
    """Launches for each read call of a session, at most."""
    ahead: int = 6
    """Launches that a session may be ahead of that."""

    def chosen(self, found: Sequence[Prospect], held: Collection[str], launched: int, reads: int) -> list[Prospect]:
        """The prospects to launch, the likeliest first. `held` are the keys of calls whose results are there already,
        `launched` and `reads` what the session has launched and read so far."""
        room = min(self.per_step, int(self.per_read * reads) + self.ahead - launched)
        worth = [each for each in found if each.p > self.cost and each.call.key not in held]
        return worth[: max(0, room)]

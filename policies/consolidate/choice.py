"""Whether to condense now: the user's marks where given, else the arithmetic.

It must not know a text, nor how a checkpoint is made.
"""

from typing import NamedTuple

from policies.consolidate.event import Plan
from policies.consolidate.ledger import Branch
from policies.consolidate.tariff import Tariff
from policies.consolidate.worth import DEFAULT_WINDOW, Event, bearable, default_marks, full, pays

PATIENCE = 2
"""Times a mark that a user gave: so long an event may be put off that would leave the session behind."""
COLD_SHARE = 0.5
"""Of the high-water mark: from here on an event is thought of when the provider's cache is cold anyway."""


class Marks(NamedTuple):
    """Where an event is due, and what it leaves; tokens of the conversation without instructions and tools."""

    above: int
    to: int
    given: bool
    """By the user: then the marks decide; money only puts an event off for a while."""


class Stand(NamedTuple):
    """Where a session stands with its money. US dollars."""

    spent: float
    ahead: float
    remaining: float
    """Requests that are expected to follow the next one."""
    requests: int
    """Made so far."""
    cold: bool
    """The provider's cache has forgotten the session."""
    off: bool = False
    """The agent's sessions have lost money by it lately."""


def marks(above: int, to: int, window: int, tariff: Tariff, frame: int) -> Marks:
    """The user's marks, or those that follow from window and prices. `frame`: tokens of instructions and tools."""
    if above:
        return Marks(above, to or above // 3, True)
    return Marks(*default_marks(window or None, tariff, frame), False)


def thinkable(branch: Branch, marks: Marks, stand: Stand) -> bool:
    """Whether an event is worth planning at all."""
    if marks.given:
        return branch.tokens > marks.above
    if stand.off:
        return False
    return branch.tokens > marks.above * (COLD_SHARE if stand.cold else 1.0)


def due(
    branch: Branch,
    event: Plan,
    marks: Marks,
    stand: Stand,
    tariff: Tariff,
    frame: int,
    window: int,
    maker: float = 0.0,
) -> bool:
    """Whether the planned event happens now, or its state is worth `maker` US dollars of a model's time."""
    if marks.given and (not tariff.known or branch.tokens > PATIENCE * marks.above):
        return True
    possible = Event(
        frame + branch.tokens,
        frame + event.kept - event.moved,
        event.tail,
        event.fresh,
        event.budget + event.moved,
        branch.whole / max(1, stand.requests),
        window or DEFAULT_WINDOW,
        stand.cold,
        maker,
    )
    if marks.given:
        return full(possible) or bearable(possible._replace(maker=0.0), tariff, spent=stand.spent, ahead=stand.ahead)
    return pays(possible, tariff, stand.remaining, spent=stand.spent, ahead=stand.ahead)

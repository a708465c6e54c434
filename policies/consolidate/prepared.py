"""A checkpoint made ahead of its event: whether one is under way, ready, or not to be had; and its use.

It must not know how it is made, nor marks and money.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from policies.consolidate.event import LEAST_FREED, Parting, Plan, sizes, weighed
from policies.consolidate.ledger import Branch, Checkpoint, checkpoint_of
from proxy.conversation import Turn

SOFT = 0.85
"""Of the high-water mark: from here on the state is made ahead."""
LATEST_S = 600.0
"""Seconds after which an answer is not waited for any more: the process that asked is gone."""


class Ahead(NamedTuple):
    """What is known of the checkpoint that the next event may use."""

    base: str = ""
    """The checkpoint it is made from; see `base_of`."""
    by: str = ""
    """Id of the exchange that asked for it."""
    at: float = 0.0
    """Epoch seconds of that."""
    done: bool = False
    checkpoint: Checkpoint | None = None
    why: str = ""
    """Why there is none; for people."""

    def json(self) -> dict[str, Any]:
        """For the store."""
        fields = self._asdict()
        return fields | {"checkpoint": self.checkpoint._asdict()} if self.checkpoint else fields

    def busy(self, branch: Branch, now: float) -> bool:
        """Whether nothing may be asked for this branch now: a model is asked already, or was since the last event."""
        waits = not self.done and bool(self.by) and now - self.at < LATEST_S
        return waits or (bool(self.by) and self.base == base_of(branch))

    def usable(self, branch: Branch, turns: Sequence[Turn]) -> Checkpoint | None:
        """The checkpoint, where it goes on from this branch's last one and its cut lies in this history."""
        made = self.checkpoint
        if made is None or self.base != base_of(branch) or not made.belongs(turns):
            return None
        return made if made.start > branch.start else None


def ahead(told: object) -> Ahead:
    """What `Ahead.json` gave; blank where there is nothing of the kind."""
    if not isinstance(told, Mapping):
        return Ahead()
    try:
        known = Ahead(**told)
        point: Any = told.get("checkpoint")
        return known._replace(checkpoint=checkpoint_of(point) if point else None)
    except (KeyError, TypeError, ValueError):
        return Ahead()


def base_of(branch: Branch) -> str:
    """A name for the checkpoint that a branch stands on."""
    return f"{branch.checkpoint.made if branch.checkpoint else ''}{branch.fork}"


def prepared(
    known: Ahead, branch: Branch, turns: Sequence[Turn], most: float, count: Callable[[str], int]
) -> tuple[Plan, Checkpoint] | None:
    """The event that uses it, and the checkpoint; None where there is none for this history, or where so much has
    come since that more than `most` tokens would be left."""
    made = known.usable(branch, turns)
    if made is None:
        return None
    parting = Parting(made.start, made.kept, ())
    event = weighed(parting, branch, turns, sizes(branch, turns, count), made.text_tokens)
    left = event.kept + event.tail + event.budget
    if left > most or branch.tokens - left < LEAST_FREED * branch.tokens:
        return None
    return event, made


def used(made: Checkpoint, branch: Branch, event: Plan, exchange: str) -> Checkpoint:
    """The checkpoint as it comes into force with the exchange of that id."""
    return made._replace(
        kept_tokens=event.kept,
        whole=branch.whole - event.tail,
        since=branch.start,
        made=exchange,
        moved=event.moved,
    )

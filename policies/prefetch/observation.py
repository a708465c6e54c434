"""What one step of a session teaches: plain values, so that it can be told by one process to another.

It must not know what is made of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

NOTHING: Mapping[str, Any] = {}
UNGUESSED, UNFOUND = -2, -1
"""In place of the right guess: nothing could be guessed yet, and what was made is not among the guesses."""


class Observation(NamedTuple):
    """One step: what was known before it, and what came."""

    label: str
    """The tool that was called; empty for a reply."""
    features: list[list[Any]]
    """What the names' regression looks at: `[name, value]`."""
    words: list[str]
    ready: Mapping[str, int]
    inside: bool
    follows: list[str]
    arguments: Mapping[str, str] = NOTHING
    """JSON text by name; empty text for one too long to be a constant."""
    held: Mapping[str, list[str]] = NOTHING
    """Argument -> sources that held its value."""
    there: Mapping[str, list[str]] = NOTHING
    """Argument -> known sources of it that were there."""
    offered: Sequence[Sequence[float]] = ()
    """Features of the guessed calls, given the tool."""
    right: int = UNGUESSED
    """Which of them was made."""
    named: Mapping[str, list[str]] = NOTHING
    """Value that stood nowhere -> phrases of the user by which it may be called."""
    outcomes: Mapping[str, int] = NOTHING
    """Name of a behaviour program -> 1 it was right, -1 wrong; not here: it said nothing."""

    @classmethod
    def read(cls, told: Any) -> Self:
        """What `list(observation)` became after JSON. Raises `TypeError` for anything else."""
        return cls(*told)

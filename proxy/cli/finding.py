"""One thing that `outrider doctor` looked at.

It must not know how it was looked at, nor how it is shown.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what was seen or is to be done."""

    what: str
    state: State
    said: str

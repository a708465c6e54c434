"""One ride of recorded sessions through a proxy, as it was ordered.

It must not know how it is carried out; that is `drive`.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ride:
    """What is to be played, and how."""

    files: tuple[Path, ...]
    title: str
    concurrency: int = 8
    stream: bool | None = None
    json: bool = False

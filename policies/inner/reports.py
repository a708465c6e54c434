"""Reports that a session keeps in a policy's memory: the latest.

It must not know what is reported, nor on whom.
"""

from collections.abc import Mapping
from typing import Any

KEPT = 8
"""Reports of a session."""


def filed(memory: Any, report: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's memory of a session with one report more, and without the oldest where there are too many."""
    return {"reports": [*((memory or {}).get("reports", ())), report][-KEPT:]}

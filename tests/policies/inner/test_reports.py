"""Reports in a session's memory."""

from typing import Any

from policies.inner.reports import KEPT, filed


def test_the_latest_are_kept() -> None:
    """So many, in their order, from a session without memory on."""
    memory: Any = None
    for number in range(KEPT + 3):
        memory = filed(memory, {"number": number})
    assert memory == {"reports": [{"number": number} for number in range(3, KEPT + 3)]}

"""The planner's instructions for workers and manager, read from whatever it wrote.

It must not know what they are for. What is no pair of instructions is None, never an error.
"""

from typing import NamedTuple

from policies.divide.wording import MANAGER, WORKER
from policies.inner.documents import documents

MOST = 4_000
"""Characters of an instruction: a longer one is an essay."""


class Instructions(NamedTuple):
    """What workers and the manager are to do."""

    worker: str = WORKER
    manager: str = MANAGER


def read(text: str) -> Instructions | None:
    """The instructions in a planner's reply: the first JSON object with both, whatever stands around it."""
    found = (_pair(each) for each in documents(text) if isinstance(each, dict))
    return next((pair for pair in found if pair), None)


def _pair(found: dict[str, object]) -> Instructions | None:
    worker, manager = found.get("worker"), found.get("manager")
    if not isinstance(worker, str) or not isinstance(manager, str):
        return None
    worker, manager = worker.strip(), manager.strip()
    fit = 0 < len(worker) <= MOST and 0 < len(manager) <= MOST
    return Instructions(worker, manager) if fit else None

"""The planner's instructions for workers and manager, read from whatever it wrote.

It must not know what they are for. What is no pair of instructions is None, never an error.
"""

import json
from typing import NamedTuple

from policies.divide.wording import MANAGER, WORKER

MOST = 4_000
"""Characters of an instruction: a longer one is an essay."""


class Instructions(NamedTuple):
    """What workers and the manager are to do."""

    worker: str = WORKER
    manager: str = MANAGER


def read(text: str) -> Instructions | None:
    """The instructions in a planner's reply: the first JSON object with both, whatever stands around it."""
    decoder = json.JSONDecoder()
    begin = text.find("{")
    while begin >= 0:
        try:
            found, _ = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and (pair := _pair(found)):
            return pair
        begin = text.find("{", begin + 1)
    return None


def _pair(found: dict[str, object]) -> Instructions | None:
    worker, manager = found.get("worker"), found.get("manager")
    if not isinstance(worker, str) or not isinstance(manager, str):
        return None
    worker, manager = worker.strip(), manager.strip()
    fit = 0 < len(worker) <= MOST and 0 < len(manager) <= MOST
    return Instructions(worker, manager) if fit else None

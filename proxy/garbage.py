"""Garbage collection, paced for a process that remembers much and makes few cycles.

It must not know what is remembered.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

YOUNG = 10_000
"""Objects made beyond those freed until the youngest are looked through; Python's own 700 suits short programs."""
THOROUGH_S = 600.0
"""Everything is looked through as rarely as this."""


@contextmanager
def paced(clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """For as long as the block, what has survived a full collection is left out of the next ones (`gc.freeze`).

    Python goes through everything that lives again and again: with 40,000 sessions in memory that stops the process
    for 0.1 s each time. Sessions are no cycles; they are freed when they are forgotten, frozen or not. Cycles that
    were in use at the wrong moment wait for the thorough collection every ten minutes. Afterwards nothing is left out.
    """
    last = clock()

    def pace(phase: str, told: dict[str, int]) -> None:
        nonlocal last
        if told["generation"] != 2:
            return
        if phase == "stop":
            gc.freeze()
        elif clock() - last > THOROUGH_S:
            last = clock()
            gc.unfreeze()

    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *thresholds[1:])
    gc.callbacks.append(pace)
    try:
        yield
    finally:
        gc.callbacks.remove(pace)
        gc.set_threshold(*thresholds)
        gc.unfreeze()

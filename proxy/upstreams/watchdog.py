"""A watchdog: wakes a task that has waited too long, with one timer for many waits.

It must not know what is waited for.
"""

import asyncio


class Watchdog:
    """Cancels the task that `watch` was called in, unless `rest` comes in time.

    A timer for every piece of a stream would cost more than the piece. Here `watch` only notes the new deadline; the
    one timer looks when it runs out, and sets itself again if the deadline has moved on.
    """

    __slots__ = ("_bitten", "_cancels", "_deadline", "_loop", "_task", "_timer")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._deadline = 0.0
        self._cancels = 0
        self._bitten = False

    def watch(self, seconds: float) -> None:
        """The running task is about to wait, for so long at most."""
        task = asyncio.current_task()
        if task is None:
            return
        self._task = task
        self._cancels = task.cancelling()
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._set()

    def rest(self) -> None:
        """The wait is over."""
        self._task = None

    def caught(self) -> bool:
        """In the handler of `CancelledError`: whether it was this watchdog, and nobody else, that cancelled."""
        if not self._bitten or self._task is None:
            return False
        self._bitten = False
        return self._task.uncancel() <= self._cancels

    def stop(self) -> None:
        """Gives the timer back."""
        self._task = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._deadline:
            self._set()
            return
        self._bitten = True
        self._task.cancel()

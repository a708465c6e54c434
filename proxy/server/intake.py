"""Takes a request's body in, and notices when its client hangs up.

It must not know what a body means.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from proxy.server.protocol import HANGUP

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class TooLarge(Exception):
    """The body is longer than the limit."""


class Gone(Exception):
    """The client left before its request was complete."""


async def take_in(receive: Receive, declared: str, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` (as soon as that is known) or `Gone`."""
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    body: bytes = message.get("body", b"")
    if len(body) > limit:
        raise TooLarge
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge
    return b"".join(parts)


class Watch:
    """Cancels the task that answers when the client hangs up, in every window: before the first byte, in
    mid-stream, and while a whole body is awaited.

    Polling would lose the race. Where the server tells of a hang-up it is listened to; else a task waits on
    `receive`, which ends by itself once the response is complete.
    """

    __slots__ = ("_listen", "_task", "_waiting", "gone")

    def __init__(self, scope: Scope, receive: Receive, task: "asyncio.Task[Any]") -> None:
        self.gone = False
        self._task: asyncio.Task[Any] | None = task
        self._waiting: asyncio.Task[None] | None = None
        self._listen = scope.get("extensions", {}).get(HANGUP, {}).get("listen")
        if self._listen is not None:
            self._listen(self._heard)
        else:
            self._waiting = task.get_loop().create_task(self._wait(receive))

    def end(self) -> None:
        """Nothing is to be cancelled any more."""
        self._task = None
        if self._listen is not None:
            self._listen(None)

    async def _wait(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._heard()

    def _heard(self) -> None:
        if self._task is not None:
            self.gone = True
            self._task.cancel()

"""The upstream's protocol: a place a request can be answered.

It must not know the engine, a policy, or an HTTP library.
"""

from collections.abc import Callable
from typing import Protocol

from proxy.exchange import Reply, Request

Take = Callable[[bytes], bool]
"""Takes a piece of a body and says True, or leaves it to whoever reads and says False. Chunks with a method `bypass`
ask one for each piece that comes while their reader waits, so that no task is woken for it."""


class UpstreamError(Exception):
    """No answer could be had: nothing came back that could be handed to the client.

    `code` is one of `connect`, `timeout`, `closed`, `unknown_model`, `unknown_upstream`, `not_recorded`; `status` is
    what a gateway answers for it (502, 504, 404). `sent` tells whether the request may have reached the upstream.
    """

    def __init__(self, message: str, *, code: str, status: int, sent: bool = True, upstream: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.sent = sent
        self.upstream = upstream


class Upstream(Protocol):
    """One async method: request in, reply out."""

    name: str

    async def send(self, request: Request) -> Reply:
        """Raises `UpstreamError` when there is no answer; an answer of any status is a `Reply`.

        Cancelling the call, or closing `Reply.chunks`, closes the connection at once.
        """

    async def close(self) -> None:
        """Gives back its connections."""


__all__ = ["Take", "Upstream", "UpstreamError"]

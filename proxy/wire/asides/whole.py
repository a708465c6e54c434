"""Replies that are not streamed, joined to one. Nothing goes on before it is known whether a call is among them.

It must not know a wire form (that is its dialect), nor who answers a call.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from proxy.wire import Round
from proxy.wire.document import loads
from proxy.wire.parts import written

Json = dict[str, Any]


class Dialect(Protocol):
    """What joining has to know of a form's documents, and what it remembers of the replies before."""

    def whole_round(self, document: Mapping[str, Any], own: frozenset[str]) -> Round | None:
        """The reply, if it holds calls of `own`."""

    def whole_passed(self, document: Mapping[str, Any]) -> None:
        """Remembers a reply whose calls were taken out."""

    def whole_carried(self, document: Json) -> Json:
        """A later reply with what was said before it."""


class JoinedWhole:
    """See `proxy.wire.Joined`."""

    def __init__(self, dialect: Dialect, own: frozenset[str]) -> None:
        self.wanted: Round | None = None
        self.spoken = False
        self._dialect = dialect
        self._own = own
        self._first = True
        self._parts: list[bytes] = []
        self._document: Json = {}

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """See `Joined.feed`."""
        self._parts.append(chunk)
        return ()

    def over(self) -> Sequence[bytes]:
        """See `Joined.over`."""
        body = b"".join(self._parts)
        value = loads(body)
        self._parts.clear()
        if not isinstance(value, dict):
            return (body,) if body else ()
        self._document = value
        self.wanted = self._dialect.whole_round(value, self._own)
        if self.wanted is not None:
            return ()
        return (body if self._first else written(self._dialect.whole_carried(value)).encode(),)

    def next(self) -> None:
        """See `Joined.next`."""
        self._dialect.whole_passed(self._document)
        self.wanted, self._first = None, False

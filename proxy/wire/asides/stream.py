"""Event streams joined to one: held back from a reply's first tool call on, until it is known whose calls they are.

It must not know a wire form (that is its dialect), nor who answers a call.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from proxy.wire import Round
from proxy.wire.document import loads
from proxy.wire.parts import mapping, written
from proxy.wire.sse import Event, Splitter, encode

Json = dict[str, Any]


class Dialect(Protocol):
    """What joining has to know of a form's events, and what it remembers of the replies before. One for each reply
    of a client's."""

    mark: bytes
    """Stands in every event that begins a tool call."""

    def opens(self, event: Mapping[str, Any]) -> bool:
        """Whether a tool call begins here."""

    def speaks(self, event: Mapping[str, Any]) -> bool:
        """Whether something is said here that the client will show."""

    def ends(self, event: Event) -> bool:
        """Whether this is the promised end."""

    def round(self, events: Sequence[Json], shown: int, own: frozenset[str]) -> Round | None:
        """The reply of these events, of which the client was given so many, if it holds calls of `own`."""

    def passed(self, events: Sequence[Json], shown: int) -> None:
        """Remembers a reply whose calls were taken out."""

    def carried(self, event: Json) -> Json | None:
        """An event of a later reply as if the first went on; None where it says nothing new."""


class JoinedStream:
    """See `proxy.wire.Joined`."""

    def __init__(self, dialect: Dialect, own: frozenset[str]) -> None:
        self.wanted: Round | None = None
        self.spoken = False
        self._dialect = dialect
        self._own = own
        self._splitter = Splitter()
        self._first = True
        self._events: list[bytes] = []
        """The reply's own events so far, as they came."""
        self._held: list[bytes] | None = None
        """What would go to the client since the first tool call; None before it."""
        self._shown = 0
        self._passing = False
        """The reply's end was seen and nothing is wanted of it: the rest passes."""

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """See `Joined.feed`."""
        out = b"".join([self._take(event) for event in self._splitter.feed(chunk)])
        return (out,) if out else ()

    def over(self) -> Sequence[bytes]:
        """See `Joined.over`."""
        if self.wanted is not None:
            return ()
        rest = self._splitter.end()
        held = b"" if self._passing else self._settled()
        return () if self.wanted is not None else tuple(filter(None, (held, rest)))

    def next(self) -> None:
        """See `Joined.next`."""
        self._dialect.passed(_parsed(self._events), self._shown)
        self.wanted, self._held, self._events, self._shown = None, None, [], 0
        self._first = False
        self._splitter = Splitter()

    def _take(self, event: Event) -> bytes:
        """What goes to the client for an event."""
        if self._passing or self.wanted is not None:
            return event.raw if self._passing else b""
        self._events.append(event.raw)
        fields = self._read(event)
        if self._held is None and fields is not None and self._dialect.opens(fields):
            self._held = []
        out = event.raw if self._first else self._carried(event)
        if self._held is None:
            self._shown += 1
            self.spoken = self.spoken or (fields is not None and self._dialect.speaks(fields))
        if self._dialect.ends(event):
            return self._ended(out)
        if self._held is None:
            return out
        self._held.append(out)
        return b""

    def _read(self, event: Event) -> Mapping[str, Any] | None:
        """The event parsed where that can matter: of a plain first reply only what might open a call."""
        if self._held is None and (not self.spoken or self._dialect.mark in event.raw):
            return mapping(loads(event.data))
        return None

    def _ended(self, out: bytes) -> bytes:
        """The promised end, with what was held before it; nothing where the reply is to be carried on."""
        held = self._settled()
        self._passing = self.wanted is None
        return held + out if self._passing else b""

    def _settled(self) -> bytes:
        """What was held, now that the reply has ended; nothing where its calls are the proxy's to answer."""
        if self._held is None:
            return b""
        self.wanted = self._dialect.round(_parsed(self._events), self._shown, self._own)
        held, self._held = self._held, None
        return b"" if self.wanted is not None else b"".join(held)

    def _carried(self, event: Event) -> bytes:
        """An event of a later reply."""
        value = loads(event.data)
        if not isinstance(value, dict):
            return event.raw
        made = self._dialect.carried(value)
        return b"" if made is None else encode(written(made).encode(), event=event.name)


def _parsed(events: Sequence[bytes]) -> list[Json]:
    values = (loads(Event(raw).data) for raw in events)
    return [value if isinstance(value, dict) else {} for value in values]

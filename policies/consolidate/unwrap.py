"""A filter that takes the state out of a reply on its way to the client, streamed or whole, in each wire form.

It must not know sessions, nor what the state is for. Where no tag stands, every byte passes as it came.
"""

from collections.abc import Sequence

from policies.consolidate.contract import holds
from policies.consolidate.events import Events, data_of
from policies.consolidate.replies import whole
from policies.consolidate.streams import STREAMS
from policies.inner.documents import object_of
from proxy.exchange import Exchange

BLANKS = b" \t\r\n\xef\xbb\xbf"


class Unwrap:
    """A filter for one reply in one form (`chat`, `responses`, `messages`).

    A document is held to its end, for it means nothing before; of a stream, what could still become a tag.
    """

    def __init__(self, form: str) -> None:
        self._form = form
        self._document = bytearray()
        self._streams: bool | None = None
        self._events = Events()
        self._stream = STREAMS[form]()
        self._state = ""
        self._raw: list[bytes] = []
        """Events since one came that could begin a tag, as they came; and what they come to should it be one."""
        self._changed: list[bytes] = []

    @property
    def state(self) -> str:
        """The last state that the reply held so far."""
        found = [text.states[-1] for text in self._stream.texts() if text.states]
        return self._state or "".join(found[-1:])

    @property
    def held(self) -> bytes:
        """What was taken and not given; the road passes it on should this fault."""
        if not self._streams:
            return bytes(self._document)
        return b"".join((*(self._raw or self._stream.held()), self._events.held))

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """See `proxy.policy.Filter`."""
        if not self._streams:
            self._document += chunk
            start = self._document.lstrip(BLANKS)[:1] if self._streams is None else b"{"
            self._streams = (start != b"{") if start else None
            if not self._streams:
                return ()
            chunk, self._document = bytes(self._document), bytearray()
        return [piece for event in self._events.feed(chunk) for piece in self._passed(event)]

    def end(self) -> Sequence[bytes]:
        """See `proxy.policy.Filter`."""
        rest = [bytes(self._document)]
        if self._streams:
            held = self._stream.end()
            rest = [*(self._raw or held), self._events.held]
        elif self._streams is False:
            body, self._state = whole(rest[0], self._form)
            rest = [body]
        self._raw, self._document, self._events = [], bytearray(), Events()
        return [piece for piece in rest if piece]

    def _passed(self, event: bytes) -> Sequence[bytes]:
        """What goes on now. Where it turns out that no tag began, the events go on as they came."""
        taken = self._taken(event)
        if not self._raw and not self._stream.waits:
            return taken
        self._raw.append(event)
        self._changed += taken
        opened = any(text.opened for text in self._stream.texts())
        if self._stream.waits and not opened:
            return ()
        out = self._raw if len(self._raw) > 1 and not opened else self._changed
        self._raw, self._changed = [], []
        return out

    def _taken(self, event: bytes) -> Sequence[bytes]:
        data = data_of(event)
        said = object_of(data)
        if said is None:
            return (*self._stream.end(), event) if data.strip() == b"[DONE]" else (event,)
        return self._stream.take(said, event)


def state_of(body: bytes, form: str) -> str:
    """The last state in a reply as the model wrote it, streamed or whole; empty where there is none."""
    reader = Unwrap(form)
    reader.feed(body)
    reader.end()
    return reader.state


def wrote(exchange: Exchange) -> str:
    """The state in the reply as the model wrote it, which the client has not seen."""
    reply = exchange.completion
    if reply is None or not reply.whole or not holds(exchange.request):
        return ""
    return state_of(reply.body, exchange.request.form)

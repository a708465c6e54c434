"""Wire forms: bytes to nouns and back, without I/O.

A form must not know the engine, a policy, a store or an HTTP library. `proxy.wire.forms` is the table of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from proxy.conversation import Conversation, ToolCall, Turn
from proxy.exchange import Usage


class Malformed(ValueError):
    """The body is not what its form promises; the message says where, in words for the client's developer."""


class Body(NamedTuple):
    """What could be read from a request body."""

    model: str = ""
    stream: bool = False
    conversation: Conversation | None = None


class Outcome(NamedTuple):
    """What could be read from a reply body."""

    turns: tuple[Turn, ...] = ()
    """What the model said, in the shape in which the client will send it back; chains not yet set."""
    id: str = ""
    model: str = ""
    finish: str = ""
    usage: Usage | None = None
    error: str = ""
    """Message of an error in the body or in the stream."""
    whole: bool = True
    """False when the end the form promises is missing."""
    tier: str = ""
    """The provider's word for the service tier that answered (`flex`, `priority`), which has a price of its own."""


class Round(NamedTuple):
    """A reply, or the part of one, that ended with calls of tools that the proxy answers itself."""

    calls: tuple[ToolCall, ...]
    """Those calls. Calls of the client's tools in the same reply are left out: the model will make them again."""
    items: tuple[bytes, ...]
    """What the model said, as raw items in which it is sent back; complete but for calls of the client's tools."""
    shown: str = ""
    """Text of it that the client was given."""
    parts: int = 0
    """Content blocks (Messages) or output items (Responses) of it that the client was given."""


class Joined(Protocol):
    """Several replies on their way to be one: calls of the proxy's own tools are taken out."""

    wanted: Round | None
    """Set once a reply has ended with calls that are to be answered."""
    spoken: bool
    """Whether the client was given anything that was said."""

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """What goes on to the client for a chunk of the reply. A reply without such calls comes out byte for byte."""

    def over(self) -> Sequence[bytes]:
        """The reply's body has ended: sets `wanted`, or gives what was still held."""

    def next(self) -> None:
        """Another reply follows, which is to read as if the one before it went on."""


class Asides(Protocol):
    """How a form carries calls that stay between the model and the proxy."""

    def offer(self, body: bytes, name: str, description: str, parameters: Mapping[str, Any]) -> bytes:
        """The request with one more tool, its last; every other byte as it was. Raises `ValueError` where it cannot
        be offered."""

    def joined(self, own: frozenset[str], *, events: bool) -> Joined:
        """A fresh machine for the replies to such a request; `own` are the names of the proxy's tools."""

    def results(self, answers: Sequence[tuple[ToolCall, str]]) -> tuple[bytes, ...]:
        """The results of calls as raw items."""

    def continued(self, body: bytes, items: Sequence[bytes], *, quiet: bool) -> bytes:
        """The request with these items at its end; `quiet`: no tool may be called any more."""


class Form(Protocol):
    """One wire form."""

    name: str
    asides: Asides | None
    """None: the form knows no tools."""

    def read(self, body: bytes) -> Body:
        """Reads a request body. Raises `Malformed` when it is not JSON at all; whatever else is not understood is
        left out."""

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """Reads a whole reply body, a JSON document or (`events`) a server-sent event stream. Never raises."""

    def ends(self, tail: bytes) -> bool:
        """Whether a stream whose last bytes are `tail` (at least 64 where there are as many) has come to its
        promised end."""

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """An error body of our own in this form's shape."""

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """The same as the closing event of a stream that has begun."""


__all__ = ["Asides", "Body", "Form", "Joined", "Malformed", "Outcome", "Round"]

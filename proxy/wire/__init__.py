"""Wire forms: bytes to nouns and back, without I/O.

A form must not know the engine, a policy, a store or an HTTP library. `proxy.wire.forms` is the table of them.
"""

from typing import NamedTuple, Protocol

from proxy.conversation import Conversation, Turn
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


class Form(Protocol):
    """One wire form."""

    name: str

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


__all__ = ["Body", "Form", "Malformed", "Outcome"]

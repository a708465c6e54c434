"""The nouns of the road: request, reply, completion, session, note, exchange.

It must not know anything but the standard library and the two pages of nouns beside it: no clock, no network,
no wire form, no policy. Everything here is frozen; a change is a new value made by `.but(...)`. They are tuples
because each request makes a dozen of them, and a frozen dataclass of 14 fields takes five times as long to make.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, Self

from proxy.conversation import EMPTY, Conversation, Turn
from proxy.roster import Roster

Headers = tuple[tuple[bytes, bytes], ...]
"""Header names in lower case with their values, in wire order; a name may stand more than once."""


class Indexed(tuple[tuple[bytes, bytes], ...]):
    """Headers in which a name is found at once: those of a client, which are asked for a dozen names."""

    first: dict[bytes, bytes]
    """The first value of each name."""

    @classmethod
    def of(cls, pairs: Sequence[tuple[bytes, bytes]]) -> Self:
        """These headers."""
        headers = cls(pairs)
        headers.first = dict(reversed(pairs))
        return headers


def header(headers: Headers, name: bytes) -> str:
    """The first value of the header `name` (lower case), or the empty string."""
    if type(headers) is Indexed:
        found = headers.first.get(name)
        return found.decode("latin-1") if found else ""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return ""


def _places(kind: Any) -> dict[str, int]:
    """Where each field of a tuple stands, by its name."""
    return {name: place for place, name in enumerate(kind._fields)}


class Request(NamedTuple):
    """A client's request: its bytes, and what could be read from them."""

    method: str
    path: str
    """Path below the host, without the identity prefix: `/v1/chat/completions`."""
    headers: Headers = ()
    body: bytes = b""
    query: str = ""
    form: str = "plain"
    """Wire form by name: `chat`, `responses`, `messages`, … `plain` is relayed unread."""
    model: str = ""
    stream: bool = False
    conversation: Conversation | None = None
    caller: str = ""
    """Hash of the client's credentials: the scope of every id and key. Never the credentials themselves."""
    tags: Mapping[str, str] = EMPTY
    """Identity given in the URL: `session`, `agent`, `run`."""
    origin: bytes = b""
    """Strict digest of the client's own conversation where policies have changed it, else empty: by it a recording of
    the same session still finds its answer."""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far; nothing in a request that is relayed unread."""
        return self.conversation.turns if self.conversation else ()

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body's other fields; none in a request that is relayed unread."""
        return self.conversation.fields if self.conversation else EMPTY

    def header(self, name: bytes) -> str:
        """The first value of the header `name` (lower case), or the empty string."""
        return header(self.headers, name)

    def but(self, **changes: Any) -> Self:
        """The same request with these fields changed. Raises `KeyError` for a field there is not."""
        # What `_replace` gives, for less than half of its time.
        fields = [*self]
        for name in changes:
            fields[_REQUEST[name]] = changes[name]
        return tuple.__new__(type(self), fields)


_REQUEST = _places(Request)


class Reply(NamedTuple):
    """An upstream's answer on its way: status, headers, and always a stream of body bytes."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]
    """Body bytes as they come; a reply that is not streamed is a short stream. Closing it (`aclose`) closes the
    connection to the upstream."""
    upstream: str = ""
    """Name of the upstream that answers."""


class Usage(NamedTuple):
    """Tokens as the provider counted them. `prompt` includes `cached` and `cache_write`."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    estimated: bool = False
    """True when the provider gave no counts (a stream without `include_usage`) and they were counted here."""


class Completion(NamedTuple):
    """A reply that has ended, and what could be read from it."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    whole: bool = True
    """False when the upstream died, the client left, or the end the wire form promises never came."""
    turns: tuple[Turn, ...] = ()
    """What the model said, in the shape in which the client will send it back."""
    id: str = ""
    model: str = ""
    finish: str = ""
    usage: Usage | None = None
    cost: float | None = None
    """US dollars; None when the price is not known."""
    error: str = ""
    upstream: str = ""
    first_byte_s: float = 0.0
    """Seconds from the request's arrival to the reply's first body byte."""
    total_s: float = 0.0
    overhead_s: float = 0.0
    """Seconds of the road itself before the first byte: all that was not spent waiting for the upstream."""
    beats: tuple[tuple[float, int], ...] = ()
    """Arrival of the body: seconds since the first byte, length in bytes, for each chunk."""

    @property
    def answered(self) -> bool:
        """Whether it is an answer: all of it came, with a status that is no error."""
        return self.whole and self.status < 400


class Session(NamedTuple):
    """Whose request this is."""

    id: str
    agent: str = ""
    run: str = ""
    parent: str = ""
    """Id of the session that started this one, where known."""
    source: str = "new"
    """What gave it away: `header`, `path`, `litellm`, `codex`, `response_id`, `chain`, … or `new`."""
    confidence: float = 0.0
    """0 to 1."""


REFUSED = "refused"
"""Kind of the note that an upstream refused a changed request."""


class Note(NamedTuple):
    """Something that was decided or went wrong, said by a policy or by the road."""

    by: str
    moment: str
    reason: str
    kind: str = "decision"
    """`decision`, `fault`, `slow`, `rest`, `refused` or `road`."""
    ms: float = 0.0
    facts: Mapping[str, Any] = EMPTY
    """What the policy's later moments are to know of it; JSON-able, no user content. Recorded, not in headers."""
    texts: tuple[str, ...] = ()
    """What they are to know of what was said. Never recorded, nor told anywhere."""


class Aside(NamedTuple):
    """What was said between the model and the proxy within a reply: calls of a policy's own tool, and their results.
    No client knows of it, so no client sends it back."""

    by: str
    """The policy."""
    items: tuple[bytes, ...]
    """As it was sent to the provider behind all that the client had told: raw items, the model's own, then the
    results."""
    results: tuple[str, ...] = ()
    """What the policy said to the calls."""
    shown: str = ""
    """Text of the model's own items that the client was given."""
    parts: int = 0
    """Content blocks (Messages) or output items (Responses) of them that the client was given."""


class Asked(NamedTuple):
    """A call that a plan made for an exchange, and what came of it."""

    request: Request
    completion: Completion


class Exchange(NamedTuple):
    """One request on its way, with all that is known about it."""

    id: str
    request: Request
    """The request as the policies have made it so far."""
    session: Session
    now: float = 0.0
    """Epoch seconds at which the request arrived."""
    seed: int = 0
    purpose: str = ""
    """Empty for what a client asked; else why the road asked: `node`, `aggregate`, `draft`, `consolidate`, …"""
    depth: int = 0
    memory: Mapping[str, Any] = EMPTY
    """This session's memory, by policy name; JSON-able values."""
    shared: Mapping[str, Any] = EMPTY
    """Lessons across sessions, by policy name."""
    roster: Roster = Roster()
    notes: tuple[Note, ...] = ()
    completion: Completion | None = None
    asked: Request | None = None
    """The request as the client sent it; None where no client did (a plan's call)."""
    figures: Mapping[str, float] = EMPTY
    """What policies counted: `policy.name` -> number. There once all have learned."""
    asides: tuple[Aside, ...] = ()
    """What the client does not know of the reply, in order."""
    calls: tuple[Asked, ...] = ()
    """Calls that plans made for it and waited for, in the order in which they ended."""
    spoke: str = ""
    """The model of a plan's last call, whose reply is the client's; `plan` where a plan made the reply itself, empty
    where no plan answered."""

    def draw(self, label: str) -> float:
        """A number in [0, 1) that depends only on the exchange's seed and the label."""
        digest = blake2b(f"{self.seed}:{label}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def noted(self, note: Note) -> Self:
        """The same exchange with one more note."""
        return self._replace(notes=(*self.notes, note))

    def but(self, **changes: Any) -> Self:
        """The same exchange with these fields changed. Raises `KeyError` for a field there is not."""
        fields = [*self]
        for name in changes:
            fields[_EXCHANGE[name]] = changes[name]
        return tuple.__new__(type(self), fields)


_EXCHANGE = _places(Exchange)

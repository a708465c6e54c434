"""A recorded exchange and its parts.

It must not know how it is written down, nor who keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal, Self

from proxy.exchange import Completion, Exchange, Note, Request, Session

Mode = Literal["meta", "full"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells a body from others without showing it: bytes, and a BLAKE2b-128 in hex (empty for an empty body)."""

    size: int = 0
    hash: str = ""

    @classmethod
    def of(cls, body: bytes) -> Self:
        """The mark of this body."""
        return cls(len(body), blake2b(body, digest_size=16).hexdigest()) if body else cls()


@dataclass(frozen=True, slots=True)
class Like:
    """What a request body repeats of an earlier one of its session: the bytes at its beginning and at its end."""

    id: str
    """The exchange that had the earlier body."""
    first: int
    last: int

    def around(self, rest: bytes, earlier: bytes) -> bytes | None:
        """The whole body, of which the line holds only `rest`; None if `earlier` cannot be what it speaks of."""
        end = len(earlier) - self.last
        return earlier[: self.first] + rest + earlier[end:] if 0 <= self.first <= end <= len(earlier) else None


@dataclass(frozen=True, slots=True)
class Record:
    """A recorded exchange. Bodies, headers, query and error texts are empty where the mode is `meta`.

    `request.conversation` and `completion.turns` are not recorded: the wire form reads them from the bodies again.
    """

    version: int
    mode: Mode
    id: str
    at: float
    """Epoch seconds at which the request arrived."""
    session: Session
    request: Request
    completion: Completion | None = None
    notes: tuple[Note, ...] = ()
    purpose: str = ""
    """Empty for what a client asked."""
    parent: str = ""
    """Id of the exchange whose plan asked for this one."""
    depth: int = 0
    seed: int = 0
    request_mark: Mark = Mark()
    reply_mark: Mark = Mark()
    like: Like | None = None
    """Where the parts of the request body stand that the line does not hold: `request.body` is only the rest, and
    has no mark. None: it is the whole body. `proxy.recorded_bodies` puts bodies together."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What policies counted: `policy.name` -> number."""

    @property
    def whole(self) -> bool:
        """False while parts of the request body are still elsewhere, or if they are lost."""
        return self.like is None

    @property
    def exchange(self) -> Exchange:
        """The exchange as far as it was recorded: without memory, lessons and roster."""
        return Exchange(
            self.id,
            self.request,
            self.session,
            now=self.at,
            seed=self.seed,
            purpose=self.purpose,
            depth=self.depth,
            notes=self.notes,
            completion=self.completion,
            figures=self.figures,
        )

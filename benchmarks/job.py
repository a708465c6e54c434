"""What the load process is told and what it says back, one JSON line each.

It must not know how a request is sent.
"""

from dataclasses import dataclass, field

from benchmarks.bodies import PLAIN


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go."""

    port: int
    path: str = "/v1/chat/completions"
    headers: dict[str, str] = field(default_factory=dict)
    """Headers this server wants besides an OpenAI SDK's own."""


@dataclass(frozen=True, slots=True)
class Job:
    """A number of requests over a number of keep-alive connections, each asking again when it has its answer."""

    target: Target
    requests: int
    connections: int = 16
    model: str = PLAIN
    body_bytes: int = 1000
    talks: int = 0
    """Growing sessions instead of first turns: each of so many says its next turns, `requests` in all."""
    fresh: bool = False
    """Forget the growing sessions of earlier jobs and begin new ones."""
    message_bytes: int = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job went. Times are in milliseconds."""

    requests: int
    errors: int
    """Requests that failed or were not answered with 200."""
    seconds: float
    p50: float
    """From before the request is written to the last byte of the answer."""
    p99: float
    first_p50: float
    """From the moment the upstream wrote a stream's first event to its arrival here; 0 when nothing was streamed."""
    first_p99: float
    event_p50: float
    """The same for all events."""
    event_p99: float
    pieces: int
    """Pieces in which bodies arrived."""
    body_bytes: int
    """Length of the last request's body."""
    trouble: str = ""
    """What went wrong last."""

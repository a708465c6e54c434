"""The tool side: nouns that the rooms beside this page share. A call, whose it is, and how it ended.

It must not know the MCP library, the engine, or how a server is reached.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

Result = dict[str, Any]
"""A result of the protocol as it came, with every field that nobody here understands."""


class Progress(Protocol):
    """Takes progress of a call under way."""

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None: ...


Run = Callable[[], Awaitable[Result]]
"""Makes the real call."""

PREFETCH = "outrider/prefetch"
"""Key in `_meta`: of a request that was made ahead, and of a result that was."""

INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
UNAVAILABLE = -32010
"""JSON-RPC code of "the server is not there"; from the range that MCP leaves to implementations."""


class ToolFault(Exception):
    """An error of the protocol: a JSON-RPC code, a message for people, and data for programs."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class Owner(NamedTuple):
    """Whose call it is."""

    caller: str
    session: str
    """Empty: no session is known for it."""


class Visitor(NamedTuple):
    """Who stands at the gateway with a request."""

    caller: str
    open: bool = False
    """True for one without credentials in a house that asks for none: then calls of every caller may be its own."""
    session: str = ""
    """The session it names itself, by header or path."""
    connection: str = ""
    """Id of its MCP session, where the protocol has one."""


class Called(NamedTuple):
    """A call at the gateway that has ended; what log and metrics are told."""

    server: str
    tool: str
    owner: Owner
    seconds: float
    outcome: str
    """`ok`, `error` (the tool says so), `fault` (an error of the protocol), `unavailable` or `cancelled`."""
    by: str = "call"
    """Who answered: `call` (the server, now), `shelf` (a result fetched ahead), `joined` (one that was under way)."""
    saved_s: float = 0.0
    """Seconds it would have taken beyond those it took; only with `shelf` and `joined`."""
    joined_by: str = ""
    """What told whose call it is: `header`, `id`, `call`, or nothing."""


class Prefetched(NamedTuple):
    """A launch of the shelf that has ended."""

    server: str
    tool: str
    use: str
    """`used`, `expired`, `write` (dropped by one), `failed`, `dropped` (no room, another one came, the end)."""
    window: str = ""
    """See `proxy.policy.WINDOWS`; empty where nobody said."""
    owner: Owner = Owner("", "")


Hear = Callable[[Called | Prefetched], None]
Definition = Mapping[str, Any]
"""A tool as its server lists it."""


def good(result: Mapping[str, Any]) -> bool:
    """Whether a result is complete and successful: no error told, no further input asked for."""
    return not result.get("isError") and result.get("resultType", "complete") == "complete" and "content" in result

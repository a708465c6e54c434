"""A conversation as every wire form tells it: turns, tool calls, tool results, each pointing at its raw item.

It must not know any wire form, nor keep the body: a turn holds the byte span of its item, so an edit is a
splice of raw bytes and fields nobody understands survive.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to run a tool; `arguments` is the JSON text as it was written."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back for the call of the same id."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One item of a conversation (a chat message, a Responses item, an Anthropic message)."""

    role: str
    """`system`, `developer`, `user`, `assistant`, `tool`; other words pass as they are."""
    text: str = ""
    """All text of the item, parts joined by a newline."""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()
    name: str = ""
    """The speaker's name where the client gives one (AutoGen does)."""
    opaque: bool = False
    """Holds signed, encrypted or unknown content that nobody may rewrite."""
    span: tuple[int, int] = (0, 0)
    """Where the raw item stands in the request body, in bytes: `body[span[0]:span[1]]`."""
    chain: bytes = b""
    """Digest of the conversation up to and with this turn: words and calls only; no ids, no system text."""
    strict: bytes = b""
    """The same with ids and system text: two sessions that share it cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The readable part of a request: what was said so far, with which tools, and the remaining fields."""

    turns: tuple[Turn, ...] = ()
    system: str = ""
    """System, developer or instructions text, joined by a newline."""
    tools: tuple[str, ...] = ()
    """Names of the tools on offer, in the request's order."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Every top-level field but the items and the tools, parsed."""

    def last(self, role: str) -> Turn | None:
        """The newest turn of that role, or None."""
        return next((turn for turn in reversed(self.turns) if turn.role == role), None)


def canonical(arguments: str) -> str:
    """A tool call's arguments in one spelling: compact JSON with sorted keys, or as they are if they do not parse.

    Clients parse arguments and write them again in their own spacing and order.
    """
    try:
        return json.dumps(json.loads(arguments), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments


def extend(previous: bytes, turn: Turn, *, strict: bool) -> bytes:
    """The chain digest after `turn`, given the digest before it.

    System and developer turns count only when `strict`; so do ids.
    """
    if not strict and turn.role in ("system", "developer"):
        return previous
    parts = [turn.role, turn.text.strip()]
    for call in turn.calls:
        parts += (call.name, canonical(call.arguments), call.id if strict else "")
    for result in turn.results:
        parts += (result.text.strip(), result.id if strict else "")
    digest = blake2b(previous, digest_size=DIGEST_BYTES)
    digest.update("\x1f".join(parts).encode("utf-8", "surrogatepass"))
    return digest.digest()

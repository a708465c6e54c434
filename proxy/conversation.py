"""A conversation as every wire form tells it: turns, tool calls, tool results, each pointing at its raw item.

It must not know any wire form, nor keep the body: a turn holds the byte span of its item, so an edit is a
splice of raw bytes and fields nobody understands survive.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, NamedTuple

EMPTY: Mapping[str, Any] = MappingProxyType({})
"""Nothing by any name: what a field holds that nobody has filled."""
DIGEST_BYTES = 16
SILENT = frozenset(("reasoning", "item_reference", "compaction"))
"""Roles that leave the digests alone: clients drop such items, or send them back under another guise."""
UNHEARD = ("system", "developer")
"""Roles whose text may change from turn to turn (a clock, say) without its being another conversation."""


class ToolCall(NamedTuple):
    """A model's wish to run a tool; `arguments` is the JSON text as it was written."""

    id: str
    name: str
    arguments: str


class ToolResult(NamedTuple):
    """What a tool gave back for the call of the same id."""

    id: str
    text: str


class Turn(NamedTuple):
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


class Conversation(NamedTuple):
    """The readable part of a request: what was said so far, with which tools, and the remaining fields."""

    turns: tuple[Turn, ...] = ()
    system: str = ""
    """System, developer or instructions text, joined by a newline."""
    tools: tuple[str, ...] = ()
    """Names of the tools on offer, in the request's order."""
    fields: Mapping[str, Any] = EMPTY
    """Every top-level field but the items and the tools, parsed."""

    def last(self, role: str) -> Turn | None:
        """The newest turn of that role, or None."""
        return next((turn for turn in reversed(self.turns) if turn.role == role), None)


def canonical(arguments: str) -> str:
    """A tool call's arguments in one spelling: compact JSON with sorted keys, or as they are if they do not parse.

    Clients parse arguments and write them again in their own spacing and order; no arguments may become `{}`.
    """
    if not arguments:
        return "{}"
    try:
        return json.dumps(json.loads(arguments), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments


def extend(chain: bytes, strict: bytes, turn: Turn) -> tuple[bytes, bytes]:
    """Both digests after `turn`, given those before it: `Turn.chain` and `Turn.strict`."""
    words = [turn.role, turn.text.strip()]
    ids = []
    for call in turn.calls:
        words += (call.name, canonical(call.arguments))
        ids.append(call.id)
    for result in turn.results:
        words.append(result.text.strip())
        ids.append(result.id)
    said = "\x1f".join(words).encode("utf-8", "surrogatepass")
    if turn.role in UNHEARD:
        told = said
    else:
        # The strict digest takes the words from the other one: long texts are gone through once.
        told = chain = blake2b(chain + said, digest_size=DIGEST_BYTES).digest()
    if ids:
        told += "\x1f".join(("", *ids)).encode("utf-8", "surrogatepass")
    return chain, blake2b(strict + told, digest_size=DIGEST_BYTES).digest()

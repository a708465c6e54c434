"""A conversation as every wire form tells it: turns, tool calls, tool results, each pointing at its raw item.

It must not know any wire form, nor keep the body: a turn holds the byte span of its item, so an edit is a
splice of raw bytes and fields nobody understands survive.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

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


Told = tuple[tuple[Turn, ...], str]
"""Turns and system text."""


class Conversation:
    """The readable part of a request: what was said so far, with which tools, and the remaining fields.

    A value, like all nouns of the road; but turns and system text may be read from the body when they are first asked
    for, since where no policy rides nobody asks.
    """

    __slots__ = ("_later", "_told", "fields", "tools")

    def __init__(
        self,
        turns: tuple[Turn, ...] = (),
        system: str = "",
        tools: tuple[str, ...] = (),
        fields: Mapping[str, Any] = EMPTY,
    ) -> None:
        self.tools: Final = tools
        """Names of the tools on offer, in the request's order."""
        self.fields: Final = fields
        """Every top-level field but the items and the tools, parsed."""
        self._told: Told = (turns, system)
        self._later: Callable[[], Told] | None = None

    @classmethod
    def later(cls, read: Callable[[], Told], tools: tuple[str, ...], fields: Mapping[str, Any]) -> Self:
        """One whose turns and system text are what `read` gives, which must not raise."""
        conversation = cls((), "", tools, fields)
        conversation._later = read
        return conversation

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said, oldest first."""
        return self._told[0] if self._later is None else self._read()[0]

    @property
    def system(self) -> str:
        """System, developer or instructions text, joined by a newline."""
        return self._told[1] if self._later is None else self._read()[1]

    def last(self, role: str) -> Turn | None:
        """The newest turn of that role, or None."""
        return next((turn for turn in reversed(self.turns) if turn.role == role), None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Conversation):
            return NotImplemented
        mine, others = (self._read(), self.tools, self.fields), (other._read(), other.tools, other.fields)
        return mine == others

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Conversation({self.turns!r}, {self.system!r}, {self.tools!r}, {self.fields!r})"

    def _read(self) -> Told:
        if self._later is not None:
            self._told, self._later = self._later(), None
        return self._told


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
    said = f"{turn.role}\x1f{turn.text.strip()}"
    ids: list[str] = []
    if turn.calls or turn.results:
        words = [said]
        for call in turn.calls:
            words += (call.name, canonical(call.arguments))
            ids.append(call.id)
        for result in turn.results:
            words.append(result.text.strip())
            ids.append(result.id)
        said = "\x1f".join(words)
    told = said.encode("utf-8", "surrogatepass")
    if turn.role not in UNHEARD:
        # The strict digest takes the words from the other one: long texts are gone through once.
        told = chain = blake2b(chain + told, digest_size=DIGEST_BYTES).digest()
    if ids:
        told += "\x1f".join(("", *ids)).encode("utf-8", "surrogatepass")
    return chain, blake2b(strict + told, digest_size=DIGEST_BYTES).digest()

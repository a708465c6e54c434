"""Growth: a conversation grows by appending, so what was read once is remembered and only the appended items are read.

It must not know any wire form beyond its grammar, nor change what is read: with and without memory the result is the
same. That is what makes turn 200 cost what turn 20 costs.

How: a body that repeats, byte for byte, an earlier one up to the end of its n-th item is that conversation's first n
turns and then some. Those items are cut out, the small document that is left is read like any other, and its turns
are moved back to where they stand. The comparison is one memory compare.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from proxy.conversation import SILENT, UNHEARD, Conversation, Told, Turn, extend
from proxy.wire import Body, Malformed
from proxy.wire.document import Document, Span, loaded, parse, sliced
from proxy.wire.parts import word

_SMALL = 4096
"""Bytes below which a body is read whole: that costs less than remembering it."""
_WINDOW = 48
_OFFSETS = tuple(1024 * 4**step for step in range(8))
"""A body is found again by the 48 bytes that stand before these offsets, deepest first."""
_CANDIDATES = 8
"""Newest bodies remembered for a window."""
_TURN_BYTES = 600
"""What a turn costs beside its text, roughly."""
_SPACE = re.compile(rb"[ \t\n\r]*")

Mark = tuple[str, int, bytes]

START = Turn("")
"""What stands before the first turn of a conversation."""


class Grammar(Protocol):
    """What reading a conversation needs to know about a wire form."""

    name: str
    items: str
    """The top-level field that holds the conversation."""

    def turn(self, item: object) -> Turn:
        """One item as a turn, without span and digests."""

    def preamble(self, fields: Mapping[str, Any]) -> str:
        """System text that stands beside the items."""

    def tools(self, fields: dict[str, Any]) -> tuple[str, ...]:
        """Takes the tools out of the fields and names them."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A body that was read."""

    body: bytes
    start: int
    """Offset of the items array."""
    turns: tuple[Turn, ...]
    preamble: str
    marks: tuple[Mark, ...]

    @property
    def cost(self) -> int:
        """Bytes it holds, roughly: the body, its texts once more, and the turns."""
        return 2 * len(self.body) + _TURN_BYTES * len(self.turns)

    def shared(self, body: bytes) -> int:
        """How many of its turns `body` repeats, with all that stands before them."""
        kept, turns = memoryview(self.body), self.turns
        if body.startswith(kept[: turns[-1].span[1]]):
            return len(turns)
        agreed, low, high = 0, 0, len(turns) - 1
        while low < high:
            middle = (low + high + 1) // 2
            end = turns[middle - 1].span[1]
            if body.startswith(kept[agreed:end], agreed):
                agreed, low = end, middle
            else:
                high = middle - 1
        return low


@dataclass(slots=True)
class Growth:
    """The bodies read lately, bounded in bytes; the one unused for longest goes first. Used by one thread only."""

    limit: int
    used: int = 0
    _kept: OrderedDict[Kept, None] = field(default_factory=OrderedDict)
    _buckets: dict[Mark, list[Kept]] = field(default_factory=dict)

    def recall(self, form: str, body: bytes) -> tuple[Kept, int] | None:
        """The kept body of which `body` repeats most turns, and how many; None when it repeats none."""
        for offset in reversed(_OFFSETS):
            if offset > len(body):
                continue
            bucket = self._buckets.get((form, offset, body[offset - _WINDOW : offset]))
            best = max(((kept.shared(body), kept) for kept in bucket or ()), key=_shared, default=None)
            if best and best[0]:
                self._kept.move_to_end(best[1])
                return best[1], best[0]
        return None

    def keep(self, form: str, body: bytes, start: int, turns: tuple[Turn, ...], preamble: str) -> None:
        """Remembers a body."""
        end = turns[-1].span[1]
        marks = tuple((form, offset, body[offset - _WINDOW : offset]) for offset in _OFFSETS if offset <= end)
        kept = Kept(body, start, turns, preamble, marks)
        if not marks or kept.cost > self.limit:
            return
        self._kept[kept] = None
        self.used += kept.cost
        for mark in marks:
            bucket = self._buckets.setdefault(mark, [])
            bucket.append(kept)
            del bucket[:-_CANDIDATES]
        while self.used > self.limit:
            self.forget(next(iter(self._kept)))

    def forget(self, kept: Kept) -> None:
        """Lets go of a body, if it is still here."""
        if kept not in self._kept:
            return
        del self._kept[kept]
        self.used -= kept.cost
        for mark in kept.marks:
            rest = [other for other in self._buckets.get(mark, ()) if other is not kept]
            if rest:
                self._buckets[mark] = rest
            else:
                self._buckets.pop(mark, None)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the request bodies of one form."""

    grammar: Grammar
    growth: Growth

    def read(self, body: bytes) -> Body:
        """See `Form.read`."""
        if len(body) < _SMALL:
            return self._small(body)
        found = self.growth.recall(self.grammar.name, body)
        grown = self._grown(body, *found) if found else None
        return grown or self._whole(body)

    def _small(self, body: bytes) -> Body:
        """Only the fields of a body; what was said is read when somebody asks."""
        fields, plain = loaded(body)
        if not plain:
            return seen(fields, None)
        grammar, name = self.grammar, self.grammar.items
        said = {name: fields.pop(name)} if name in fields else {}

        def read() -> Told:
            document, preamble = sliced(body, said, name), grammar.preamble(fields)
            turns = self._turns(document, 0, _seed(preamble)) if document.sliced else ()
            return turns, _system(preamble, turns)

        return seen(fields, Conversation.later(read, grammar.tools(fields), fields))

    def _whole(self, body: bytes) -> Body:
        document = parse(body, self.grammar.items)
        if not document.sliced:
            return seen(document.fields, None)
        preamble = self.grammar.preamble(document.fields)
        turns = self._turns(document, 0, _seed(preamble))
        if document.spans:
            self.growth.keep(self.grammar.name, body, document.start, turns, preamble)
        return self._told(document, turns, preamble)

    def _grown(self, body: bytes, kept: Kept, count: int) -> Body | None:
        """Reads what `body` adds to the first `count` turns of `kept`; None when it has to be read whole."""
        last = kept.turns[count - 1]
        rest = _rest(body, last.span[1])
        if rest is None:
            return None
        small = b"".join((body[: kept.start], b"[", body[rest:]))
        try:
            document = parse(small, self.grammar.items)
        except Malformed:
            return None
        # Elsewhere means a repeated name, of which the last one counts; no items after a comma is a stray comma.
        if document.start != kept.start or document.spans is None or (body[rest - 1] == 44 and not document.spans):
            return None
        preamble = self.grammar.preamble(document.fields)
        if preamble != kept.preamble:
            return None
        added = self._turns(document, rest - kept.start - 1, last)
        turns = kept.turns[:count] + added
        if added:
            self.growth.keep(self.grammar.name, body, kept.start, turns, preamble)
            if count == len(kept.turns):
                self.growth.forget(kept)
        return self._told(document, turns, preamble)

    def _turns(self, document: Document, shift: int, last: Turn) -> tuple[Turn, ...]:
        """The document's items as turns with spans and digests. A conversation given as a string is one turn."""
        items = document.fields.get(self.grammar.items)
        spans = document.spans
        if spans is None:
            spans = [(document.start, document.end)] if isinstance(items, str) else []
            items = [{"role": "user", "content": items}]
        turns = []
        for item, (start, end) in zip(items or (), spans, strict=False):
            last = placed(self.grammar.turn(item), (start + shift, end + shift), last)
            turns.append(last)
        return tuple(turns)

    def _told(self, document: Document, turns: tuple[Turn, ...], preamble: str) -> Body:
        fields = document.fields
        fields.pop(self.grammar.items, None)
        tools = self.grammar.tools(fields)
        return seen(fields, Conversation(turns, _system(preamble, turns), tools, fields))


def _shared(found: tuple[int, Kept]) -> int:
    return found[0]


def _rest(body: bytes, end: int) -> int | None:
    """Where the appended items begin when an item ends at `end`: after the comma, or at the closing bracket."""
    found = _SPACE.match(body, end)
    at = found.end() if found else end
    following = body[at : at + 1]
    if following == b",":
        return at + 1
    return at if following == b"]" else None


def _seed(preamble: str) -> Turn:
    """Stands before the first turn: system text beside the items counts for the strict digest as if it were a turn."""
    if not preamble:
        return START
    return Turn("", strict=extend(b"", b"", Turn("system", preamble))[1])


def _system(preamble: str, turns: tuple[Turn, ...]) -> str:
    """The text beside the items, and that of system turns."""
    voices = [turn.text for turn in turns if turn.role in UNHEARD]
    return "\n".join((preamble, *voices)) if preamble else "\n".join(voices)


def placed(turn: Turn, span: Span, last: Turn) -> Turn:
    """Gives a turn its place after `last`."""
    silent = turn.role in SILENT
    chain, strict = (last.chain, last.strict) if silent else extend(last.chain, last.strict, turn)
    return Turn(*turn[:6], span, chain, strict)


def seen(fields: Mapping[str, Any], conversation: Conversation | None) -> Body:
    """The body of a request with these fields."""
    return Body(word(fields.get("model")), fields.get("stream") is True, conversation)

"""Asides: calls of the policy's own tool and their results, put back where they were said, as the client tells neither.

It must not know what the tool does. What the provider was sent once stands in the next request at the same place, byte
for byte; the client's item goes on with what was said after it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from policies.consolidate.seams import SPEAKS
from policies.inner.documents import object_of
from policies.inner.splicing import Cut, json_of
from proxy.conversation import Turn, extend
from proxy.exchange import Aside, Exchange

POLICY = "consolidate"
MOST = 24
"""Asides remembered for a session, the newest."""
MOST_CHARACTERS = 200_000
GAP = "\n\n"
"""What may stand in a reply between two of its parts."""


class Inserted(NamedTuple):
    """All asides of one reply."""

    place: int
    """The turn before which they stand: the first of the reply, as the client tells it."""
    after: str
    """Strict digest (hex) of the turn before."""
    reply: str
    """Digest (hex) of the conversation with the reply, words and calls: another reply at this place is not theirs."""
    items: str
    """Raw items, with commas between."""
    shown: tuple[str, ...] = ()
    """Text that the client was given before each of the calls."""
    parts: int = 0
    """Content blocks that it was given before the last of the calls."""
    tokens: int = 0

    def belongs(self, turns: Sequence[Turn]) -> bool:
        """Whether these turns hold the reply."""
        if not 0 < self.place < len(turns) or turns[self.place - 1].strict.hex() != self.after:
            return False
        for turn in turns[self.place :]:
            if turn.role not in SPEAKS:
                return False
            if turn.chain.hex() == self.reply:
                return True
        return False


NONE: Mapping[int, Inserted] = MappingProxyType({})
"""No asides, by their places."""


def inserted(exchange: Exchange, turns: Sequence[Turn], count: Callable[[str], int]) -> Inserted | None:
    """What a request of these turns and its reply have to be remembered by; None where nothing was said aside, or
    where the reply never came to its end."""
    completion, asides = exchange.completion, own(exchange)
    if completion is None or not (completion.whole and completion.turns and asides and turns):
        return None
    chain = turns[-1].chain
    for turn in completion.turns:
        chain, _ = extend(chain, b"", turn)
    items = b",".join(item for aside in asides for item in aside.items).decode("utf-8", "replace")
    shown = tuple(aside.shown for aside in asides if aside.shown)
    parts = sum(aside.parts for aside in asides)
    return Inserted(len(turns), turns[-1].strict.hex(), chain.hex(), items, shown, parts, count(items))


def own(exchange: Exchange) -> list[Aside]:
    """The asides about this policy's tool; another policy puts its own back itself."""
    return [aside for aside in exchange.asides if aside.by == POLICY]


def kept(known: Sequence[Inserted], new: Inserted | None) -> tuple[Inserted, ...]:
    """Those that are remembered: the newest, as far as there is room."""
    room = MOST_CHARACTERS
    found: list[Inserted] = []
    for one in ([new] if new else []) + [*reversed(known)]:
        room -= len(one.items)
        if room < 0 or len(found) == MOST:
            break
        found.append(one)
    return tuple(reversed(found))


def cuts_of(form: str, body: bytes, turns: Sequence[Turn], one: Inserted, *, follows: bool) -> Iterator[Cut]:
    """What puts an aside into the body. `follows`: the turn before it stays where it is."""
    items = one.items.encode()
    at = turns[one.place - 1].span[1] if follows else turns[one.place].span[0]
    yield (at, at, b"," + items) if follows else (at, at, items + b",")
    if form == "responses":
        yield from _without_items(body, turns, one)
    elif one.shown or one.parts:
        start, end = turns[one.place].span
        rest = remaining(body[start:end], one)
        if rest is not None:
            yield start, end, rest


def remaining(raw: bytes, one: Inserted) -> bytes | None:
    """The client's message without what was said before the calls; None where it cannot be told or nothing is left."""
    item = object_of(raw) or {}
    content = item.get("content")
    if isinstance(content, list):
        rest: Any = _without_blocks(content, one)
    else:
        rest = _without_text(content, one.shown) if isinstance(content, str) else None
    if rest is None or not (rest or item.get("tool_calls")):
        return None
    return json_of({**item, "content": rest or None})


def _without_text(content: str, shown: Sequence[str]) -> str | None:
    for text in shown:
        if not content.startswith(text):
            return None
        content = content[len(text) :].removeprefix(GAP)
    return content


def _without_blocks(content: Sequence[Any], one: Inserted) -> list[Any] | None:
    """The blocks after those that were given before; of text parts the rest."""
    before = content[: one.parts]
    if one.parts and len(content) > one.parts and _text(before) == "".join(one.shown):
        return list(content[one.parts :])
    first = content[0] if content else None
    if one.parts or not isinstance(first, dict) or not isinstance(first.get("text"), str):
        return None
    rest = _without_text(first["text"], one.shown)
    if rest is None:
        return None
    return [{**first, "text": rest}, *content[1:]] if rest else list(content[1:])


def _without_items(body: bytes, turns: Sequence[Turn], one: Inserted) -> Iterator[Cut]:
    """Output items that stand in the aside already, complete with what followed them."""
    last = one.place
    while last < len(turns) - 1 and turns[last].role in SPEAKS and _stands_in(body, turns[last], one.items):
        last += 1
    if last > one.place and turns[last].role in SPEAKS:
        yield turns[one.place].span[0], turns[last].span[0], b""


def _stands_in(body: bytes, turn: Turn, items: str) -> bool:
    try:
        item = json.loads(body[turn.span[0] : turn.span[1]])
    except (ValueError, RecursionError):
        return False
    marks = (item.get("id"), item.get("encrypted_content")) if isinstance(item, dict) else ()
    if any(isinstance(mark, str) and mark and f'"{mark}"' in items for mark in marks):
        return True
    return bool(turn.text) and not turn.calls and json.dumps(turn.text, ensure_ascii=False) in items


def _text(blocks: Sequence[Any]) -> str:
    return "".join(block["text"] for block in blocks if isinstance(block, dict) and isinstance(block.get("text"), str))

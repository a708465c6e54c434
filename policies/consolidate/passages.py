"""Passages: the messages of a conversation in pieces short enough to be shown, each with where it stands.

It must not know what is looked for. JSON is cut between its records, prose between its sentences, nothing inside.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from policies.consolidate.literals import DEEPEST
from policies.consolidate.spelling import Json, parsed, written
from proxy.conversation import ToolCall, Turn

LONGEST = 480
"""Characters of a passage, about; one sentence, line or value that is longer stands alone."""
LONGEST_HEAD = 160
LONGEST_NAME = 60
"""Characters of a plain value that tells what the records below it belong to."""
MOST = 4000
"""Passages of one text."""
_SENTENCES = re.compile(r"(?<=[.!?。！？])\s+|\n+").split


class Piece(NamedTuple):
    """A part of a text."""

    text: str
    path: str = ""
    """Keys that lead to it in JSON: `reservations.4WQ150`."""
    around: str = ""
    """What stands above it: names and ids of the records that it is part of."""


class Passage(NamedTuple):
    """A piece of a message."""

    number: int
    """Of the message in the client's history, from 0."""
    role: str
    """`user`, `assistant`, `call`, `result`, or another word for who speaks."""
    head: str
    """Of a result the call that it answers: `get_user({"id":"mia_li_3668"})`."""
    piece: Piece

    def told(self, *, first: bool = True) -> str:
        """As it is shown; the `first` of a message's tells who speaks, and to which call a result belongs."""
        path = self.piece.path and f"{self.piece.path}:"
        by = (f"{self.role}:", self.head and f"{self.head} →") if first else ()
        return " ".join(filter(None, (f"#{self.number}", *by, path, self.piece.text)))


def passages(turns: Sequence[Turn], places: Sequence[int]) -> Iterator[Passage]:
    """The passages of the turns of these numbers, in order."""
    calls = {call.id: call for turn in turns for call in turn.calls}
    for place in places:
        turn = turns[place]
        for result in turn.results:
            head = shown(calls[result.id]) if result.id in calls else ""
            yield from (Passage(place, "result", head, piece) for piece in pieces(result.text))
        if turn.text:
            yield from (Passage(place, turn.role, "", piece) for piece in pieces(turn.text))
        yield from (Passage(place, "call", "", Piece(f"{call.name}({call.arguments})")) for call in turn.calls)


def shown(call: ToolCall) -> str:
    """A call on one line, cut where it is long."""
    line = f"{call.name}({call.arguments})"
    return line if len(line) <= LONGEST_HEAD else line[:LONGEST_HEAD] + "…"


@lru_cache(maxsize=2048)
def pieces(text: str) -> tuple[Piece, ...]:
    """A text in pieces. JSON is written again without white space, values in their own spelling."""
    found = _of_prose(text)
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            found = _of_tree(parsed(text), "", "", 0)
    return tuple(piece for piece, _ in zip(found, range(MOST), strict=False))


def _of_prose(text: str) -> Iterator[Piece]:
    """Sentences and lines, as many together as fit."""
    held = ""
    for part in filter(None, map(str.strip, _SENTENCES(text))):
        if held and len(held) + len(part) > LONGEST:
            yield Piece(held)
            held = ""
        held = f"{held} {part}" if held else part
    if held:
        yield Piece(held)


def _of_tree(node: Json, path: str, around: str, depth: int) -> Iterator[Piece]:
    """A value whole where it is short; else its plain members together, and the others each by itself."""
    text = written(node)
    if len(text) <= LONGEST or depth > DEEPEST or not isinstance(node, dict | list):
        yield Piece(text, path, around)
        return
    members = node if isinstance(node, dict) else {str(place): item for place, item in enumerate(node)}
    plain = {key: value for key, value in members.items() if not isinstance(value, dict | list)}
    for some in _together(plain):
        yield Piece(written(some if isinstance(node, dict) else list(some.values())), path, around)
    told = (value for value in plain.values() if isinstance(value, str) and len(value) <= LONGEST_NAME)
    within = f"{around} {' '.join(told)}".strip()[:LONGEST] if isinstance(node, dict) else around
    for key, value in members.items():
        if isinstance(value, dict | list):
            yield from _of_tree(value, f"{path}.{key}" if path else key, within, depth + 1)


def _together(members: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Plain members in as few objects as they fit into."""
    held: dict[str, Json] = {}
    size = 0
    for key, value in members.items():
        more = len(key) + len(str(value)) + 6
        if held and size + more > LONGEST:
            yield held
            held, size = {}, 0
        held[key] = value
        size += more
    if held:
        yield held

"""Where workers' outputs stand in a request, item by item and text by text.

It must not know what is done with them, nor any wire form but by the fields in which they all hold texts.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from policies.inner.bodies import TEXTS
from policies.inner.splicing import json_of, raw
from policies.noise.quotations import since
from proxy.exchange import Request

Holder = tuple[Any, Any]
"""What holds a text (an object, a list), and under which name or place."""
LEADING = ("system", "developer", "assistant", "reasoning")
"""Roles of turns in which nothing is changed."""


class Place(NamedTuple):
    """Where a passage stands."""

    turn: int
    text: int
    """Of the item's texts."""
    begin: int
    end: int


class Item:
    """A raw item with the texts in it, which can be changed."""

    def __init__(self, item: bytes) -> None:
        self._root: list[Any] = [json.loads(item)]
        self._holders = [*_holders(self._root, 0)]

    @property
    def texts(self) -> list[str]:
        """What is said in it."""
        return [holder[name] for holder, name in self._holders]

    def put(self, text: int, said: str) -> None:
        """Says something else in one of its texts."""
        holder, name = self._holders[text]
        holder[name] = said

    @property
    def blocks(self) -> list[Any]:
        """The parts of its content; none where it is one text."""
        content = self._root[0].get("content") if isinstance(self._root[0], dict) else None
        return content if isinstance(content, list) else []

    def json(self) -> bytes:
        """The item as it is now."""
        return json_of(self._root[0])


def fresh_items(request: Request) -> dict[int, Item]:
    """The items since the model last spoke that may be changed, by the number of their turn. Raises `ValueError` for a
    body that cannot be read."""
    turns = request.turns
    return {
        number: Item(raw(request, turns[number]))
        for number in range(since(turns), len(turns))
        if not turns[number].opaque and turns[number].role not in LEADING
    }


def places(items: dict[int, Item], passages: Sequence[str]) -> list[list[Place]]:
    """Where each passage stands, in the order of the request; none within another that is longer."""
    said = [(number, place, text) for number, item in items.items() for place, text in enumerate(item.texts)]
    found: list[list[Place]] = [[] for _ in passages]
    taken: list[Place] = []
    for which in sorted(range(len(passages)), key=lambda place: -len(passages[place])):
        here = [Place(number, place, *span) for number, place, text in said for span in _every(text, passages[which])]
        found[which] = [each for each in here if not any(_overlap(each, other) for other in taken)]
        taken += found[which]
    return found


def _every(text: str, passage: str) -> Iterator[tuple[int, int]]:
    begin = text.find(passage) if passage else -1
    while begin >= 0:
        yield begin, begin + len(passage)
        begin = text.find(passage, begin + len(passage))


def _overlap(one: Place, other: Place) -> bool:
    return one[:2] == other[:2] and one.begin < other.end and other.begin < one.end


def _holders(holder: Any, name: Any) -> Iterator[Holder]:
    """All texts below, in order."""
    value = holder[name]
    if isinstance(value, str):
        yield holder, name
    elif isinstance(value, list):
        for place in range(len(value)):
            yield from _holders(value, place)
    elif isinstance(value, dict):
        for field in TEXTS:
            if field in value:
                yield from _holders(value, field)

"""The measure of one session: each request that an upstream received, against what its client had told.

It must not know who sent it: a proxy, or a baseline that this benchmark makes itself.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from benchmarks.consolidate.items import SAID, Item, Read, Unreadable, read
from benchmarks.consolidate.spoken import Spoken
from benchmarks.consolidate.validity import faults, told

SHORTEST = 3
"""Characters from which on an argument's value counts; shorter ones stand in any text."""


class Asked(NamedTuple):
    """One request, in tokens of text, tool-call names and arguments."""

    full: int
    """The client's whole conversation, without its system text and tools."""
    sent: int
    """The conversation that was received; system text counts where it is not the client's."""
    system: int
    """The client's system text."""
    event: bool
    """What the request before it had sent is not the beginning of this one."""
    rewritten: int
    """Of an event: tokens that had been sent, or stand for what had been, and come anew."""
    values: int
    """Argument values of the reply's calls that stand in what the client had told."""
    kept: int
    """Those of them that stand in what was received."""
    faults: tuple[str, ...]


class Missed(NamedTuple):
    """A value that the reply used and the request no longer held."""

    session: str
    value: str
    tool: str
    argument: str
    age: int
    """Items ago that the client's history held it last, from 1."""
    request: int
    """Number of the request in its session, from 0."""


class Meter:
    """Takes the requests of one session in their order. `count` gives the tokens of a text."""

    def __init__(self, spoken: Spoken, count: Callable[[str], int]) -> None:
        self.spoken = spoken
        self.asked: dict[int, Asked] = {}
        """By the place of the reply in the session."""
        self.missed: list[Missed] = []
        self._count = count
        self._last: tuple[Read, int] | None = None
        self._full, self._ends = _history(spoken)
        self._system = {item.text for item in self._full if item.kind == "system"}
        self._told = told(self._full)
        self._sums = [0]
        for item in self._full:
            self._sums.append(self._sums[-1] + self._size(item))

    def take(self, place: int, body: bytes) -> int:
        """Measures the request to which the message at `place` is the reply; its tokens, system text included."""
        end = self._ends[self.spoken.before[place]]
        system = sum(map(self._count, self._system))
        try:
            got = read(self.spoken.form, body)
        except Unreadable as fault:
            self.asked[place] = Asked(self._sums[end], 0, system, True, 0, 0, 0, (str(fault),))
            return 0
        sent = self._sum(got.items)
        event, rewritten = self._compared(got, end)
        values, kept = self._retained(place, got, end)
        wrong = faults(self.spoken.form, got, self._told, self._full[end - 1] if end else None)
        self.asked[place] = Asked(self._sums[end], sent, system, event, rewritten, values, kept, wrong)
        self._last = got, end
        return sent + system

    def _sum(self, items: Sequence[Item]) -> int:
        """Tokens of the conversation: of system text what is not the client's."""
        return sum(map(self._size, items))

    def _size(self, item: Item) -> int:
        text = item.text
        if item.kind == "system":
            for told in self._system:
                text = text.replace(told, "")
        return (self._count(text) if text else 0) + (self._count(item.name) if item.name else 0)

    def _compared(self, got: Read, end: int) -> tuple[bool, int]:
        """Whether this is an event, and what it rewrites."""
        if self._last is None:
            return False, 0
        before, told_before = self._last
        if got.rest == before.rest and continues(before.stretch, got.stretch):
            return False, 0
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before.items, got.items, strict=False)))
        fresh = self._sum(got.items[same:])
        return True, max(0, fresh - (self._sums[end] - self._sums[told_before]))

    def _retained(self, place: int, got: Read, end: int) -> tuple[int, int]:
        """How many values of the reply's calls the client had told, and how many of them were received."""
        calls = self.spoken.session.messages[place].get("tool_calls") or ()
        if not calls:
            return 0, 0
        whole = "\n".join(item.text for item in self._full[:end])
        here = "\n".join(item.text for item in got.items)
        values = kept = 0
        for call in calls:
            for argument, value in leaves(call["function"]["arguments"]):
                if value not in whole:
                    continue
                values += 1
                kept += value in here
                if value not in here:
                    self._miss(call["function"]["name"], argument, value, end)
        return values, kept

    def _miss(self, tool: str, argument: str, value: str, end: int) -> None:
        age = next((ago for ago in range(1, end + 1) if value in self._full[end - ago].text), 0)
        self.missed.append(Missed(self.spoken.session.name, value, tool, argument, age, len(self.asked)))


def continues(before: str, now: str) -> bool:
    """Whether an array (without its closing bracket) begins with the whole of another, and goes on with new members."""
    return before == "[" or (now.startswith(before) and now[len(before) : len(before) + 1] in ("", ","))


def leaves(arguments: str) -> Iterator[tuple[str, str]]:
    """Name and text of each string and number in a call's arguments, numbers spelled as they stand. Not JSON: none."""
    try:
        value = json.loads(arguments, parse_int=str, parse_float=str)
    except ValueError:
        return
    for name, text in _leaves("", value):
        if len(text) >= SHORTEST:
            yield name, text


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(f"{name}.{key}" if name else key, below)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(name, below)


def _history(spoken: Spoken) -> tuple[list[Item], list[int]]:
    """What the client tells in the whole session, and how many items it has told after each encoded message."""
    items: list[Item] = list(read(spoken.form, spoken.around(())).items)
    ends = [len(items)]
    for encoded in spoken.items:
        items += SAID[spoken.form](json.loads(encoded))
        ends.append(len(items))
    return items, ends

"""Sightings: where and when each literal of the condensed messages was seen, by whom, and how often.

It must not know which literals are worth keeping, nor how a state reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from policies.consolidate.literals import Found, found, in_prose, in_tree, kind_number, parsed
from proxy.conversation import ToolCall, Turn

NEVER = -1
"""The turn at which something happened that has not."""
_GREETING = re.compile(
    r"\W*(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|hallo|guten tag|bonjour|salut|hola|"
    r"buen[oa]s|ciao|ol[aá]|你好|您好|こんにちは|안녕)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Seen:
    """What is known of one literal. Turns are numbers of messages in the client's history, `NEVER` for not yet."""

    kind: int
    """Its place in `KINDS`."""
    first: int
    last: int
    home: str
    """The line it is shown on: the message of its newest result, else the message that named it first."""
    field: str = ""
    record: int = 0
    order: int = 0
    """Its place among the literals of its message."""
    topic: int = 0
    """How many topics had begun when it was last seen."""
    by_user: int = NEVER
    by_assistant: int = NEVER
    as_argument: int = NEVER
    in_result: int = NEVER
    arguments: int = 0
    results: int = 0
    parameter: str = ""
    """The name of the argument it was last given as."""


class Said(NamedTuple):
    """A user's message in its own words."""

    text: str
    topic: int


class Called(NamedTuple):
    """A tool call, as a line tells it."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    topic: int


_slots = attrgetter(*(slot.name for slot in fields(Seen)))


@dataclass(slots=True)
class Sightings:
    """All that is known of the condensed messages; it grows by `take` and becomes small again by `kept`."""

    values: dict[str, Seen] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    called: dict[str, Called] = field(default_factory=dict)
    fields: dict[str, list[int]] = field(default_factory=dict)
    """By field of a result: literals first seen there, and how many of them an argument used later.
    By argument name (`name=`): literals given, and how often one was given again."""
    now: int = 0
    """The number after that of the newest message taken."""
    topic: int = 0
    asked: dict[str, tuple[str, list[Found]]] = field(default_factory=dict)
    """Calls whose results have not come yet, by id: their names and what they were given."""

    def take(self, number: int, turn: Turn) -> None:
        """Notes what a message holds; messages come oldest first."""
        self.now = max(self.now, number + 1)
        home = str(number)
        for index, result in enumerate(turn.results):
            self._called(f"{home}.{index}" if index else home, result.id)
            self._returned(number, f"{home}.{index}" if index else home, found(result.text))
        if turn.role == "user" and turn.text.strip():
            self.topic += bool(_GREETING.match(turn.text))
            self.said[home] = Said(" ".join(turn.text.split()), self.topic)
            self._heard(number, home, in_prose(turn.text))
        elif turn.text and not turn.results:
            tree = parsed(turn.text)
            self._written(number, home, in_prose(turn.text) if tree is None else in_tree(tree))
        for call in turn.calls:
            given = arguments(call)
            self.asked[call.id] = call.name, given
            self._given(number, home, given)

    def _called(self, home: str, id: str) -> None:
        id = id if id in self.asked else next(iter(self.asked), "")
        name, items = self.asked.pop(id, ("", ()))
        if name:
            self.called[home] = Called(name, tuple((given, text) for text, given, _ in items), self.topic)

    def _heard(self, number: int, home: str, items: list[Found]) -> None:
        for order, (text, _, _) in enumerate(items):
            self._seen(number, home, text, "user:", order).by_user = number

    def _written(self, number: int, home: str, items: list[Found]) -> None:
        for order, (text, _, _) in enumerate(items):
            self._seen(number, home, text, "assistant:", order).by_assistant = number

    def _given(self, number: int, home: str, items: list[Found]) -> None:
        for order, (text, name, _) in enumerate(items):
            seen = self._seen(number, home, text, "argument:", order)
            if not seen.arguments:
                self._count(seen.field, 1)
                self._count(name + "=", 0)
            elif number - seen.as_argument > 2:
                self._count(name + "=", 1)
            seen.as_argument = number
            seen.arguments += 1
            seen.parameter = name

    def _returned(self, number: int, home: str, items: list[Found]) -> None:
        values, topic = self.values, self.topic
        for order, (text, name, record) in enumerate(items):
            seen = values.get(text)
            if seen is None:
                seen = self._seen(number, home, text, name, order)
            else:
                seen.last, seen.topic = number, topic
            if seen.field != name:
                self._count(name, 0)
                seen.field = name
            seen.in_result = number
            seen.results += 1
            seen.home, seen.order, seen.record = home, order, record

    def _seen(self, number: int, home: str, text: str, field: str, order: int) -> Seen:
        seen = self.values.get(text)
        if seen is None:
            seen = self.values[text] = Seen(kind_number(text), number, number, home, field, 0, order)
            self._count(field, 0)
        seen.last, seen.topic = number, self.topic
        return seen

    def _count(self, name: str, slot: int) -> None:
        counts = self.fields.get(name)
        if counts is None:
            counts = self.fields[name] = [0, 0]
        counts[slot] += 1

    def memory(self) -> dict[str, Any]:
        """All of it as JSON holds it."""
        return {
            "values": {text: _slots(seen) for text, seen in self.values.items()},
            "said": {home: list(said) for home, said in self.said.items()},
            "called": {home: list(called) for home, called in self.called.items()},
            "fields": self.fields,
            "now": self.now,
            "topic": self.topic,
        }


def recalled(memory: Mapping[str, Any]) -> Sightings:
    """The sightings that `memory` wrote; empty where it is empty."""
    if not memory:
        return Sightings()
    return Sightings(
        values={text: Seen(*slots) for text, slots in memory["values"].items()},
        said={home: Said(*said) for home, said in memory["said"].items()},
        called={
            home: Called(name, tuple((field, text) for field, text in given), topic)
            for home, (name, given, topic) in memory["called"].items()
        },
        fields={name: list(counts) for name, counts in memory["fields"].items()},
        now=memory["now"],
        topic=memory["topic"],
    )


def arguments(call: ToolCall) -> list[Found]:
    """The literals given to a tool."""
    tree = parsed(call.arguments)
    return in_prose(call.arguments) if tree is None else in_tree(tree)

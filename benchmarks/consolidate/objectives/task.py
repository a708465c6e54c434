"""Sessions with many objectives, made from a seed: what the agent is given, what its tools return, what it is asked.

It must not know the proxy, the model, or how answers are scored. The same arguments give the same session.
"""

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Literal, NamedTuple

from benchmarks.consolidate.objectives.kinds import FIRST, KINDS, LAST, Kind, Make

Message = Mapping[str, Any]
Given = Literal["start", "each"]
"""Whether the agent is told all objectives in the first message, or one after another."""
RECORDS = 2
"""Records in a tool's result: the one that is looked for, and another of the same kind."""
SYSTEM: Message = {
    "role": "system",
    "content": "You are the assistant of an office. You look things up with tools. Asked for a value, you answer with "
    "that value alone, spelled as the tool returned it.",
}


class Objective(NamedTuple):
    """One thing to find out."""

    kind: Kind
    person: str
    field: str
    value: str
    result: str
    """What the tool returns: JSON with the record and its neighbours."""

    @property
    def wanted(self) -> str:
        """`the arrival date of Mara Ilves's shipment`."""
        return f"the {self.kind.asked[self.field]} of {self.person}'s {self.kind.noun}"

    @property
    def question(self) -> str:
        """What the agent is asked in the end."""
        return f"What is {self.wanted}? Answer with the value only."


class _Wanted(NamedTuple):
    """A field of a kind of record, and its value."""

    kind: Kind
    field: str
    value: str


class Turn(NamedTuple):
    """What is said to the agent, and what it says to that."""

    said: tuple[Message, ...]
    reply: Message


class Task(NamedTuple):
    """A session."""

    name: str
    objectives: tuple[Objective, ...]
    given: Given

    @property
    def tools(self) -> tuple[Mapping[str, Any], ...]:
        """The tools as a client declares them."""
        return tuple(_tool(kind) for kind in KINDS)

    @property
    def turns(self) -> Iterator[Turn]:
        """The session up to the questions."""
        yield from _told_first(self.objectives) if self.given == "start" else _told_each(self.objectives)


def tasks(seed: int, sessions: int, objectives: int, given: Given) -> list[Task]:
    """The sessions of a seed. Raises `ValueError` for more objectives than there are names."""
    return [_task(Random(f"{seed}/{number}"), number, objectives, given) for number in range(sessions)]


def _task(random: Random, number: int, size: int, given: Given) -> Task:
    people = [f"{first} {last}" for first in FIRST for last in LAST]
    if not 0 < size * RECORDS <= len(people):
        raise ValueError(f"a session has 1 to {len(people) // RECORDS} objectives, not {size}")
    random.shuffle(people)
    wanted = _wanted(random, size)
    taken = {want.value for want in wanted}
    groups = (people[place * RECORDS : (place + 1) * RECORDS] for place in range(size))
    made = tuple(_objective(random, want, group, taken) for want, group in zip(wanted, groups, strict=True))
    return Task(f"session {number}", made, given)


def _wanted(random: Random, size: int) -> list[_Wanted]:
    """What is to be found out: every value once."""
    found: dict[str, _Wanted] = {}
    while len(found) < size:
        kind = random.choice(KINDS)
        field = random.choice(list(kind.asked))
        want = _Wanted(kind, field, kind.fields[field](random))
        found.setdefault(want.value, want)
    return list(found.values())


def _objective(random: Random, want: _Wanted, people: list[str], taken: set[str]) -> Objective:
    """An objective about the first of the people. Its value stands nowhere else in the session's results."""
    kind, person = want.kind, people[0]
    records = [{kind.argument: each, **_record(random, kind, taken)} for each in people]
    records[0][want.field] = want.value
    random.shuffle(records)
    result = json.dumps({"query": person, "found": len(records), "matches": records})
    return Objective(kind, person, want.field, want.value, result)


def _record(random: Random, kind: Kind, taken: set[str]) -> dict[str, str]:
    return {name: _free(random, make, taken) for name, make in kind.fields.items()}


def _free(random: Random, make: Make, taken: set[str]) -> str:
    """A value that nobody asks for."""
    while (value := make(random)) in taken:
        pass
    return value


def _told_each(objectives: tuple[Objective, ...]) -> Iterator[Turn]:
    """An objective, its call, its result, a short word; then the next objective."""
    for number, objective in enumerate(objectives, 1):
        asked = {"role": "user", "content": f"Objective {number}: find {objective.wanted}. I shall ask for it later."}
        yield Turn((asked,), _call(number, objective))
        yield Turn((_result(number, objective),), {"role": "assistant", "content": "Looked up."})


def _told_first(objectives: tuple[Objective, ...]) -> Iterator[Turn]:
    """All objectives, then call after call."""
    listed = "\n".join(f"{number}. {objective.wanted}" for number, objective in enumerate(objectives, 1))
    said: Message = {"role": "user", "content": f"Find all of these, one after another; I shall ask later.\n{listed}"}
    for number, objective in enumerate(objectives, 1):
        yield Turn((said,), _call(number, objective))
        said = _result(number, objective)
    yield Turn((said,), {"role": "assistant", "content": "All looked up."})


def _call(number: int, objective: Objective) -> Message:
    function = {"name": objective.kind.tool, "arguments": json.dumps({objective.kind.argument: objective.person})}
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": f"call_{number}", "type": "function", "function": function}],
    }


def _result(number: int, objective: Objective) -> Message:
    return {"role": "tool", "tool_call_id": f"call_{number}", "content": objective.result}


def _tool(kind: Kind) -> Mapping[str, Any]:
    schema = {"type": "object", "properties": {kind.argument: {"type": "string"}}, "required": [kind.argument]}
    about = f"Finds the {kind.noun} of a {kind.argument} by name."
    return {"type": "function", "function": {"name": kind.tool, "description": about, "parameters": schema}}

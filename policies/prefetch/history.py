"""Sessions as they are kept to try programs on: what was said and called, in order, with all values masked.

It must not know what programs say, nor where a history is stored.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.fields import spelled
from policies.prefetch.masking import Mask
from policies.prefetch.retelling import MOST_REREAD, Reply, events
from policies.prefetch.state import State
from proxy.conversation import ToolResult, Turn

MOST_SAID, MOST_RESULT = 800, 4_000
"""Characters of a user's message and of a result."""
KEPT = 8
"""Sessions of an agent."""
MOST_CHARS = 40_000
"""Of an agent's sessions together, packed."""
USER, RESULT, CALLS, REPLY = "user", "result", "calls", "reply"

Event = list[Any]
"""`["user", text]`, `["result", id, text]`, `["calls", [[id, name, arguments, read_only], …]]` or `["reply"]`."""


class Trace(NamedTuple):
    """A session; JSON-able."""

    session: str
    events: list[Event]


class Step(NamedTuple):
    """What was known, and what the model did then."""

    state: State
    """Grows when the next step is asked for."""
    event: Event

    @property
    def call(self) -> Call | None:
        """The first call; None where the model replied."""
        return _call(self.event[1][0]) if self.event[0] == CALLS else None


def masked(session: str, turns: Sequence[Turn], mask: Mask, may: Callable[[str], bool]) -> Trace:
    """The latest turns of a session, masked. Pure, and slow on long ones: some ten milliseconds."""
    found: list[Event] = []
    numbers: dict[str, str] = {}
    for event in events(turns[-MOST_REREAD:]):
        if isinstance(event, Reply):
            calls = []
            for id, call in event.calls:
                numbers[id] = str(len(numbers))
                arguments = {name: spelled(mask.value(value)) for name, value in call.values().items()}
                calls.append([numbers[id], call.name, arguments, may(call.name)])
            found.append([CALLS, calls] if calls else [REPLY])
            continue
        found += [[RESULT, numbers.get(each.id, ""), _result(each, mask)] for each in event.results]
        if event.text and event.role == "user" and not event.results:
            found.append([USER, mask.text(event.text[-MOST_SAID:])])
    return Trace(session, found)


def steps(trace: Trace) -> Iterator[Step]:
    """The session gone through once more."""
    state = State()
    for event in trace.events:
        match event:
            case [kind, text] if kind == USER:
                state.heard_user(text)
            case [kind, id, text] if kind == RESULT:
                state.answered(id, text)
            case [kind, calls] if kind == CALLS:
                yield Step(state, event)
                for each in calls:
                    state.called(_call(each), read_only=each[3], id=each[0])
            case _:
                yield Step(state, event)
                state.replied("")


def joined(kept: Sequence[Trace], new: Trace) -> list[Trace]:
    """The kept sessions with this one: a session that went on takes its own place, of too many the oldest goes."""
    return [*(each for each in kept if each.session != new.session), new][-KEPT:]


def packed(kept: Sequence[Trace]) -> str:
    """Sessions as a short text; of more than fit the oldest are left out."""
    traces = list(kept)
    while True:
        told = json.dumps([list(trace) for trace in traces], separators=(",", ":"))
        text = b64encode(zlib.compress(told.encode(), 6)).decode()
        if len(text) <= MOST_CHARS or not traces:
            return text
        traces = traces[1:]


def unpacked(text: str) -> list[Trace]:
    """What was packed; of what cannot be read, nothing."""
    try:
        return [Trace(str(session), events) for session, events in json.loads(zlib.decompress(b64decode(text)))]
    except (ValueError, TypeError, zlib.error):
        return []


def _call(told: Sequence[Any]) -> Call:
    return Call(told[1], told[2])


def _result(result: ToolResult, mask: Mask) -> str:
    try:
        value = json.loads(result.text)
    except (ValueError, RecursionError):
        return mask.text(result.text) if len(result.text) <= MOST_RESULT else ""
    try:
        text = json.dumps(mask.value(value), ensure_ascii=False)
    except RecursionError:
        return ""
    return text if len(text) <= MOST_RESULT else ""

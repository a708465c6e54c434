"""A small recorded session, and its twins in the three wire forms, for the tests of the benchmark.

It must not know what is measured.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.consolidate.meter import Meter
from benchmarks.consolidate.sessions import Session
from benchmarks.consolidate.spoken import spoken

Message = Mapping[str, Any]
SYSTEM: Message = {"role": "system", "content": "Be brief."}
TOOLS = ({"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}},)


def user(text: str) -> Message:
    """What the user says."""
    return {"role": "user", "content": text}


def assistant(text: str | None, *calls: tuple[str, str]) -> Message:
    """What the assistant says, and the calls it makes: id and arguments."""
    made = [{"id": name, "type": "function", "function": {"name": "look", "arguments": said}} for name, said in calls]
    return {"role": "assistant", "content": text, **({"tool_calls": made} if made else {})}


def result(name: str, text: str) -> Message:
    """What the tool answers to the call of that id."""
    return {"role": "tool", "tool_call_id": name, "content": text}


HISTORY: tuple[Message, ...] = (
    SYSTEM,
    user("Find the order of mia_li_3668."),
    assistant(None, ("a", '{"user": "mia_li_3668"}')),
    result("a", '{"order": "W123", "total": 250.0}'),
    assistant("Which of them?"),
    user("That one, and one more."),
    assistant("Both then.", ("b", '{"order": "W123", "total": 250.0}'), ("c", '{"order": "unheard of"}')),
    result("b", "done"),
    result("c", ""),
    assistant("Done."),
    user("Thanks."),
)
"""Four requests, before the messages 2, 4, 6 and 9."""


def session(messages: Sequence[Message] = HISTORY) -> Session:
    """A session of these messages, with a tool."""
    return Session("tale/1/0", tuple(messages), TOOLS)


def meter(form: str = "chat", messages: Sequence[Message] = HISTORY) -> Meter:
    """The meter of that session; a token is a word."""
    return Meter(spoken(session(messages), form, "gpt-4o"), lambda text: len(text.split()))


def body(*messages: Message, **fields: Any) -> bytes:
    """A chat request with the session's tools."""
    whole = {"messages": messages, "model": "gpt-4o", "tools": TOOLS, **fields}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()

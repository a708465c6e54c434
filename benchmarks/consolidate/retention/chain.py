"""A session as its consolidation sees it: turns, texts, tokens, the values its calls need, and where it can be cut.

It must not know how a state is made.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from benchmarks.consolidate.sessions import Message, Session
from proxy.conversation import ToolCall, ToolResult, Turn

LEAST_CHARACTERS = 3
"""Characters from which on a value counts: shorter ones stand anywhere by chance."""


class Chain(NamedTuple):
    """A session without its system message; all but `system` by message."""

    system: str
    turns: tuple[Turn, ...]
    texts: tuple[str, ...]
    sums: tuple[int, ...]
    """Tokens before each message, and of all."""
    sent: tuple[str, ...]
    """The texts as they are sent: tool results may be smaller."""
    sent_sums: tuple[int, ...]
    needs: tuple[tuple[str, ...], ...]
    """Leaf values given to tools."""
    pinned: int
    """How many messages stay at the head: up to the first of the user."""


def chain(session: Session, count: Callable[[str], int], smaller: Callable[[str], str]) -> Chain:
    """A session made ready. `smaller` writes a tool result in fewer words, or gives it back."""
    messages = [message for message in session.messages if message["role"] != "system"]
    system = "\n".join(said(message) for message in session.messages if message["role"] == "system")
    turns = tuple(turn(message) for message in messages)
    pinned = next((place for place, one in enumerate(turns) if one.role == "user"), -1) + 1
    texts = tuple(map(said, messages))
    sent = tuple(
        smaller(text) if message["role"] == "tool" else text for message, text in zip(messages, texts, strict=True)
    )
    return Chain(
        system,
        turns,
        texts,
        tuple(accumulate(map(count, texts), initial=0)),
        sent,
        tuple(accumulate(map(count, sent), initial=0)),
        tuple(tuple(needed(one)) for one in turns),
        pinned,
    )


def turn(message: Message) -> Turn:
    """A chat message as a turn."""
    text = message.get("content") or ""
    if message["role"] == "tool":
        return Turn("tool", results=(ToolResult(message.get("tool_call_id", ""), text),))
    calls = (ToolCall(call.get("id", ""), **_function(call["function"])) for call in message.get("tool_calls") or ())
    return Turn(message["role"], text, tuple(calls))


def said(message: Message) -> str:
    """All that a message says: its text, the names and arguments of its calls."""
    calls = (f"{call['function']['name']} {call['function']['arguments']}" for call in message.get("tool_calls") or ())
    return "\n".join(part for part in (message.get("content") or "", *calls) if part)


def needed(turn: Turn) -> Iterator[str]:
    """The leaf values of a turn's calls, as text, of at least `LEAST_CHARACTERS`."""
    for call in turn.calls:
        try:
            tree = json.loads(call.arguments)
        except ValueError:
            continue
        for value in leaves(tree):
            text = value if isinstance(value, str) else json.dumps(value)
            if len(text) >= LEAST_CHARACTERS:
                yield text


def leaves(tree: Any) -> Iterator[Any]:
    """The leaves of parsed JSON but nulls."""
    if isinstance(tree, dict | list):
        for item in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(item)
    elif tree is not None:
        yield tree


def cut(turns: Sequence[Turn], sums: Sequence[int], start: int, end: int, tail: int) -> int:
    """Where the kept tail begins: the newest group of a call and its results, or newest message, and all before it
    that fits into `tail` tokens. `start` where there is no place for a cut."""
    place = _group(turns, start, end - 1)
    while place > start and sums[end] - sums[before := _group(turns, start, place - 1)] <= tail:
        place = before
    return place


def _group(turns: Sequence[Turn], start: int, place: int) -> int:
    while place > start and turns[place].results:
        place -= 1
    return place


def _function(function: Message) -> dict[str, str]:
    return {"name": function["name"], "arguments": function["arguments"]}

"""Sessions to play: recorded trajectories, joined into long ones.

It must not know wire forms other than Chat Completions, in which trajectories are recorded, nor what is measured.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Message = Mapping[str, Any]


class Session(NamedTuple):
    """One session as its client tells it."""

    name: str
    messages: tuple[Message, ...]
    """Chat messages, system first; every call has its result, and the other way round."""
    tools: tuple[Mapping[str, Any], ...] = ()

    @property
    def asked(self) -> tuple[int, ...]:
        """The requests: places of the assistant's messages, each the reply to all that stands before it."""
        said = enumerate(self.messages)
        return tuple(place for place, message in said if place and message.get("role") == "assistant")


def chained(path: Path, length: int) -> list[Session]:
    """Sessions of `length` consecutive trajectories of a file (`.jsonl`, `.jsonl.gz`), the system message once.

    What is left over at the end is left out; a file with fewer trajectories is one session. Raises `ValueError` when
    the file holds no trajectory, `OSError` when it cannot be read.
    """
    rows = read_rows(path)
    if not rows:
        raise ValueError(f"{path} holds no trajectory: one JSON object a line is wanted, with `messages`")
    tools = read_tools(path.parent / f"{rows[0].get('domain', '')}-tools.json")
    length = min(length, len(rows))
    starts = range(0, len(rows) - length + 1, length)
    stem = path.name.partition(".")[0]
    return [
        Session(
            f"{stem}/{length}/{start // length}", join([row["messages"] for row in rows[start : start + length]]), tools
        )
        for start in starts
    ]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a file. Raises `ValueError` for a line that is no JSON or has no messages."""
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    for number, row in enumerate(rows, 1):
        if not (isinstance(row, dict) and isinstance(row.get("messages"), list)):
            raise ValueError(  # noqa: TRY004 (the file is at fault, not a caller)
                f"{path}, line {number}: no `messages`"
            )
    return rows


def read_tools(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The tools of a domain as a client declares them; none without the file."""
    if not path.is_file():
        return ()
    return tuple({"type": "function", "function": tool["function"]} for tool in json.loads(path.read_bytes()))


def join(trajectories: Iterable[Sequence[Message]]) -> tuple[Message, ...]:
    """One history: the first's system message, then all the rest in order, with calls paired and ids unique."""
    joined: list[Message] = []
    for number, messages in enumerate(trajectories):
        opening = bool(messages) and messages[0].get("role") in ("system", "developer")
        joined += messages[1:] if opening and number else messages
    return tuple(paired(joined))


def paired(messages: Sequence[Message]) -> list[Message]:
    """The messages with each call followed by its result and each id used once.

    Recordings that were cut off have calls without results, and some reuse ids. Such calls, results without a call and
    replies that say nothing are left out; a repeated id gets a number at its end.
    """
    whole: list[Message] = []
    seen: set[str] = set()
    place = 0
    while place < len(messages):
        message, place = messages[place], place + 1
        end = place
        while end < len(messages) and messages[end].get("role") == "tool":
            end += 1
        results, place = messages[place:end], end
        if message.get("role") != "tool":
            whole += _group(message, results, seen)
    return whole


def _group(message: Message, results: Sequence[Message], seen: set[str]) -> list[Message]:
    """An assistant message with its results, or a message by itself."""
    calls, answers, waiting = [], [], list(results)
    for call in message.get("tool_calls") or ():
        answer = next((each for each in waiting if each.get("tool_call_id") == call["id"]), None)
        if answer is None:
            continue
        waiting.remove(answer)
        name = _unused(call["id"], seen)
        calls.append({**call, "id": name})
        answers.append({**answer, "tool_call_id": name})
    kept = {key: value for key, value in message.items() if key != "tool_calls"}
    if calls:
        return [{**kept, "tool_calls": calls}, *answers]
    return [kept] if kept.get("content") or message.get("role") != "assistant" else []


def _unused(name: str, seen: set[str]) -> str:
    number, free = 1, name
    while free in seen:
        number += 1
        free = f"{name}_{number}"
    seen.add(free)
    return free

"""Recorded sessions as dialogues: what users, models and tools said, step by step.

It must not know predictors or what is measured.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from proxy.conversation import ToolCall

READS = ("get_", "find_", "search_", "list_", "calculate", "check_", "read_", "lookup_", "query_", "fetch_", "count_")
"""Beginnings of the names of tools that only read, where no list of tools says so."""


class Event(NamedTuple):
    """One thing said: to the model before all (`system`), by the `user`, the model (`step`: a text, calls, or both) or
    a tool (`result`)."""

    kind: str
    text: str = ""
    calls: tuple[tuple[str, Call], ...] = ()
    """Calls with their ids."""
    id: str = ""
    at_s: float | None = None


class Session(NamedTuple):
    """One recorded session."""

    id: str
    source: str
    task: str
    events: tuple[Event, ...]
    model: str = ""


def read(path: Path) -> list[Session]:
    """The sessions of a file (`.jsonl`, `.jsonl.gz`). Raises `ValueError` for a line that holds none."""
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    return [_session(json.loads(line), path, number) for number, line in enumerate(lines, 1) if line.strip()]


def _session(row: Any, path: Path, number: int) -> Session:
    if not (isinstance(row, dict) and isinstance(row.get("messages"), list)):
        raise ValueError(f"{path}, line {number}: no `messages`")  # noqa: TRY004 (the file is at fault)
    times = row.get("at_s") or [None] * len(row["messages"])
    events = [event for message, at in zip(row["messages"], times, strict=False) if (event := _event(message, at))]
    source = str(row.get("source") or path.name.partition(".")[0])
    return Session(
        str(row.get("id", number)),
        source,
        str(row.get("task_id", row.get("id", number))),
        tuple(events),
        str(row.get("agent_model", "")),
    )


def _event(message: Mapping[str, Any], at: float | None) -> Event | None:
    role, text = message.get("role"), _text(message.get("content"))
    if role in ("system", "user"):
        return Event(role, text, at_s=at)
    if role == "tool":
        return Event("result", text, id=str(message.get("tool_call_id", "")), at_s=at)
    if role != "assistant":
        return None
    calls = [(str(call.get("id", "")), _call(call["function"])) for call in message.get("tool_calls") or ()]
    return Event("step", text, tuple(calls), at_s=at)


def _call(function: Mapping[str, Any]) -> Call:
    name, arguments = str(function["name"]), str(function.get("arguments") or "")
    return Call.read(ToolCall("", name, arguments)) or Call(name, {"": json.dumps(arguments)})


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def read_only(path: Path | None, sessions: Iterable[Session]) -> frozenset[str]:
    """Names of the tools that only read: as the file of tools says, else by the beginnings of their names."""
    if path is not None:
        tools = json.loads(path.read_bytes())
        return frozenset(tool["function"]["name"] for tool in tools if tool.get("read_only"))
    names = {call.name for session in sessions for event in session.events for _, call in event.calls}
    return frozenset(name for name in names if name.startswith(READS))


def split(sessions: Sequence[Session], seed: int, share: float = 0.7) -> tuple[list[Session], list[Session]]:
    """Sessions to learn from, in a random order, and sessions to foretell; no task is in both."""
    tasks, dice = sorted({session.task for session in sessions}), Random(seed)
    dice.shuffle(tasks)
    learned = set(tasks[: round(share * len(tasks))])
    known = [each for each in sessions if each.task in learned]
    dice.shuffle(known)
    return known, [each for each in sessions if each.task not in learned]

"""Recorded sessions as they can be played again: for each, the requests in order.

It must not know who plays them, nor what is answered. Two kinds of line are read: a trace (`{"id", "messages", …}`,
OpenAI chat form, system first) and an exchange as Outrider records it.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from proxy.record import Record
from proxy.recorded_bodies import completed
from proxy.recording import read

CHAT = "/v1/chat/completions"
KEPT = ("role", "content", "tool_calls", "tool_call_id", "name")


class Unreadable(ValueError):
    """A file or line holds no session; the message names both and says what was expected."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a session."""

    path: str
    body: Mapping[str, Any]

    @property
    def digest(self) -> bytes:
        """Equal for steps that nobody could tell apart by what they say; the model counts, streaming does not."""
        said = {key: value for key, value in self.body.items() if key not in ("stream", "stream_options")}
        return blake2b(json.dumps([self.path, said], sort_keys=True).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One session: its id in the recording and its requests in order."""

    id: str
    steps: tuple[Step, ...]


def read_sessions(paths: Iterable[Path]) -> tuple[Recorded, ...]:
    """All sessions of these files (.jsonl or .jsonl.gz), in their order. Raises `Unreadable` and `OSError`."""
    found: list[Recorded] = []
    exchanges: defaultdict[str, list[Record]] = defaultdict(list)
    for path in paths:
        records: list[Record] = []
        for number, line in enumerate(_lines(path), 1):
            item = _parse(path, number, line)
            if "messages" in item:
                found.append(_trace(path, number, item))
            else:
                records.append(_record(path, number, line))
        for record in completed(records):
            exchanges[record.session.id].append(record)
    found += (_recording(session, records) for session, records in exchanges.items())
    return tuple(session for session in found if session.steps)


def read_records(paths: Iterable[Path]) -> tuple[Record, ...]:
    """All recorded exchanges of these files, with their bodies, in the order in which they came. Raises `Unreadable`
    and `OSError`."""
    found: list[Record] = []
    for path in paths:
        found += completed([_record(path, number, line) for number, line in enumerate(_lines(path), 1)])
    return tuple(sorted(found, key=lambda record: record.at))


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        yield from (line for line in file if line.strip())


def _parse(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except ValueError as error:
        raise Unreadable(f"{path}, line {number}: not JSON ({error}); one JSON object a line is expected.") from None
    if not isinstance(item, dict):
        raise Unreadable(f"{path}, line {number}: not a JSON object.")
    return item


def _record(path: Path, number: int, line: bytes) -> Record:
    try:
        record = read(line)
    except (ValueError, KeyError) as error:
        raise Unreadable(f"{path}, line {number}: neither a trace nor a recorded exchange ({error}).") from None
    if record.mode == "meta":
        raise Unreadable(f"{path}, line {number}: recorded without bodies (OUTRIDER_RECORD=meta); nothing to play.")
    return record


def _trace(path: Path, number: int, item: Mapping[str, Any]) -> Recorded:
    """Every assistant message that follows a user message is the reply to what stands before it."""
    try:
        messages = [{key: message[key] for key in KEPT if key in message} for message in item["messages"]]
        roles = [message["role"] for message in messages]
        name, model = str(item["id"]), str(item.get("agent_model") or "recorded")
    except (TypeError, KeyError) as error:
        raise Unreadable(f"{path}, line {number}: not a trace: {{id, messages}} are expected ({error}).") from None
    first = roles.index("user") if "user" in roles else len(roles)
    replies = (at for at, role in enumerate(roles) if at > first and role == "assistant")
    return Recorded(name, tuple(Step(CHAT, {"model": model, "messages": messages[:at]}) for at in replies))


def _recording(session: str, records: Iterable[Record]) -> Recorded:
    """What a client asked in JSON, in the order in which it arrived.

    Left out is what the proxy asked for itself, and what hangs on lines that are gone.
    """
    asked = sorted((each for each in records if each.whole and not each.purpose), key=lambda record: record.at)
    return Recorded(session, tuple(step for record in asked if (step := _step(record))))


def _step(record: Record) -> Step | None:
    try:
        body = json.loads(record.request.body)
    except ValueError:
        return None
    return Step(record.request.path, body) if isinstance(body, dict) else None

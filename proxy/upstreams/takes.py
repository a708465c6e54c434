"""Recorded replies by the conversation they answered, read from files.

It must not know how a reply is spoken again, at which pace, or to whom.

Two kinds of lines are read, from `.jsonl` or `.jsonl.gz`: agent traces (`messages` in OpenAI's chat form, system
first, with `agent_model` and perhaps `at_s`, seconds since the start for each message) and the proxy's own recordings
(`docs/recordings.md`, mode `full`).
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from proxy.exchange import Completion, Request
from proxy.record import Record
from proxy.recorded_bodies import completed
from proxy.recording import read
from proxy.wire.forms import Forms

CHAT = "/v1/chat/completions"
COMPLETIONS = (CHAT, "/v1/responses", "/v1/messages")


@dataclass(frozen=True, slots=True)
class Take:
    """One recorded reply: the words of a trace (`message`), or the bytes of a recording (`completion`)."""

    model: str
    message: Mapping[str, Any] | None = None
    """An assistant message in chat form."""
    completion: Completion | None = None
    stream: bool = False
    """Whether the recording's bytes are an event stream."""
    wait_s: float = 0.0
    """Seconds from the request to the end of a trace's reply, or to the first byte of a recording's."""


@dataclass(slots=True)
class Takes:
    """All that was recorded, by key; several takes of one key are different continuations of the same words."""

    by_key: dict[bytes, list[Take]] = field(default_factory=dict)
    beginnings: set[bytes] = field(default_factory=set)
    """Keys of every beginning of every recorded conversation."""
    models: dict[str, None] = field(default_factory=dict)
    """Names, in the order in which they were met."""

    def add(self, key: bytes, take: Take) -> None:
        self.by_key.setdefault(key, []).append(take)
        self.models.setdefault(take.model)


def key_of(form: str, strict: bytes) -> bytes:
    """The key of a conversation, by its wire form and the strict digest of its last turn."""
    return form.encode() + b":" + strict


def bare_key(request: Request) -> bytes:
    """The key of a request without a conversation: all of it that counts."""
    digest = blake2b(digest_size=16)
    for part in (request.method, request.path, request.query):
        digest.update(part.encode() + b"\0")
    digest.update(request.body)
    return b"bare:" + digest.digest()


def read_takes(paths: Iterable[str], forms: Forms) -> Takes:
    """Reads the files. Raises `OSError` for one that cannot be read, `ValueError` for a line that is neither kind."""
    takes = Takes()
    for path in paths:
        records: dict[int, Record] = {}
        for number, line in enumerate(_lines(Path(path).expanduser()), 1):
            with _placed(path, number):
                told = _take_in(takes, line, forms)
            if told is not None:
                records[number] = told
        for number, record in zip(records, completed(records.values()), strict=True):
            with _placed(path, number):
                _take_in_recording(takes, record, forms)
    return takes


@contextmanager
def _placed(path: str, number: int) -> Iterator[None]:
    """Says where, if the line there is at fault."""
    try:
        yield
    except ValueError as fault:
        raise ValueError(f"{path}, line {number}: {fault}") from None


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        yield from (line for line in lines if line.strip())


def _take_in(takes: Takes, line: bytes, forms: Forms) -> Record | None:
    """Takes in a trace; a recorded exchange is handed back, as its body may stand in other lines too."""
    told = orjson.loads(line)
    if isinstance(told, dict) and isinstance(told.get("messages"), list):
        _take_in_trace(takes, told, forms)
        return None
    return read(line)


def _take_in_trace(takes: Takes, trace: Mapping[str, Any], forms: Forms) -> None:
    messages, model = trace["messages"], str(trace.get("agent_model") or "recorded")
    conversation = forms.of("POST", CHAT).read(orjson.dumps({"messages": messages})).conversation
    turns = conversation.turns if conversation is not None else ()
    if len(turns) != len(messages):
        raise ValueError("a message that cannot be read")
    keys = [key_of("chat", turn.strict) for turn in turns]
    takes.beginnings.update(keys)
    asked = False
    for place, message in enumerate(messages):
        if asked and message["role"] == "assistant":
            takes.add(keys[place - 1], Take(model, message, wait_s=_wait(trace.get("at_s"), place)))
        asked = asked or message["role"] == "user"


def _wait(at_s: Sequence[float | None] | None, place: int) -> float:
    before, after = (at_s[place - 1], at_s[place]) if at_s and place < len(at_s) else (None, None)
    return max(0.0, after - before) if before is not None and after is not None else 0.0


def _take_in_recording(takes: Takes, record: Record, forms: Forms) -> None:
    request, completion = record.request, record.completion
    if completion is None or not completion.body or record.purpose or not record.whole:
        return
    body = forms.of(request.method, request.path).read(request.body)
    take = Take(
        completion.model or body.model or request.model,
        completion=completion,
        stream=body.stream,
        wait_s=completion.first_byte_s,
    )
    if body.conversation is None or not body.conversation.turns:
        takes.add(bare_key(request), take)
        return
    keys = [key_of(request.form, turn.strict) for turn in body.conversation.turns]
    takes.beginnings.update(keys)
    takes.add(keys[-1], take)

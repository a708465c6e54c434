"""What a store takes in: values as the bytes it keeps, within their bounds.

It must not know where they are kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from proxy.store import Limits, StoreError

LESSON_LIVES = 30
"""A lesson outlives this many sessions' time to live: it is about all of them."""
MOST_LESSONS = 1_000
"""Newest lessons kept by the embedded store."""


def memories(memory: Mapping[str, Any], limits: Limits) -> tuple[dict[str, bytes], list[str]]:
    """Each policy's memory as JSON, and why others are refused: one sentence for each.

    A refused memory is left out and the rest is taken: one policy's fault is not the session's.
    """
    taken: dict[str, bytes] = {}
    refused: list[str] = []
    for policy, value in memory.items():
        try:
            text = orjson.dumps(value)
        except TypeError as fault:
            refused.append(f"the memory of {policy} is not JSON: {fault}")
            continue
        if len(text) > limits.memory_bytes:
            refused.append(f"the memory of {policy} has {len(text)} bytes, {limits.memory_bytes} are allowed")
            continue
        taken[policy] = text
    return taken, refused


def lines(recording: bytes, limits: Limits) -> list[bytes]:
    """The lines of a recording, without those that alone are longer than all of it may be."""
    if not recording:
        return []
    # Mostly it is one line; a split goes through all of it byte by byte.
    apart = recording.split(b"\n") if b"\n" in recording else [recording]
    return [line for line in apart if line and len(line) <= limits.recording_bytes]


def items(originals: Mapping[str, bytes], limits: Limits) -> dict[str, bytes]:
    """The originals without those that alone are larger than all of a session's may be."""
    return {ref: original for ref, original in originals.items() if weight(ref, original) <= limits.items_bytes}


def weight(ref: str, original: bytes) -> int:
    """Bytes of an original with its reference, as they count against `Limits.items_bytes`."""
    return len(ref.encode("utf-8", "surrogatepass")) + len(original)


def entries(journal: Mapping[str, Sequence[Any]], limits: Limits) -> dict[str, list[bytes]]:
    """The entries of each policy's journal as JSON, without those that are none or too long."""
    taken: dict[str, list[bytes]] = {}
    for policy, new in journal.items():
        fit = [text for text in map(_json, new) if 0 < len(text) <= limits.entry_bytes]
        if fit:
            taken[policy] = fit[-limits.journal_entries :]
    return taken


def thawed(entries: Sequence[bytes]) -> list[Any]:
    """Entries as they were given."""
    return [orjson.loads(entry) for entry in entries]


def lesson(name: str, value: bytes, limits: Limits) -> None:
    """Raises `StoreError` when a lesson is too large."""
    if len(value) > limits.memory_bytes:
        raise StoreError(f"the lesson {name} has {len(value)} bytes, {limits.memory_bytes} are allowed")


def recording_ttl_s(limits: Limits) -> float:
    """Seconds a recording is kept after its last line: never longer than its session."""
    return min(limits.recording_ttl_s, limits.session_ttl_s)


def lesson_ttl_s(limits: Limits) -> float:
    """Seconds a lesson is kept after it was last saved."""
    return LESSON_LIVES * limits.session_ttl_s


def _json(value: Any) -> bytes:
    """A value as JSON; empty for what is none."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return b""

"""Request bodies of recordings, put together again from the lines that hold their parts.

It must not know how much a recorder chose to write, nor what a body says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from proxy.record import Mark, Record
from proxy.recording import read, write

Key = tuple[str, str]
"""Session and exchange."""


def read_all(lines: Iterable[bytes]) -> Iterator[Record]:
    """The exchanges of these lines, with their bodies, in the same order.

    What hangs on a line that is not among them stays as `read` gives it: `Record.whole` is false. Raises `ValueError`.
    """
    return completed(map(read, lines))


def completed(records: Iterable[Record]) -> Iterator[Record]:
    """The same exchanges with their bodies put together where that can be done. Holds all of them meanwhile."""
    kept = tuple(records)
    known = _by_key(kept)
    return (_completed(record, known) for record in kept)


def whole(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same lines, each with its whole body, so that each can be read by itself.

    A line that hangs on one that is gone, and one that cannot be read at all, stay as they are.
    """
    kept = tuple(lines)
    records = tuple(map(_legible, kept))
    known = _by_key(record for record in records if record)
    for line, record in zip(kept, records, strict=True):
        yield line if record is None or record.whole else _rewritten(line, _completed(record, known))


def _by_key(records: Iterable[Record]) -> dict[Key, Record]:
    """Where a line stands twice (its whole body was exported, say), the whole one counts."""
    known: dict[Key, Record] = {}
    for record in records:
        if record.whole or _key(record) not in known:
            known[_key(record)] = record
    return known


def _completed(record: Record, known: Mapping[Key, Record]) -> Record:
    """Goes back to a whole body, then forward again, adding what each line added."""
    steps: list[Record] = []
    origin: Record | None = record
    while origin and origin.like:
        steps.append(origin)
        origin = known.get((origin.session.id, origin.like.id)) if len(steps) <= len(known) else None
    body = origin.request.body if origin else None
    while steps and body is not None:
        body = _around(steps.pop(), body)
    if record.whole or body is None:
        return record
    return replace(record, request=record.request.but(body=body), request_mark=Mark.of(body), like=None)


def _around(step: Record, earlier: bytes) -> bytes | None:
    return step.like.around(step.request.body, earlier) if step.like else None


def _rewritten(line: bytes, record: Record) -> bytes:
    return write(record.exchange, mode=record.mode, parent=record.parent) if record.whole else line


def _legible(line: bytes) -> Record | None:
    try:
        return read(line)
    except ValueError:
        return None


def _key(record: Record) -> Key:
    return record.session.id, record.id

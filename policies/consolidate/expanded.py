"""The way back from an outline to JSON: equal in value, keys in their order, numbers in their spelling.

It must not know why a text was made smaller. It is the proof that an outline holds everything.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from policies.consolidate.outline import FENCE
from policies.consolidate.spelling import Json, meant, read, read_key, written
from policies.consolidate.table import KEY_COLUMN

_COUNT = re.compile(r"\[([0-9]+)\](\[\])?")
_FENCED = re.compile(rf"{FENCE}`*\Z")


class _Head(NamedTuple):
    """A column as a header names it."""

    path: tuple[str, ...]
    """Keys from the object down to the value; `()` is the key of the object itself."""
    is_text: bool = False
    same: tuple[Json, ...] = ()
    """The value in all rows, where the header holds it."""


class _Lines:
    """The lines of an outline, read one after the other."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0

    def next(self, depth: int, begin: str = " ") -> str | None:
        """The next line of this depth without its indentation, or None where its block is over; `begin` stands in
        the place of the last blank."""
        line = self._lines[self._at] if self._at < len(self._lines) else None
        if line is None or (depth and line[:depth] != " " * (depth - 1) + begin):
            return None
        self._at += 1
        return line[depth:]

    def must(self, depth: int, begin: str = " ") -> str:
        """The next line of this depth. Raises `ValueError` where there is none."""
        line = self.next(depth, begin)
        if line is None:
            raise ValueError(f"a row is missing at line {self._at + 1}")
        return line

    def fenced(self, fence: str) -> str:
        """The text up to the fence. Raises `ValueError` where it is not closed."""
        end = self._lines.index(fence, self._at)
        text = "\n".join(self._lines[self._at : end])
        self._at = end + 1
        return text


def expanded(text: str) -> str:
    """JSON equal in value to what an outline was made of. Raises `ValueError` for what is no outline."""
    lines = _Lines(text)
    if not text.startswith("["):
        value: Json = _fields(lines, 0)
    elif text.partition("\n")[0].endswith(":"):
        value = _counted(lines.must(0), lines, 0)
    else:
        value = _whole(lines.must(0))
    if lines.next(0) is not None:
        raise ValueError("lines follow that belong nowhere")
    return written(value)


def _fields(lines: _Lines, depth: int, begin: str = " ") -> dict[str, Json]:
    fields: dict[str, Json] = {}
    while (line := lines.next(depth, begin)) is not None:
        key, end = read_key(line, 0)
        fields[key] = _value(line[end:], lines, depth)
        begin = " "
    return fields


def _value(rest: str, lines: _Lines, depth: int) -> Json:
    if rest.startswith("["):
        return _counted(rest, lines, depth)
    if not rest.startswith(":"):
        raise ValueError(f"no colon: {rest[:80]!r}")
    if rest == ":":
        return _fields(lines, depth + 1)
    if _FENCED.match(rest, 1):
        return lines.fenced(rest[1:])
    return _whole(rest[1:])


def _whole(rest: str) -> Json:
    """The value that fills the rest of a line."""
    if rest[:1] not in ('"', "[", "{"):
        return meant(rest)
    value, end = read(rest, 0)
    if end != len(rest):
        raise ValueError(f"more after the value: {rest[end : end + 80]!r}")
    return value


def _counted(head: str, lines: _Lines, depth: int) -> Json:
    """What `[n]`, `[n][]` or `[n] by key` begins."""
    count = _COUNT.match(head)
    if count is None:
        raise ValueError(f"no count: {head[:80]!r}")
    many, at = int(count[1]), count.end()
    if head[at:] == ":":
        return [_fields(lines, depth + 1, "-") for _ in range(many)]
    if head.startswith(" by ", at):
        return _mapped(head, at + len(" by "), [lines.must(depth + 1) for _ in range(many)])
    heads = _heads(head, at)
    if not count[2]:
        return [_row(heads, lines.must(depth + 1))[1] for _ in range(many)]
    return [_group(heads, lines, depth + 1) for _ in range(many)]


def _mapped(head: str, at: int, rows: Sequence[str]) -> Json:
    if head.startswith(KEY_COLUMN, at):
        heads = _heads(head, at + len(KEY_COLUMN))
        return {str(key): fields for key, fields in (_row(heads, row) for row in rows)}
    by, end = read_key(head, at)
    heads = _heads(head, end)
    return {str(fields[by]): fields for _, fields in (_row(heads, row) for row in rows)}


def _group(heads: Sequence[_Head], lines: _Lines, depth: int) -> Json:
    rows = [lines.must(depth, "-")]
    while (row := lines.next(depth)) is not None:
        rows.append(row)
    return [_row(heads, row)[1] for row in rows]


def _heads(head: str, at: int) -> list[_Head]:
    """The columns of a header. Raises `ValueError` where it does not end in `}:`."""
    heads: list[_Head] = []
    while head[at : at + 1] in ("{", ","):
        column, at = _column(head, at + 1)
        heads.append(column)
    if head[at:] != "}:":
        raise ValueError(f"a header ends so: {head[at:][:80]!r}")
    return heads


def _column(head: str, at: int) -> tuple[_Head, int]:
    path: tuple[str, ...] = ()
    if head.startswith(KEY_COLUMN, at):
        at += len(KEY_COLUMN)
    else:
        key, at = read_key(head, at)
        path = (key,)
    while head.startswith(".", at):
        key, at = read_key(head, at + 1)
        path = (*path, key)
    if head.startswith(":text", at):
        return _Head(path, is_text=True), at + len(":text")
    if not head.startswith("=", at):
        return _Head(path), at
    value, at = read(head, at + 1)
    return _Head(path, same=(value,)), at


def _row(heads: Sequence[_Head], row: str) -> tuple[Json, dict[str, Json]]:
    """The key of the object where the row holds it, and the object. Raises `ValueError` for cells too many or few."""
    fields: dict[str, Json] = {}
    own: Json = None
    at = -1
    for head in heads:
        if head.same:
            _put(fields, head.path, head.same[0])
            continue
        if at >= 0 and row[at : at + 1] != ",":
            raise ValueError(f"a cell is missing: {row[:80]!r}")
        start = at + 1
        value, at = read(row, start)
        if start == at:
            continue
        if head.is_text and row[start] != '"':
            value = row[start:at]
        if head.path:
            _put(fields, head.path, value)
        else:
            own = value
    if at != len(row):
        raise ValueError(f"a cell too many: {row[:80]!r}")
    return own, fields


def _put(fields: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    for key in path[:-1]:
        inner = fields.setdefault(key, {})
        if not isinstance(inner, dict):
            raise TypeError(f"{key} is a value and an object")
        fields = inner
    fields[path[-1]] = value

"""A JSON text as an outline: `key:value` lines, nesting as indentation, alike objects as tables.

It must not know messages, nor whether it pays. What the lines mean, with a space of indentation for each level:

    status:active                      a value; strings bare where that is clear, else as JSON
    address:                           an object; its lines follow, one level deeper
     city:Denver
    flights[2]{number,from=JFK,price}: an array of objects; a row for each follows; `from` is JFK in all
     HAT069,121
     HAT083,94
    cards[2] by id{id,brand}:          an object of objects, whose keys are the values of `id`
    routes[2][]{number,to}:            an array of arrays of objects; `-` begins an inner array
    notes[2]:                          an array of objects that are not alike; `-` begins each
    -title:one
     tags:[a,b]
    log:```                            a text of several lines, as it is, up to the closing fence
"""

import re
from collections.abc import Sequence

from policies.consolidate.spelling import AWAY, LINE, Json, parsed, quoted, spelled, spelled_key
from policies.consolidate.table import KEY_COLUMN, Column, Row, column, columns, drawn, has_records

MOST_DEPTH = 8
"""Levels of indentation; what lies deeper is spelled on its line."""
ESCAPED = 12
"""Characters that escapes may cost on a line before a text is fenced."""
FENCE = "```"

_UNFIT = re.compile(rf"(?![\t\n])[{AWAY}]")
_TICKS = re.compile(r"`{3,}")


def outline(text: str) -> str | None:
    """The outline of a JSON text whose outermost value is an object or an array; None for any other text, for one
    whose value an outline could not give back exactly (a key twice in an object, half a surrogate pair)."""
    try:
        value = parsed(text)
        lines = _document(value)
    except (ValueError, RecursionError):
        return None
    if lines is None:
        return None
    made = "\n".join(lines)
    return None if _has_surrogate(made) else made


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _document(value: Json) -> list[str] | None:
    if not value:
        return None
    if isinstance(value, list):
        return _array("", value, 0) or [spelled(value)]
    if isinstance(value, dict):
        return _mapping("", value, 0) or _object(value, 0)
    return None


def _object(fields: Row, depth: int) -> list[str]:
    pad = " " * depth
    lines: list[str] = []
    for key, value in fields.items():
        lines += _field(pad + spelled_key(key), value, depth)
    return lines


def _field(head: str, value: Json, depth: int) -> list[str]:
    if type(value) is str:
        return _text(head, value)
    if not isinstance(value, list | dict) or not value or depth >= MOST_DEPTH:
        return [f"{head}:{spelled(value, LINE)}"]
    if isinstance(value, list):
        return _array(head, value, depth) or [f"{head}:{spelled(value)}"]
    return _mapping(head, value, depth) or [f"{head}:", *_object(value, depth + 1)]


def _text(head: str, text: str) -> list[str]:
    if LINE.match(text):
        return [f"{head}:{text}"]
    spelling = quoted(text)
    if len(spelling) < len(text) + ESCAPED or _UNFIT.search(text):
        return [f"{head}:{spelling}"]
    fence = max((*_TICKS.findall(text), FENCE[1:]), key=len) + "`"
    return [f"{head}:{fence}", *text.split("\n"), fence]


def _array(head: str, items: Sequence[Json], depth: int) -> list[str] | None:
    """An array of objects, or of arrays of objects, as lines; None for any other."""
    if rows := _rows(items):
        return _records(f"{head}[{len(rows)}]", rows, depth)
    groups = [_rows(item) if isinstance(item, list) else [] for item in items]
    found = columns([row for group in groups for row in group]) if all(groups) else None
    if found is None:
        return None
    lines = _drawn(f"{head}[{len(groups)}][]", found, depth)
    at = 1
    for group in groups:
        lines[at] = _begun(lines[at], depth)
        at += len(group)
    return lines


def _rows(items: Sequence[Json]) -> list[Row]:
    """The items where all are objects with keys, else nothing."""
    rows = [item for item in items if isinstance(item, dict) and item]
    return rows if len(rows) == len(items) else []


def _records(head: str, rows: list[Row], depth: int) -> list[str]:
    found = columns(rows)
    if found is None:
        return _listed(head, rows, depth)
    table = _drawn(head, found, depth)
    if not has_records(found):
        return table
    return min(table, _listed(head, rows, depth), key=lambda lines: sum(map(len, lines)) + len(lines))


def _listed(head: str, rows: Sequence[Row], depth: int) -> list[str]:
    lines = [f"{head}:"]
    for row in rows:
        first, *rest = _object(row, depth + 1)
        lines += (_begun(first, depth), *rest)
    return lines


def _mapping(head: str, fields: Row, depth: int) -> list[str] | None:
    """An object of alike objects as a table; None for any other."""
    rows = _rows(list(fields.values()))
    found = columns(rows) if len(rows) > 1 else None
    if found is None or has_records(found):
        return None
    keys = list(fields)
    same = next((held for held in found if len(held.path) == 1 and _is_same(held, keys)), None)
    if same is None:
        found.insert(0, column((), keys))
    by = KEY_COLUMN if same is None else spelled_key(same.path[0])
    return _drawn(f"{head}[{len(rows)}] by {by}", found, depth)


def _is_same(held: Column, keys: list[str]) -> bool:
    return held.kinds == {str} and list(held.cells) == keys


def _drawn(head: str, found: Sequence[Column], depth: int) -> list[str]:
    header, rows = drawn(found)
    pad = " " * (depth + 1)
    return [f"{head}{header}:", *[pad + row for row in rows]]


def _begun(line: str, depth: int) -> str:
    """A line with the sign that an item begins, in the place of its last blank of indentation."""
    return f"{line[:depth]}-{line[depth + 1 :]}"

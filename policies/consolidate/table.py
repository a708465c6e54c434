"""Objects of nearly the same keys as a table: the keys once in a header, one row of cells for each object.

It must not know lines above or below, nor messages. Objects inside are columns of their own (`prices.economy`), a
column of one value stands in the header (`origin=JFK`), an empty cell is a key that the object does not have.
"""

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from policies.consolidate.spelling import TEXT, Json, Number, joined_keys, quoted, spelled

FILLED = 0.7
"""Least share of cells that are not empty: a row of many commas is hard to read."""
MOST_COLUMNS = 40
MOST_NESTED = 4
LONG = 80
"""Characters from which a text of several lines is not put into a cell."""
TEXTS = 3
"""Cells that would need quotes, from which on the header says once that the column holds text."""
KEY_COLUMN = "(key)"


class Missing(Enum):
    """No value: the object does not have this key."""

    MISSING = ""


MISSING: Final = Missing.MISSING
Cell: TypeAlias = "Json | Missing"
Row: TypeAlias = dict[str, Json]


class Column(NamedTuple):
    """One column of a table."""

    path: tuple[str, ...]
    """Keys from the object down to the value; `()` is the key of the object itself in a mapping."""
    cells: Sequence[Cell]
    kinds: frozenset[type]
    """The types of the cells."""


def column(path: tuple[str, ...], cells: Sequence[Cell]) -> Column:
    """A column of these cells."""
    return Column(path, cells, frozenset(map(type, cells)))


def columns(rows: Sequence[Row]) -> list[Column] | None:
    """The columns of these objects in the order of their keys, or None where a table would not be clear or exact."""
    found = _columns(rows, ())
    if found is None or len(found) > MOST_COLUMNS:
        return None
    return None if any(str in held.kinds and any(map(_is_long, held.cells)) for held in found) else found


def _columns(rows: Sequence[Row], path: tuple[str, ...]) -> list[Column] | None:
    fields = _fields(rows)
    if fields is None:
        return None
    found: list[Column] = []
    for key, cells in fields:
        found += _flat(column((*path, key), cells))
    return found


def _flat(whole: Column) -> list[Column]:
    """The column itself, or those of the objects in its cells where these are alike."""
    if dict not in whole.kinds or len(whole.path) > MOST_NESTED:
        return [whole]
    inner: list[Row] = [cell if isinstance(cell, dict) else {} for cell in whole.cells]
    nested = _columns(inner, whole.path) if 2 * sum(map(bool, inner)) >= len(inner) else None
    if nested is None:
        return [whole]
    rest = column(whole.path, [MISSING if isinstance(cell, dict) and cell else cell for cell in whole.cells])
    return nested if rest.kinds == {Missing} else [rest, *nested]


def _fields(rows: Sequence[Row]) -> list[tuple[str, Sequence[Cell]]] | None:
    """Each key with its cells; None where the keys differ too much or stand in another order."""
    shapes = set(map(tuple, rows))
    if len(shapes) == 1:
        values: zip[tuple[Cell, ...]] = zip(*[row.values() for row in rows], strict=True)
        return list(zip(rows[0], values, strict=True))
    keys = _merged(shapes)
    full = [len(row) for row in rows if row]
    if keys is None or sum(full) < FILLED * len(keys) * len(full):
        return None
    return [(key, [row.get(key, MISSING) for row in rows]) for key in keys]


def _merged(shapes: Collection[tuple[str, ...]]) -> list[str] | None:
    """All keys in an order that each shape keeps, or None where there is none or they are too many."""
    keys: list[str] = []
    for shape in sorted(shapes, key=lambda shape: (-len(shape), shape)):
        at = 0
        for key in shape[: MOST_COLUMNS + 1]:
            if key not in keys:
                keys.insert(at, key)
            at = keys.index(key) + 1
        if len(keys) > MOST_COLUMNS:
            return None
    place = {key: at for at, key in enumerate(keys)}
    order = [[place[key] for key in shape] for shape in shapes]
    return keys if all(places == sorted(places) for places in order) else None


def _is_long(cell: Cell) -> bool:
    return type(cell) is str and len(cell) > LONG and "\n" in cell


def has_records(found: Sequence[Column]) -> bool:
    """Whether cells hold arrays of objects, which a list may spell in fewer characters than a table."""
    return any(list in held.kinds and any(map(_is_records, held.cells)) for held in found)


def _is_records(cell: Cell) -> bool:
    return isinstance(cell, list) and len(cell) > 1 and isinstance(cell[0], dict)


def drawn(found: Sequence[Column]) -> tuple[str, list[str]]:
    """Header (`{a,b.c,d=x}`) and rows of a table; at least one column has its cells in the rows."""
    heads: list[str] = []
    kept: list[Sequence[str]] = []
    for left, held in enumerate(found, 1 - len(found)):
        name = joined_keys(held.path) if held.path else KEY_COLUMN
        cells = _cells(held)
        is_same = len(cells) > 1 and cells[0] != "" and cells.count(cells[0]) == len(cells)
        if is_same and (kept or left):
            heads.append(f"{name}={cells[0]}")
            continue
        if (texts := _texts(held, cells)) is not None:
            name, cells = f"{name}:text", texts
        heads.append(name)
        kept.append(cells)
    return "{" + ",".join(heads) + "}", list(map(",".join, zip(*kept, strict=True)))


def _cells(held: Column) -> Sequence[str]:
    """How the cells are spelled; a missing one as nothing."""
    if held.kinds == {Number}:
        return [str(cell) for cell in held.cells]
    return ["" if cell is MISSING else spelled(cell) for cell in held.cells]


def _texts(held: Column, spelling: Sequence[str]) -> Sequence[str] | None:
    """Cells of a column of strings spelled as text, where that spares some quotes."""
    if not held.kinds <= {str, Missing} or sum(cell[:1] == '"' for cell in spelling) < TEXTS:
        return None
    bare = [_text(cell) if isinstance(cell, str) else "" for cell in held.cells]
    return bare if sum(map(len, bare)) < sum(map(len, spelling)) - len(":text") else None


def _text(cell: str) -> str:
    return cell if TEXT.match(cell) else quoted(cell)

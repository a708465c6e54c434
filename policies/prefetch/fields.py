"""Fields of a tool's result: each leaf with its path, and the record (the object) it stands in.

It must not know which tool, nor what the values are used for.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MOST_LEAVES = 400
MOST_CHARS = 200
"""A longer leaf is prose, and no argument."""
MOST_WORDS = 12
"""Words by which a record is recognised."""
_SPELL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class Leaf(NamedTuple):
    """One value of a result."""

    path: str
    """`orders[]`, `flights[].date`; keys that are values themselves are `{}`."""
    value: str
    """Its JSON text."""
    record: int
    """Number of the object it stands in; 0 is the outermost."""


def leaves(text: str) -> list[Leaf]:
    """The leaves of a result in order; of a text that is no JSON one leaf, the text itself, if it is short."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text.strip()
    if isinstance(value, str) and not 0 < len(value) <= MOST_CHARS:
        return []
    return Walk().leaves(value)


def spelled(value: Any) -> str:
    """A value as JSON text, the same for equal values."""
    return _SPELL(value)


class Walk:
    """One walk over a result, numbering its records."""

    def __init__(self) -> None:
        self._records = 0
        self._left = MOST_LEAVES

    def leaves(self, value: Any) -> list[Leaf]:
        """All leaves, the first `MOST_LEAVES` of them."""
        try:
            return list(self._under(value, "", 0))
        except RecursionError:
            return []

    def _under(self, value: Any, path: str, record: int) -> Iterator[Leaf]:
        if self._left <= 0:
            return
        if isinstance(value, dict):
            yield from self._object(value, path)
        elif isinstance(value, list):
            for item in value:
                yield from self._under(item, f"{path}[]", record)
        elif value is not None and not (isinstance(value, str) and not 0 < len(value) <= MOST_CHARS):
            self._left -= 1
            yield Leaf(path, spelled(value), record)

    def _object(self, value: Mapping[str, Any], path: str) -> Iterator[Leaf]:
        keyed = len(value) > 0 and all(_is_value(key) for key in value)
        record = self._records
        self._records += 1
        for key, inner in value.items():
            if not keyed:
                yield from self._under(inner, f"{path}.{key}" if path else key, record)
                continue
            self._left -= 1
            yield Leaf(f"{path}{{}}", spelled(key), self._records)
            yield from self._under(inner, f"{path}{{}}", self._records)


def _is_value(key: str) -> bool:
    """Whether a key is an identifier rather than the name of a field: `paypal_8194385`, `4035304400`."""
    return sum(each.isdigit() for each in key) >= 3 or (key.isdigit() and len(key) > 0)

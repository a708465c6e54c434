"""Usage of several calls added up, in whatever fields a provider counts.

It must not know a wire form.
"""

from collections.abc import Mapping
from typing import Any


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both usages field by field: numbers added, objects added up inside, of anything else the second's value."""
    total: dict[str, Any] = {**one, **other}
    for name in one.keys() & other.keys():
        first, second = one[name], other[name]
        if isinstance(first, Mapping) and isinstance(second, Mapping):
            total[name] = added(first, second)
        elif _number(first) and _number(second):
            total[name] = first + second
        elif second is None:
            total[name] = first
    return total


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

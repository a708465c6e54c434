"""What is written as fields: JSON as lines of `name: value`, and the fields of such lines.

It must not know what the fields mean.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

MOST = 2_000
"""Fields of a text that are read."""
DEEP = 20
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_FIELD = re.compile(r"^\s*(?:[-*•]\s+)?\**([^\W\d_][\w ./-]{0,40}?)\**\s*:\**[ \t]+(\S.{0,80}?)\s*$", re.MULTILINE)


def plain(text: str) -> tuple[str, bool]:
    """The text as it is compared, and whether it was JSON: then it is a line for each field, `name: value`."""
    fenced = _FENCE.match(text)
    inner = (fenced.group(1) if fenced else text).strip()
    if not inner.startswith(("{", "[")):
        return text, False
    try:
        told = json.loads(inner)
    except (ValueError, RecursionError):
        return text, False
    lines = [f"{path}: {value}" if path else value for path, value in _leaves(told, "", 0)]
    return "\n".join(lines[:MOST]), True


def fields(text: str) -> dict[str, tuple[str, int, int]]:
    """Lines of the form `name: value`: value and span of the value by name, in lower case. A name that comes twice is
    left out, for nobody knows which of them is meant."""
    found: dict[str, tuple[str, int, int]] = {}
    twice = set()
    for match in _FIELD.finditer(text):
        name = match.group(1).strip().lower()
        if name in found:
            twice.add(name)
        found[name] = (match.group(2).strip(" *"), *match.span(2))
    return {name: value for name, value in found.items() if name not in twice}


def _leaves(told: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Names and values, the innermost ones; a list's items share its name."""
    if depth > DEEP or told is None:
        return
    if isinstance(told, dict):
        for name, value in told.items():
            yield from _leaves(value, f"{path} {name}".strip().replace("_", " "), depth + 1)
    elif isinstance(told, list):
        for value in told:
            yield from _leaves(value, path, depth + 1)
    else:
        yield path, told if isinstance(told, str) else json.dumps(told)

"""JSON that may be none: a whole text, or in what a model says, wherever it stands: in a fence, behind a greeting.

It must not know what is looked for. What cannot be read is nothing, never an error.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

BEGINS = re.compile(r"[{\[]")
MOST = 200
"""Beginnings that are tried: a text of nothing but brackets is no document."""


def object_of(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object that a text is; None for any other text, one that is nested too deep among them."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def documents(text: str) -> Iterator[Any]:
    """The objects and lists of JSON in a text, in the order in which they begin; one in another comes after it."""
    decoder = json.JSONDecoder()
    for tried, begin in enumerate(BEGINS.finditer(text)):
        if tried >= MOST:
            return
        try:
            yield decoder.raw_decode(text, begin.start())[0]
        except (ValueError, RecursionError):
            continue

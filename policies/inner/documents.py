"""JSON in what a model says, wherever it stands: in a fence, behind a greeting, before an explanation.

It must not know what is looked for.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

BEGINS = re.compile(r"[{\[]")
MOST = 200
"""Beginnings that are tried: a text of nothing but brackets is no document."""


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

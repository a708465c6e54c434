"""Dates a day before and after those that results hold: what users mean by "a day later".

It must not know which of them is meant, nor what for.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from policies.prefetch.state import TEXTS, Seen

LATER, EARLIER = "+1", "-1"
DAYS = {LATER: 1, EARLIER: -1}
"""End of a source -> days by which its values are moved."""
SAID = frozenset({"day", "days", "tomorrow", "later", "earlier", "next", "following", "previous"})
"""Words by which users move a date."""
_DATE = re.compile(r'"(?:19|20)\d\d-\d\d-\d\d"')


def moved(sources: Mapping[str, Mapping[str, Seen]]) -> Iterator[tuple[str, dict[str, Seen]]]:
    """For each field of a result that holds dates two more sources, with the records of the dates that were moved."""
    for source, values in sources.items():
        if ":" not in source or source.startswith(TEXTS):
            continue
        held = {value: seen for value, seen in values.items() if _DATE.fullmatch(value)}
        for ending, days in DAYS.items() if held else ():
            yield source + ending, {by: seen for value, seen in held.items() if (by := off(value, days))}


@lru_cache(2048)
def off(value: str, days: int) -> str:
    """The date so many days off, as JSON text; empty where there is none."""
    try:
        return f'"{date.fromisoformat(value[1:-1]) + timedelta(days)}"'
    except (ValueError, OverflowError):
        return ""

"""A tool result in fewer tokens before it first appears: the same values in fewer signs.

It must not know messages, sessions or the wire, nor change a text that was sent before.
"""

import re

from policies.consolidate.outline import outline
from policies.consolidate.plain import cleaned

LEAST_TEXT = 40
"""Characters under which nothing is tried."""
MOST_TEXT = 200_000
"""Characters over which nothing is tried: it would hold the request up."""
LEAST_SHARE = 0.1
LEAST_GAIN = 40
"""Characters; either this or the share must be saved."""

_URL = re.compile(r"https?://[^\s\"']*")
_FILE = re.compile(r"\.(?:json[0-9a-z]?|ipynb|geojson|webmanifest|lock|avsc|har)\b|\.\w+rc\b", re.IGNORECASE)


def smaller(text: str, asked: str = "") -> str | None:
    """A tool result's text in fewer tokens, or None when there is nothing to gain or it is not safe.

    JSON becomes an outline, from which `expanded` gives its value back with keys in order and numbers in their
    spelling; other text loses what is without meaning. `asked` are the arguments of the call that it answers: where
    they name a JSON file the text may be quoted exactly in an edit, and is left alone. 20,000 characters of JSON take
    about a millisecond.
    """
    if not LEAST_TEXT <= len(text) <= MOST_TEXT:
        return None
    made = None
    if text.lstrip()[:1] in ("{", "["):
        if asked and _FILE.search(_URL.sub("", asked)):
            return None
        made = outline(text)
    made = cleaned(text) if made is None else made
    gain = len(text) - len(made)
    return made if gain >= LEAST_GAIN or gain >= LEAST_SHARE * len(text) else None

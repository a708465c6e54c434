"""A tool result in fewer tokens before it first appears: the same values in fewer signs, or a reference to its equal.

It must not know messages, sessions or the wire, nor change a text that was sent before.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b

from policies.consolidate.outline import outline
from policies.consolidate.plain import cleaned

LEAST_TEXT = 40
"""Characters under which nothing is tried."""
MOST_TEXT = 200_000
"""Characters over which nothing is tried: it would hold the request up."""
LEAST_SHARE = 0.1
LEAST_GAIN = 40
"""Characters; either this or the share must be saved."""
LEAST_REPEATED = 200

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


def digest(text: str) -> str:
    """A name for a text, 32 characters, equal for equal texts only."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def repeated(text: str, earlier: Mapping[str, int]) -> str | None:
    """A reference in the place of a text of 200 characters or more that an earlier message holds, else None.
    `earlier` gives the number of the message by the `digest` of its text."""
    if len(text) < LEAST_REPEATED:
        return None
    number = earlier.get(digest(text))
    return None if number is None else f"same as message #{number}"

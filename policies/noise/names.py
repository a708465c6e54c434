"""Names in a text: words and rows of words with a capital that do not just begin a sentence.

It must not know persons from places. In a text without capitals, or with nothing but capitals, it finds none.
"""

import re
from typing import NamedTuple

from policies.noise.lexicon import EMPTY_WORDS

_CAPITAL = re.compile(r"\b[^\W\d_a-z][\w’'-]*(?:\s+[^\W\d_a-z][\w’'-]*)*")
_BEGINS = re.compile(r"(?:^|[.!?:;\n\"“(*-])\s*$")
_PART = re.compile(r"[^\W_][\w’'-]*")
MOST_CAPITALS = 0.5
"""A text in which more of the words than this have a capital tells no names by them."""


class Name(NamedTuple):
    """A name and where it stands."""

    text: str
    begin: int
    end: int

    @property
    def parts(self) -> tuple[str, ...]:
        """Its words in lower case, without what means nothing by itself."""
        found = (part.lower().removesuffix("'s").removesuffix("’s") for part in _PART.findall(self.text))
        return tuple(part for part in found if part not in EMPTY_WORDS)


def names(text: str) -> list[Name]:
    """The names of a text in order. A single word at the beginning of a sentence counts only where it comes again
    with a capital elsewhere."""
    found: list[Name] = []
    doubtful: list[Name] = []
    for match in _CAPITAL.finditer(text):
        name = Name(match.group(), *match.span())
        if not name.parts:
            continue
        begins = bool(_BEGINS.search(text[max(0, name.begin - 4) : name.begin]))
        (doubtful if begins and " " not in name.text else found).append(name)
    if sum(len(name.text.split()) for name in found) > MOST_CAPITALS * max(4, len(text.split())):
        return []
    sure = {part for name in found for part in name.parts}
    return sorted([*found, *(name for name in doubtful if {*name.parts} & sure)], key=lambda name: name.begin)

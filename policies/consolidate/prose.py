"""Prose: what stands out in running text. Words with a digit, a sign or a capital inside, names within a sentence,
quotations.

It must not know JSON, fields or messages.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_DIGIT = re.compile(r"\d").search
_SPLIT = re.compile(r"[^\w./:@#$€£%+~\\-]+").split
_QUOTED = re.compile(r"[\"“`]([^\"“”`\n]{3,60})[\"”`]").findall
_EDGES = "'\"`*()[]{}<>,;:!?.…“”‘’|=_-$€£%#"  # noqa: RUF001 (people type these)
_APOSTROPHES = frozenset("'\u2019")
STOPS = (".", "!", "?", ":")


class _Word(NamedTuple):
    """A word by itself."""

    name: str
    """Itself without punctuation, where it may be part of a name: letters, the first of them a capital."""
    pieces: tuple[str, ...]
    """What stands out in it, else."""
    stops: bool
    """It ends a sentence, so that a capital after it says nothing."""
    ends: bool
    """Punctuation follows the name, which ends there."""


def standing_out(text: str) -> list[str]:
    """What stands out in a text, in its order; quotations last."""
    out: list[str] = []
    run: list[str] = []
    starts = True
    for word in map(_word, text.split()):
        if run and not word.name:
            out.append(" ".join(run))
            run = []
        if word is _PLAIN:
            starts = False
            continue
        name, pieces, stops, ends = word
        if name and (run or not starts):
            run.append(name)
        if run and ends:
            out.append(" ".join(run))
            run = []
        out += pieces
        starts = stops
    if run:
        out.append(" ".join(run))
    if '"' in text or "`" in text or "“" in text:
        out += (quote.strip(" .,;:!?") for quote in _QUOTED(text))
    return out


_PLAIN = _Word("", (), stops=False, ends=False)


@lru_cache(maxsize=8192)
def _word(word: str) -> _Word:
    if word.isalpha() and word.islower():
        return _PLAIN
    bare, stops = word.strip(_EDGES), word.endswith(STOPS)
    if bare.islower() and bare.isalpha():
        return _Word("", (), stops, ends=False) if stops else _PLAIN
    if word.startswith("#") and _DIGIT(bare):
        bare = "#" + bare
    if bare.isalpha() and bare[:1].isupper() and bare[1:].islower():
        return _Word(bare, (), stops, ends=not word.endswith(bare))
    if bare.isalpha() or not _APOSTROPHES.isdisjoint(bare):
        return _Word("", _capitals(bare), stops, ends=False)
    return _Word("", tuple(_pieces(bare)), stops, ends=False)


def _capitals(word: str) -> tuple[str, ...]:
    """A word with capitals inside."""
    stands = len(word) > 1 and word.isalpha() and not word.islower() and not word[1:].islower()
    return (word,) if stands else ()


def _pieces(word: str) -> list[str]:
    """The parts of a word that is more than letters: `f(a_1,` gives `a_1`."""
    out = []
    for part in _SPLIT(word):
        part = part.strip(".:-/" if part[:1] != "/" else ".:-")
        if part and (not part.isalpha() or part.isupper()) and (len(part) > 1 or part.isdigit()):
            out.append(part)
    return out

"""A text as sentences, a sentence as words, a word as its stem.

It must not know what is compared with what. The stems are for English; what other scripts write is cut as it stands.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from policies.noise.lexicon import EMPTY_WORDS, TELLING

LONGEST = 6
"""Letters of a stem: `education` and `educator` are one."""
MOST_CHARS = 400_000
"""Of a longer text only the beginning is read."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+[」』”]*|\n+")
_ABBREVIATIONS = frozenset(
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "etc", "e.g", "i.e", "inc", "ltd", "co", "corp", "jr", "sr",
        "fig", "al", "approx", "dept", "est", "vol", "pp", "cf", "a.m", "p.m", "u.s", "u.k",
    }
)  # fmt: skip
_MARKS = re.compile(r"\s*(?:[-*•–#>|]+\s+|\(?\d{1,3}[.)]\s+)?")
_ENDINGS = (
    ("ational", "ate"), ("ization", "ize"), ("fulness", "ful"), ("iveness", "ive"), ("nesses", ""), ("ements", ""),
    ("ations", "ate"), ("ation", "ate"), ("ement", ""), ("ments", ""), ("ities", ""), ("ingly", ""), ("ment", ""),
    ("ness", ""), ("edly", ""), ("ings", ""), ("ions", ""), ("ing", ""), ("ies", "y"), ("ied", "y"), ("ity", ""),
    ("ers", ""), ("ors", ""), ("ion", ""), ("ful", ""), ("er", ""), ("or", ""), ("ed", ""), ("es", ""), ("ly", ""),
    ("s", ""), ("e", ""),
)  # fmt: skip
"""Endings, the longest first, and what stands there without them."""
_SHORTEST = 3


class Sentence(NamedTuple):
    """A sentence, where it stands, and what it is about."""

    text: str
    begin: int
    end: int
    stems: tuple[str, ...]
    """Stems of its content words, in order."""


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order, without the marks of lists and headings. A line's end ends a sentence."""
    text = text[:MOST_CHARS]
    found, begin = [], 0
    for stop in _STOP.finditer(text):
        if stop.group()[0] == "." and _abbreviated(text[begin : stop.start()]):
            continue
        found.append((begin, stop.end()))
        begin = stop.end()
    found.append((begin, len(text)))
    return [each for span in found if (each := _sentence(text, *span)).text]


def sentence_at(text: str, place: int) -> str:
    """The sentence that holds this character of a text; empty where it stands in none."""
    return next((each.text for each in sentences(text) if each.begin <= place < each.end), "")


def words(text: str) -> list[str]:
    """Its words in order, in lower case, with a straight apostrophe."""
    return _WORD.findall(_lower(text))


def places(text: str) -> list[tuple[int, int]]:
    """Where its words stand, one for each of `words`: begin and end."""
    return [found.span() for found in _WORD.finditer(_lower(text))]


def content(text: str) -> tuple[str, ...]:
    """Stems of the words that say something, in order."""
    return tuple(stem(word) for word in words(text) if word not in EMPTY_WORDS and word not in TELLING)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What is left of an English word without its endings, at most `LONGEST` letters of it."""
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) <= _SHORTEST or word[0].isdigit():
        return word
    for _ in range(2):
        short = _shorter(word)
        if short == word:
            break
        word = short
    return (word[:-1] + "i" if word.endswith("y") else word)[:LONGEST]


def _shorter(word: str) -> str:
    """Without its longest ending, where enough is left."""
    for ending, instead in _ENDINGS:
        if not word.endswith(ending) or len(word) - len(ending) < _SHORTEST or word.endswith("ss"):
            continue
        short = word[: -len(ending)] + instead
        doubled = len(short) > _SHORTEST and short[-1] == short[-2] and short[-1] not in "lsz"
        return short[:-1] if doubled else short
    return word


def _abbreviated(before: str) -> bool:
    """Whether a full stop after this ends an abbreviation or an initial, and no sentence."""
    last = before.rpartition(" ")[2].lstrip("(\"'").lower()
    return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i")


def _sentence(text: str, begin: int, end: int) -> Sentence:
    """The sentence in this span, without what stands around it."""
    mark = _MARKS.match(text, begin, end)
    begin = mark.end() if mark else begin
    while end > begin and text[end - 1].isspace():
        end -= 1
    return Sentence(text[begin:end], begin, end, content(text[begin:end]))


def _lower(text: str) -> str:
    """In lower case, with a straight apostrophe, and as long as it was: letters that grow stay as they are."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(small if len(small := each.lower()) == 1 else each for each in text)
    return low.replace("’", "'")

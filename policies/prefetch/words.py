"""What a text offers as values: its words, its identifiers with their shapes, dates, names, runs of capitals.

It must not know who said it, nor what the values are for.
"""

import re
from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MOST_CHARS = 4_000
"""Of a text, its end counts: questions and answers stand there."""
_TOKEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|#?\w[\w'’_-]*")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4}))?", re.I
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_END = re.compile(r"[.!?;]\s|\n")
_EDGES = "#'’_-."
COMMON = frozenset(
    re.findall(
        r"\S+",
        """
        a about actually again all also am an and any are as at be because been but by can cancel could did do does
        don dont don't for from get go good great had has have he hello help her hi his how i i'd i'll i'm i've if in
        into is it it's just let like may me my need no not now of ok okay on one or our out please really she should
        so sorry sure thank thanks that that's the their them then there these they this to until up us very want was
        we well were what when where which who why will with would yes you you're your
        """,
    )
)
"""Words that are no names, though they begin sentences."""


class Spotted(NamedTuple):
    """A value that stands in a text."""

    text: str
    shape: str
    """What it looks like: see `shape`."""
    before: str
    """The word before it in lower case, `^` at the start, `Aa` for a name."""
    place: int
    """Its number among the words."""
    line: int
    """That of its sentence or line."""


def plain(word: str) -> str:
    """A word as it is compared: lower case, without marks at its edges."""
    return word.strip(_EDGES).casefold()


@lru_cache(8192)
def shape(word: str) -> str:
    """What a word looks like: which kinds of characters it has and how many characters, `@` for an e-mail address.

    `#W8855135` is `#Ad9`, `78260` is `d5`, `JFK` is `A3`, `Sofia` is `Aa`; the empty string is a word like any other.
    """
    if "@" in word:
        return "@"
    digits = any(each.isdigit() for each in word)
    upper = any(each.isupper() for each in word)
    lower = any(each.islower() for each in word)
    marks = "".join(sorted({each for each in word if not each.isalnum()} - set("'’")))
    if not digits and not marks.strip("-"):
        return f"A{len(word)}" if upper and not lower and len(word) > 1 else ("Aa" if word[:1].isupper() else "")
    if lower:
        return f"{marks}{'A' * upper}a{'d' * digits}"
    return f"{marks}{'A' * upper}{'d' * digits}{len(word)}"


def words(text: str) -> list[str]:
    """The words of a text in order, as they are written."""
    return _TOKEN.findall(text[-MOST_CHARS:])


def spotted(text: str, year: str) -> Iterator[Spotted]:
    """The values of a text; `year` is taken for dates that name none."""
    text = text[-MOST_CHARS:]
    ends = [found.start() for found in _END.finditer(text)]
    found = list(_TOKEN.finditer(text))
    before = "^"
    for place, each in enumerate(found):
        word = each.group().rstrip("'’-.").removesuffix("'s").removesuffix("’s")
        looks = shape(word)
        name = looks == "Aa" and word.casefold() not in COMMON
        if (looks and looks != "Aa") or name:
            yield Spotted(word, looks, before, place, bisect(ends, each.start()))
        before = "Aa" if name else plain(word)
    starts = [each.start() for each in found]
    for date, at in dates(text, year):
        place = bisect(starts, at) - 1
        before = plain(found[place - 1].group()) if place > 0 else "^"
        yield Spotted(date, "date", before, place, bisect(ends, at))


def dates(text: str, year: str) -> Iterator[tuple[str, int]]:
    """The dates of a text in ISO form, written so or with the month's name, and where each begins."""
    for found in _ISO.finditer(text):
        yield found.group(), found.start()
    for found in _DAY.finditer(text):
        month, day, own = found.groups()
        if own or year:
            number = _MONTHS.index(month.casefold()[:3]) + 1
            yield f"{own or year}-{number:02d}-{int(day):02d}", found.start()


def phrases(text: str) -> Iterator[tuple[str, str]]:
    """Names and pairs of words that begin with one, in lower case, each with the word before it."""
    found = words(text)
    for place, word in enumerate(found):
        if shape(word) != "Aa" or word.casefold() in COMMON:
            continue
        before = plain(found[place - 1]) if place else "^"
        yield plain(word), before
        if place + 1 < len(found):
            yield f"{plain(word)} {plain(found[place + 1])}", before

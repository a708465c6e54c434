"""Numbers, dates and times that stand in a text, each as a value that can be compared.

It must not know whose text it is. `1,000`, `1k` and `one thousand` are one value, `8 May 2023`, `May 8th, 2023` and
`2023-05-08` another; `Q3` and `GPT-4` are marks, which are names and not amounts.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from policies.noise.text import content, stem

Value = tuple[float | None, ...]
"""`number`, `money`, `percent`: the amount. `date`: year, month, day, each None where it is not said. `time`: minutes
since midnight, and 1 where it was said which half of the day. `mark`: nothing, its text is the value."""
REACH = 60
"""Characters to each side that tell what a value is about."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS = (
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_NAMED = {word: float(number) for number, word in enumerate(_ONES)}
_NAMED |= {word: 20.0 + 10 * number for number, word in enumerate(_TENS)}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "bn": 1e9, "b": 1e9,
}  # fmt: skip
_SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_SPELLED = rf"(?:{'|'.join([*_TENS, *reversed(_ONES)])})"
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PATTERN = re.compile(
    rf"""
    (?=[\w$€£¥])(?<![A-Za-z])(?:
    \b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b
    | \b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{_MONTH})(?:,?\s+(?P<year>\d{{4}})\b)?
    | \b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<year2>\d{{4}})\b)?
    | \b(?P<month3>{_MONTH}),?\s+(?P<year3>\d{{4}})\b
    | \b(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?(?:\s*(?P<half>[ap])\.?m\b)?
    | \b(?P<hour2>\d{{1,2}})\s*(?P<half2>[ap])\.?m\b
    | \b(?P<mark>[A-Za-z]+-?\d[\w-]*)
    | (?P<money>[$€£¥]\s?)?(?<![\w.])(?P<digits>{_DIGITS})
      (?:\s?(?P<scale>{_SCALE}|mn|mio|bn)\b|(?P<letter>[kmb])\b(?!/))?
      (?P<ordinal>(?:st|nd|rd|th)\b)?(?P<percent>\s?%|\s+per\s?cent\b)?
    | \b(?P<spelled>{_SPELLED}(?:\s?[-\s]\s?{_SPELLED})?(?:\s+{_SCALE})*)\b(?P<percent2>\s+per\s?cent\b)?
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_VALUES = frozenset(
    stem(word)
    for word in (*_NAMED, *_SCALES, "am", "pm", *_FULL_MONTHS, *(month for month in _MONTHS if month != "may"))
)
_HINTS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "teen", "twent",
    "thirt", "fort", "fift", "hundred", "thousand", "illion",
)  # fmt: skip
"""What a spelled number has in it."""
_DIGIT = re.compile(r"\d")
_END = re.compile(r"[.!?](?=\s|$)|\n")
_ROUGH = re.compile(
    r"\b(?:about|around|almost|approximately|approx|nearly|over|under|roughly|some|than)\W*$|~\s*$", re.I
)
_UNIT = re.compile(r"[\s-]*(?:more\s+|of\s+)?([^\W\d_]{2,})")


class Quantity(NamedTuple):
    """A value in a text."""

    kind: str
    value: Value
    text: str
    begin: int
    end: int
    unit: str = ""
    """Stem of the word behind it: `years`, `points`."""
    context: frozenset[str] = frozenset()
    """Stems of the words around it."""
    rough: bool = False
    """Whether it is said to be about so much."""


def quantities(text: str) -> Iterator[Quantity]:
    """The values of a text in order. The words `one` and `zero`, and the months by themselves, are none."""
    for begin, end in _telling(text):
        for match in _PATTERN.finditer(text, begin, end):
            read = _read(match)
            if read is not None and not _counts_lines(text, *match.span()):
                yield _placed(text, match, *read)


def _telling(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in which a value may stand: the others are most, and cost nothing."""
    begin = 0
    for stop in [match.end() for match in _END.finditer(text)] + [len(text)]:
        if _DIGIT.search(text, begin, stop):
            yield begin, stop
        else:
            part = text[begin:stop].lower()
            if any(hint in part for hint in _HINTS):
                yield begin, stop
        begin = stop


def _counts_lines(text: str, begin: int, end: int) -> bool:
    """Whether it is the mark of a list: `1.` or `(2)` at the beginning of a line."""
    before = text[text.rfind("\n", 0, begin) + 1 : begin].strip()
    return before in ("", "(") and text[end : end + 1] in (".", ")") and text[end + 1 : end + 2].isspace()


def _placed(text: str, match: re.Match[str], kind: str, value: Value) -> Quantity:
    """The value with what stands around it."""
    begin, end = match.span()
    before, behind = _before(text, begin), _behind(text, end)
    unit = _UNIT.match(behind)
    named = content(unit.group(1)) if unit else ()
    about = _spoken(content(f"{before} {behind}"))
    return Quantity(
        kind, value, match.group(), begin, end, named[0] if named else "", about, bool(_ROUGH.search(before))
    )


def _before(text: str, begin: int) -> str:
    """What stands before it in its sentence, whole words."""
    near = _END.split(text[max(0, begin - REACH) : begin])[-1]
    return near.partition(" ")[2] if len(near) == REACH else near


def _behind(text: str, end: int) -> str:
    """What stands behind it in its sentence, whole words."""
    near = _END.split(text[end : end + REACH])[0]
    return near.rpartition(" ")[0] if len(near) == REACH else near


def _spoken(stems: tuple[str, ...]) -> frozenset[str]:
    """Without numbers, months and halves of the day."""
    return frozenset(stem for stem in stems if not stem[0].isdigit() and stem not in _VALUES)


def _read(match: re.Match[str]) -> tuple[str, Value] | None:
    """Kind and value; None where it is no value."""
    said = match.groupdict()
    if said["iso"]:
        year, month, day = said["iso"].split("-")
        return "date", (float(year), float(month), float(day))
    if month := said["month"] or said["month2"] or said["month3"]:
        year, day = said["year"] or said["year2"] or said["year3"], said["day"] or said["day2"]
        number = float(_MONTHS.index(month[:3].lower()) + 1)
        return "date", (float(year) if year else None, number, float(day) if day else None)
    if hour := said["hour"] or said["hour2"]:
        half = (said["half"] or said["half2"] or "").lower()
        clock = int(hour) % 12 + 12 * (half == "p") if half and int(hour) <= 12 else int(hour)
        return "time", (float(60 * clock + int(said["minute"] or 0)), float(bool(half)))
    if said["mark"]:
        return "mark", ()
    if said["digits"]:
        scale, letter = (said["scale"] or "").lower(), said["letter"] or ""
        if letter == "k" or letter.isupper() or said["money"]:  # else `7m` may be seven metres
            scale = scale or letter.lower()
        amount = float(said["digits"].replace(",", "")) * _SCALES.get(scale, 1.0)
        kind = "money" if said["money"] else "percent" if said["percent"] else "number"
        return kind, (amount,)
    spelled = _spelled(said["spelled"].lower())
    return None if spelled <= 1 else ("percent" if said["percent2"] else "number", (spelled,))


def _spelled(words: str) -> float:
    """The number that these words name."""
    amount = 0.0
    for word in re.findall(r"[a-z]+", words):
        amount = amount * _SCALES[word] if word in _SCALES else amount + _NAMED[word]
    return amount

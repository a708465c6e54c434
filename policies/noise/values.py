"""Which values of an aggregate differ from what the workers gave.

It must not know which of the two is right. A value is *changed* where a worker says the same of the same thing with
another value, and nobody says it with this one; it is *unseen* where no worker gives it and none says anything of the
kind. Roundings that are said to be such, sums over workers and counts of them are the aggregator's right.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from math import isclose
from typing import NamedTuple

from policies.noise.quantities import Quantity, quantities

AMOUNTS = ("number", "money", "percent")
MOST = 300
"""Values of a text that are read."""
PAIRS = 60_000
"""Values of workers times values of the aggregate that are compared; of more, the aggregate's first ones are."""
NEIGHBOURS = 6
NEAR = 0.1
"""How far off a value may be that is said to be about so much."""
ALIKE = 0.4
"""Share of the words around a value that stand around another, from which both are of the same thing."""
ENOUGH = (2, 3, 3)
"""Words that must stand around both: where the same is counted, where nothing is, where something else is."""
_RELATIVE = {
    "tomorrow": 1,
    "next day": 1,
    "yesterday": -1,
    "day before": -1,
    "today": 0,
    "tonight": 0,
    "last night": -1,
}
_DAY = re.compile("|".join(_RELATIVE), re.IGNORECASE)


class Given(NamedTuple):
    """A value that a worker gave, with the other values in its sentence."""

    worker: int
    quantity: Quantity
    beside: tuple[Quantity, ...]


class Deviation(NamedTuple):
    """A value of the aggregate that no worker gave."""

    quantity: Quantity
    changed: bool
    """Whether a worker gave another value for the same; else nobody gave any."""
    worker: int | None = None
    instead: Quantity | None = None


def given(workers: Sequence[str]) -> list[Given]:
    """All values of all workers; a day that is told from a text's only date is a date as well."""
    found: list[Given] = []
    for worker, text in enumerate(workers):
        own = values(text, worker)
        days = _relative(text, [each.quantity for each in own])
        found += [*own, *(Given(worker, day, ()) for day in days)]
    return found


def values(text: str, worker: int = -1) -> list[Given]:
    """The values of a text, the first `MOST` of them, each with those in its sentence."""
    found = [*islice(quantities(text), MOST)]
    rows = []
    for place, each in enumerate(found):
        near = found[max(0, place - NEIGHBOURS) : place] + found[place + 1 : place + 1 + NEIGHBOURS]
        beside = tuple(other for other in near if not _parted(text, *sorted((each.end, other.begin))))
        rows.append(Given(worker, each, beside))
    return rows


def deviations(known: Sequence[Given], aggregate: Sequence[Given], workers: int) -> list[Deviation]:
    """The values of the aggregate (`values(text)`) that differ, in order. `workers`: how many there are."""
    known = known[:PAIRS]
    years = {each.quantity.value[0] for each in known if each.quantity.kind == "date"}
    found = []
    for own in aggregate[: max(1, PAIRS // max(1, len(known)))]:
        same = [each for each in known if _equal(own.quantity, each.quantity, years)]
        if any(_related(own, each) for each in same) or _counts(own.quantity, workers):
            continue
        rival = _rival(own, known, years)
        if (rival is None and same) or (rival is not None and _total(own, known)):
            continue
        found.append(Deviation(own.quantity, rival is not None, *((rival.worker, rival.quantity) if rival else ())))
    return found


def alike(one: Quantity, other: Quantity) -> float:
    """0 to 1: how far the words around two values are the same."""
    smaller = min(len(one.context), len(other.context))
    return len(one.context & other.context) / smaller if smaller else 0.0


def equal(one: Quantity, other: Quantity) -> bool:
    """Whether two values are the same, however they are written."""
    return _equal(one, other, frozenset())


def _parted(text: str, begin: int, end: int) -> bool:
    """Whether a sentence ends between these places."""
    return end - begin > 200 or bool(re.search(r"[.!?]\s|\n", text[begin:end]))


def _relative(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """Dates that are told as `tomorrow`, where the text has one full date to tell them from."""
    full = {each.value for each in found if each.kind == "date" and None not in each.value}
    if len(full) != 1:
        return []
    year, month, day = (int(part or 0) for part in full.pop())
    try:
        told = date(year, month, day)
    except ValueError:
        return []
    rows = []
    for match in _DAY.finditer(text):
        other = told + timedelta(days=_RELATIVE[match.group().lower()])
        value = (float(other.year), float(other.month), float(other.day))
        rows.append(Quantity("date", value, match.group(), *match.span()))
    return rows


def _equal(own: Quantity, other: Quantity, years: set[float | None] | frozenset[float | None]) -> bool:
    """Whether a worker's value accounts for one of the aggregate."""
    if own.kind == other.kind == "date":
        return all(
            a is None or a == b or (place == 0 and b is None and (a in years or not years))
            for place, (a, b) in enumerate(zip(own.value, other.value, strict=True))
        )
    if own.kind == other.kind == "time":
        half = 720 if not own.value[1] or not other.value[1] else 1440
        return ((own.value[0] or 0) - (other.value[0] or 0)) % half == 0
    if own.kind == "mark" or other.kind == "mark":
        return own.text.lower() == other.text.lower()
    if other.kind == "date":
        return own.kind == "number" and own.value[0] in (other.value[0], other.value[2])
    if own.kind in AMOUNTS and other.kind in AMOUNTS:
        return (own.kind == other.kind or "number" in (own.kind, other.kind)) and _same_amount(own, other)
    return False


def _same_amount(own: Quantity, other: Quantity) -> bool:
    """Equal, or rounded as it says."""
    mine, theirs = own.value[0] or 0.0, other.value[0] or 0.0
    if isclose(mine, theirs):
        return True
    if own.rough and abs(mine - theirs) <= NEAR * abs(theirs):
        return True
    digits = re.sub(r"\D", "", own.text).strip("0")
    scaled = "." in own.text or mine >= 1e5
    rounded = float(f"{theirs:.{min(15, max(1, len(digits)))}g}")
    return scaled and isclose(rounded, mine)


def _related(own: Given, other: Given) -> bool:
    """Whether two equal values may be of the same thing."""
    mine, theirs = own.quantity, other.quantity
    if not mine.context and not own.beside:
        return True
    if (mine.context - {mine.unit}) & theirs.context:
        return True
    if any(equal(a, b) for a in own.beside for b in other.beside):
        return True
    return not own.beside and not theirs.context


def _rival(own: Given, known: Sequence[Given], years: set[float | None]) -> Given | None:
    """The worker's value that is of the same thing and differs; the likeliest."""
    mine = own.quantity
    best, found = 0.0, None
    for each in known:
        theirs = each.quantity
        if theirs.kind != mine.kind or _equal(mine, theirs, years):
            continue
        likeness = _of_the_same(own, each)
        if likeness > best:
            best, found = likeness, each
    return found


def _of_the_same(own: Given, other: Given) -> float:
    """How sure it is that two different values are of the same thing; 0 where it is not."""
    mine, theirs = own.quantity, other.quantity
    if mine.kind not in ("date", "time") and not mine.context & theirs.context:
        return 0.0
    beside = {a.kind for a in own.beside for b in other.beside if equal(a, b)}
    if mine.kind == "date":
        shared = sum(a is not None and a == b for a, b in zip(mine.value, theirs.value, strict=True))
        return ("time" in beside) + (shared / 3 if shared >= 2 else 0.0)
    if mine.kind == "time" and "date" in beside:
        return 1.0
    return _near(mine, theirs, bool(beside))


def _near(mine: Quantity, theirs: Quantity, beside: bool) -> float:
    """How far the words around two values of a kind make it likely that they are of the same thing; 0: not enough.
    `beside`: another value stands beside both."""
    if mine.kind == "mark" and mine.text[0].lower() != theirs.text[0].lower():
        return 0.0
    if mine.kind == "number" and _is_year(mine) != _is_year(theirs):
        return 0.0
    shared, likeness = len(mine.context & theirs.context) + beside, alike(mine, theirs)
    unit = bool(mine.unit) and mine.unit == theirs.unit
    other = bool(mine.unit and theirs.unit) and not unit
    enough = shared >= (ENOUGH[2] if other else ENOUGH[0] if unit or mine.kind in ("money", "percent") else ENOUGH[1])
    close = (enough and likeness >= ALIKE) or (unit and likeness >= ALIKE) or mine.context == theirs.context
    return likeness + unit + beside if close and likeness else 0.0


def _is_year(quantity: Quantity) -> bool:
    """Whether it may be a year: four digits and nothing counted."""
    return quantity.text.isdigit() and 1800 <= (quantity.value[0] or 0) < 2100


def _total(own: Given, known: Sequence[Given]) -> bool:
    """Whether it is the sum or the mean of what workers gave for the same."""
    amounts = [each.quantity.value[0] or 0.0 for each in known if own.quantity.kind == each.quantity.kind
               and own.quantity.kind in AMOUNTS and _of_the_same(own, each)]  # fmt: skip
    whole = sum(amounts)
    return len(amounts) > 1 and own.quantity.value[0] in (whole, whole / len(amounts))


def _counts(own: Quantity, workers: int) -> bool:
    """Whether it may count the workers themselves: `two of the three`."""
    return own.kind == "number" and 1 < (own.value[0] or 0) <= workers and own.text.isalpha()

"""Noticing a number that was changed in the aggregate.

It must not know how values are compared. A run of digits is replaced by another of the same length, at random; every
one of every aggregate is changed in turn, one at a time. Files of `faithfulness` serve as well: a supported response is
the aggregate of one worker, its source.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.noise.baselines import numbers
from benchmarks.noise.groups import lines, of_conversation
from policies.noise.values import deviations, given, values

NAMES = ("changes", "alarm", "noticed", "plain", "clean", "clean_changed", "clean_unseen", "clean_plain", "unseen")
_DIGITS = re.compile(r"\d+")


class Clean(NamedTuple):
    """What workers said, and an aggregate of it that holds no false number."""

    workers: tuple[str, ...]
    text: str


def read(files: Iterable[Path]) -> list[Clean]:
    """The aggregates of all files. Raises `ValueError` for a line of another form."""
    found = []
    for path in files:
        for number, row in enumerate(lines(path), 1):
            try:
                if "sessions" in row:
                    found += [Clean(each.workers, "\n".join(each.aggregate())) for each in of_conversation(row)]
                elif not row["unsupported"]:
                    found.append(Clean((row["src"],), row["resp"]))
            except (KeyError, TypeError, AttributeError) as fault:
                wanted = "a conversation (id, sessions) or a response (src, resp, unsupported)"
                raise ValueError(f"{path.name} line {number}: expected {wanted}: {fault!r}") from fault
    return found


def measured(aggregates: Sequence[Clean], seed: int = 0) -> dict[str, float]:
    """Shares of changes that are noticed, and of what is flagged though nothing was changed."""
    dice = Random(seed)
    count = dict.fromkeys(NAMES, 0)
    for workers, text in aggregates:
        known = given(workers)
        digits = {each for worker in workers for each in numbers(worker)}
        clean = deviations(known, values(text), len(workers))
        count["clean"] += 1
        count["clean_plain"] += any(each not in digits for each in numbers(text))
        count["clean_changed"] += any(each.changed for each in clean)
        count["clean_unseen"] += bool(clean)
        count["unseen"] += len(clean)
        for match in _DIGITS.finditer(text):
            other = another(match.group(), dice)
            begin, end = match.span()
            found = deviations(known, values(text[:begin] + other + text[end:]), len(workers))
            here = [each for each in found if each.quantity.begin <= begin < each.quantity.end]
            count["changes"] += 1
            count["alarm"] += any(each.changed for each in here)
            count["noticed"] += bool(here)
            count["plain"] += other not in digits
    return figures(count)


def figures(count: dict[str, int]) -> dict[str, float]:
    """Counts as shares."""
    changes, clean = max(1, count["changes"]), max(1, count["clean"])
    return {
        "caught": round(count["alarm"] / changes, 4),
        "false": round(count["clean_changed"] / clean, 4),
        "caught_with_unseen": round(count["noticed"] / changes, 4),
        "false_with_unseen": round(count["clean_unseen"] / clean, 4),
        "false_of_numbers_with_unseen": round(count["unseen"] / changes, 4),
        "digits_caught": round(count["plain"] / changes, 4),
        "digits_false": round(count["clean_plain"] / clean, 4),
        "changes": count["changes"],
        "aggregates": count["clean"],
    }


def another(digits: str, dice: Random) -> str:
    """Another number of as many digits, that begins with no 0."""
    while True:
        found = str(dice.randrange(10 ** (len(digits) - 1) if len(digits) > 1 else 1, 10 ** len(digits)))
        if found != digits:
            return found

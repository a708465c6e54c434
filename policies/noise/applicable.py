"""Whether the checks can say anything of an aggregation.

It must not know what they would say. A check that does not hold for a text says so, and never raises an alarm.
"""

import re
from collections.abc import Sequence

from policies.noise.lexicon import EMPTY_WORDS
from policies.noise.text import content, words

ENOUGH = 20
"""Words from which a language is told."""
ENGLISH = 0.15
"""Least share of small words in English prose."""
ANSWER = 8
"""Content words below which an aggregate is an answer and no retelling."""
_FAR = re.compile(r"[\u0370-\u1cff\u2c60-\ua6ff\uaa80-\uab2f\uab70-\ufaff\ufb13-\ufefc]")
_READ = 1_000
"""Characters of a text by which its language is told."""


def doubts(workers: Sequence[str], aggregate: str, fielded: bool = False) -> dict[str, str]:
    """Why a check cannot be made, by check: `all`, `coverage` or `support`. `fielded`: not prose, but fields."""
    there = [text for text in workers if text.strip()]
    if len(there) < 2:
        return {"all": "fewer than two workers said anything"}
    if not aggregate.strip():
        return {"all": "the aggregate is empty"}
    if strange := next((why for text in (aggregate, *there) if (why := _strange(text, fielded))), ""):
        return {"all": strange}
    if len(content(aggregate)) < ANSWER:
        short = "the aggregate is an answer of a few words"
        return {"coverage": short, "support": short}
    if len({text.strip() for text in there}) == 1:
        return {"coverage": "all workers said the same"}
    return {}


def _strange(text: str, fielded: bool) -> str:
    """Why the checks cannot read it; empty where they can."""
    read = text[:_READ]
    if not read.isascii() and len(_FAR.findall(read)) > len(read) / 5:
        return "a text is in a script that is not Latin"
    said = words(read)
    prose = [each for each in said if each.isalpha()]
    if fielded or len(prose) < ENOUGH:
        return ""
    if sum(each in EMPTY_WORDS for each in prose) < ENGLISH * len(prose):
        return "a text does not read like English prose"
    return ""

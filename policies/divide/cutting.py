"""A text cut into parts of about the same length, at the seams that it has.

It must not know what is asked of the text, nor who reads it. Put together, the parts are the text again.
"""

import re
from math import ceil

SEAMS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?\u3002\uff01\uff1f][\"')\]]*\s"),
    re.compile(r"[;,\uff0c\u3001]\s?"),
    re.compile(r"\s"),
)
"""The best first: paragraphs, lines and records, sentences, clauses, words."""
SLACK = 0.25
"""Share of a part by which its end may lie before where it should, for a better seam."""


def few(text: str, most: int, count: int) -> list[str]:
    """The text in parts of `most` characters, or more where these would be more than `count` parts. Raises `ValueError`
    for less than one of either."""
    if count < 1:
        raise ValueError(f"a text has at least one part, not {count}")
    found = parts(text, most)
    while len(found) > count:
        most = ceil(most * (1 + SLACK / 2))
        found = parts(text, most)
    return found


def parts(text: str, most: int) -> list[str]:
    """The text in as few parts as need be, none longer than `most` characters. Raises `ValueError` for less than
    one."""
    if most < 1:
        raise ValueError(f"a part has at least one character, not {most}")
    found: list[str] = []
    begin = 0
    while len(text) - begin > most:
        left = len(text) - begin
        aim = min(most, ceil(left / ceil(left / most) * (1 + SLACK / 2)))
        end = begin + _seam(text[begin : begin + most], aim)
        found.append(text[begin:end])
        begin = end
    if begin < len(text):
        found.append(text[begin:])
    return found


def _seam(window: str, aim: int) -> int:
    """Where to cut: behind the last seam of the best kind shortly before the aim, else between any two words; and at
    the end of the window where it is one word."""
    least = max(1, int(aim * (1 - SLACK)))
    for seam in SEAMS:
        ends = [found.end() for found in seam.finditer(window, least, aim)]
        if ends:
            return ends[-1]
    words = SEAMS[-1]
    before = [found.end() for found in words.finditer(window, 0, aim)]
    after = words.search(window, aim)
    return before[-1] if before else after.end() if after else len(window)

"""How users put rules and corrections, as far as words can tell.

It must not know a message's place, nor what becomes of it.
"""

import re
from collections.abc import Iterable

_STEMS = (
    "always", "never", "do not", "don't", "must", "make sure", "remember", "from now on", "instead",
    "actually", "wrong", "incorrect", "i said", "i meant", "i told", "not what", "only use", "stop ", "no,",
)  # fmt: skip
_RULES = re.compile(
    r"\b(?:always|never|do not|don't|must(?:n't)?|make sure|remember|from now on|instead|actually|wrong|incorrect|"
    r"i (?:said|meant|told)|not what|only use|stop \w+ing)\b|\bno,"
)
_MORE_STEMS = (*_STEMS, "dont", "only", "stop", "rather", "prefer", "wait", "不", "别", "勿")
_MATTERS = re.compile(
    r"\b(?:always|never|don'?t|do not|must(?:n't)?|make sure|remember|from now on|instead|actually|wrong|incorrect|"
    r"i (?:said|meant|told)|not what|only|stop|rather|prefer|wait)\b|^no\b|[不别勿]"
)


def rules(text: str) -> bool:
    """Whether a text states a rule or corrects something."""
    lower = _plain(text)
    return _any(lower, _STEMS) and _RULES.search(lower) is not None


def matters(text: str) -> bool:
    """Whether a sentence is likely to hold beyond the moment: a rule, a correction, a preference."""
    lower = _plain(text)
    return (lower.startswith("no") or _any(lower, _MORE_STEMS)) and _MATTERS.search(lower) is not None


def _plain(text: str) -> str:
    """In small letters, with the apostrophe that is on every keyboard."""
    return text.lower().replace("\u2019", "'")


def _any(lower: str, stems: Iterable[str]) -> bool:
    """Whether one of the stems stands in the text: a quick no for most."""
    return any(map(lower.__contains__, stems))

"""Literals: the values in messages that later tool calls may need again, each with the field it stood in.

It must not know which of them are worth keeping, nor what a session is.
"""

import json
import re
from functools import lru_cache
from typing import Any

from policies.consolidate.prose import STOPS, standing_out

KINDS = ("number", "decimal", "date", "time", "email", "hash", "path", "id", "code", "word", "name", "phrase")
"""What a literal may be, by its shape alone. `id` mixes letters and digits, `code` is written in capitals, `word` is
one lower-case or snake-case word, `name` is capitalised words, `phrase` is everything else that is short."""

LONGEST = 120
"""Characters of the longest literal; longer text is prose, and literals are looked for in it."""
MOST_WORDS = 6
SHORT = 16
"""Characters of a text that is one literal, whatever it says."""
MOST_LEAVES = 3000
"""Literals taken of one message, roughly; what follows is left to the original."""
DEEPEST = 24

_KIND = re.compile(
    r"(?P<number>[-+]?\d{1,18})"
    r"|(?P<date>\d{4}[-/.]\d\d?[-/.]\d\d?(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d\d?[-/.]\d\d?[-/.]\d{2,4})"
    r"|(?P<time>\d\d?:\d\d(?::\d\d)?(?:\.\d+)?(?:[+-]\d)? ?(?:[AaPp]\.?[Mm]\.?)?)"
    r"|(?P<decimal>[-+]?[$€£]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?%?)"
    r"|(?P<email>[^@\s]+@[^@\s]+\.\w+)"
    r"|(?P<hash>(?=[a-f]*\d)[0-9a-f]{7,64})"
    r"|(?P<path>\w+://\S+|(?:[\w.@~-]*[/\\])+[\w.@~+-]*|[\w-]+\.[a-z]\w{0,4})"
    r"|(?P<id>(?=\D*\d)[#@]?[\w.:+#-]*\w)"
    r"|(?P<code>[A-Z][A-Z_-]+)"
    r"|(?P<word>[a-z_][a-z_-]*)"
    r"|(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w.'’-]*){0,3})"
)
_BY_GROUP = tuple(KINDS.index(name) for name in _KIND.groupindex)
_CODE, _WORD, _NAME, _PHRASE = map(KINDS.index, ("code", "word", "name", "phrase"))
_DIGIT = re.compile(r"\d").search
_DECODE = json.JSONDecoder(parse_int=str, parse_float=str).decode

Found = tuple[str, str, int]
"""A literal where it stood: its text, its field, and its record, which counts the objects of a message."""


def kind(text: str) -> str:
    """The literal's kind, one of `KINDS`, by its shape."""
    return KINDS[kind_number(text)]


def kind_number(text: str) -> int:
    """The place of the literal's kind in `KINDS`."""
    if text.isalpha() and text.isascii():
        return _WORD if text.islower() else _CODE if text.isupper() and len(text) > 1 else _NAME
    match = _KIND.fullmatch(text)
    return _BY_GROUP[match.lastindex - 1] if match and match.lastindex else _PHRASE


def parsed(text: str) -> Any:
    """The JSON object or array that a text is, numbers as they are spelled; None where it is neither."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return _DECODE(text)
    except (ValueError, RecursionError):
        return None


def found(text: str) -> list[Found]:
    """The literals of a text, JSON or prose, in order; a short line without a stop is one literal as a whole."""
    tree = parsed(text)
    if tree is not None:
        return in_tree(tree)
    if len(text) <= LONGEST and _is_short(text) and not text.endswith(STOPS):
        return [(text.strip(), "", 0)] if text.strip() else []
    return in_prose(text)


def in_prose(text: str, field: str = "", record: int = 0) -> list[Found]:
    """What stands out in prose."""
    return [(literal, field, record) for literal in standing_out(text)[:MOST_LEAVES]]


def in_tree(tree: Any) -> list[Found]:
    """The leaves of parsed JSON, with the object (`record`) each stood in; keys too, where they are ids."""
    walk = _Walk()
    walk.visit(tree, "", 0, 0)
    return walk.out


class _Walk:
    """One walk over a tree; `out` holds what it found."""

    def __init__(self) -> None:
        self.out: list[Found] = []
        self.records = 0

    def visit(self, node: Any, field: str, record: int, depth: int) -> None:
        """Takes a node of any kind; what is no text (numbers are), object or array is no literal."""
        if type(node) is str:
            self.leaf(node, field, record)
        elif depth > DEEPEST or len(self.out) > MOST_LEAVES:
            return
        elif type(node) is dict:
            self.object(node, field, record, depth + 1)
        elif type(node) is list:
            for item in node:
                if len(self.out) > MOST_LEAVES:
                    return
                if type(item) is dict:
                    self.records += 1
                    self.object(item, "", self.records, depth + 2)
                else:
                    self.visit(item, field, record, depth + 1)

    def object(self, node: dict[str, Any], field: str, record: int, depth: int) -> None:
        """Takes an object's values; most are short texts."""
        append = self.out.append
        for key, value in node.items():
            inner, has_digit = _inner(field, key)
            if has_digit and _is_id(key, value):
                self.records += 1
                append((key, field, self.records))
                self.visit(value, "" if type(value) is dict else field, self.records, depth)
            elif type(value) is str:
                if 0 < len(value) < SHORT:
                    append((value, inner, record))
                else:
                    self.leaf(value, inner, record)
            elif type(value) in _NODES:
                self.visit(value, inner, record, depth)

    def leaf(self, text: str, field: str, record: int) -> None:
        """Takes a text."""
        if len(text) > LONGEST or not _is_short(text):
            self.out += in_prose(text, field, record)
        elif text:
            self.out.append((text, field, record))


_NODES = (dict, list)


@lru_cache(maxsize=4096)
def _inner(field: str, key: str) -> tuple[str, bool]:
    """The name of a field within another, and whether its key has a digit, as ids have."""
    return f"{field}.{key}" if field else key, bool(_DIGIT(key))


def _is_id(key: str, value: Any) -> bool:
    return isinstance(value, dict) or sum(letter.isdigit() for letter in key) > 2


def _is_short(text: str) -> bool:
    return len(text) < SHORT or ("\n" not in text and text.count(" ") < MOST_WORDS)

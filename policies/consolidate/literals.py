"""Literals: the values in messages that later tool calls may need again, each with the field it stood in.

It must not know which of them are worth keeping, nor what a session is.
"""

import json
import re
from typing import Any, NamedTuple

KINDS = ("number", "decimal", "date", "time", "email", "hash", "path", "id", "code", "word", "name", "phrase")
"""What a literal may be, by its shape alone. `id` mixes letters and digits, `code` is written in capitals, `word` is
one lower-case or snake-case word, `name` is capitalised words, `phrase` is everything else that is short."""

LONGEST = 120
"""Characters of the longest literal; longer text is prose, and literals are looked for in it."""
MOST_WORDS = 6
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
_DIGIT = re.compile(r"\d").search
_SPLIT = re.compile(r"[^\w./:@#$€£%+~\\-]+").split
_QUOTED = re.compile(r"[\"“`]([^\"“”`\n]{3,60})[\"”`]").findall
_EDGES = "'\"`*()[]{}<>,;:!?.…“”‘’|=_-$€£%#"
_STOPS = (".", "!", "?", ":")


class Found(NamedTuple):
    """A literal where it stood; `record` counts the objects of a message."""

    text: str
    field: str = ""
    record: int = 0


class Raw(str):
    """A JSON number in its own spelling."""

    __slots__ = ()


def kind(text: str) -> str:
    """The literal's kind, one of `KINDS`, by its shape."""
    match = _KIND.fullmatch(text)
    return match.lastgroup or "phrase" if match else "phrase"


def parsed(text: str) -> Any:
    """The JSON object or array that a text is, numbers as `Raw`; None where it is neither."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, parse_int=Raw, parse_float=Raw)
    except (ValueError, RecursionError):
        return None


def found(text: str) -> list[Found]:
    """The literals of a text, JSON or prose, in order; a short line without a stop is one literal as a whole."""
    tree = parsed(text)
    if tree is not None:
        return in_tree(tree)
    if len(text) <= LONGEST and _is_short(text) and not text.endswith(_STOPS):
        return [Found(text.strip())] if text.strip() else []
    return in_prose(text)


def in_prose(text: str, field: str = "", record: int = 0) -> list[Found]:
    """What stands out in prose: words with a digit, a sign or a capital inside, names within a sentence, quotes."""
    out: list[str] = []
    run: list[str] = []
    starts = True
    for word in text.split():
        if word.isalpha() and word.islower():
            if run:
                out.append(" ".join(run))
                run = []
            starts = False
            continue
        bare = word.strip(_EDGES)
        if bare.islower() and bare.isalpha():
            out += _names(run, "")
            run = []
            starts = word.endswith(_STOPS)
            continue
        if word.startswith("#") and _DIGIT(bare):
            bare = "#" + bare
        if bare.isalpha() or "'" in bare or "’" in bare:
            if bare.isalpha() and bare[:1].isupper() and bare[1:].islower() and (run or not starts):
                run.append(bare)
            else:
                out += _names(run, bare)
                run = []
        else:
            out += _names(run, "")
            run = []
            out += _pieces(bare)
        starts = word.endswith(_STOPS)
        if run and not word.endswith(run[-1]):
            out.append(" ".join(run))
            run = []
    out += _names(run, "")
    if '"' in text or "`" in text or "“" in text:
        out += (quote.strip(" .,;:!?") for quote in _QUOTED(text))
    return [Found(text, field, record) for text in out[:MOST_LEAVES]]


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
        if isinstance(node, str):
            self.leaf(node, field, record)
        elif depth > DEEPEST or len(self.out) > MOST_LEAVES:
            return
        elif isinstance(node, dict):
            self.object(node, field, record, depth)
        elif isinstance(node, list):
            for item in node:
                if isinstance(item, dict):
                    self.records += 1
                    self.visit(item, "", self.records, depth + 1)
                else:
                    self.visit(item, field, record, depth + 1)

    def object(self, node: dict[str, Any], field: str, record: int, depth: int) -> None:
        for key, value in node.items():
            if not _is_id(key, value):
                inner = f"{field}.{key}" if field else key
                self.visit(value, inner, record, depth + 1)
                continue
            self.records += 1
            self.out.append(Found(key, field, self.records))
            self.visit(value, "" if isinstance(value, dict) else field, self.records, depth + 1)

    def leaf(self, text: str, field: str, record: int) -> None:
        if len(text) <= LONGEST and _is_short(text):
            if text:
                self.out.append(Found(str(text), field, record))
        else:
            self.out += in_prose(text, field, record)


def _is_id(key: str, value: Any) -> bool:
    return bool(_DIGIT(key)) and (isinstance(value, dict) or sum(letter.isdigit() for letter in key) > 2)


def _is_short(text: str) -> bool:
    return len(text) < 16 or ("\n" not in text and text.count(" ") < MOST_WORDS)


def _names(run: list[str], word: str) -> list[str]:
    """A run of capitalised words that has ended, and the word after it where that is written in capitals."""
    out = [" ".join(run)] if run else []
    if len(word) > 1 and (word.isupper() or not word[1:].islower()) and not word.islower() and word.isalpha():
        out.append(word)
    return out


def _pieces(word: str) -> list[str]:
    """The parts of a word that is more than letters: `f(a_1,` gives `a_1`."""
    out = []
    for part in _SPLIT(word):
        part = part.strip(".:-/" if part[:1] != "/" else ".:-")
        if part and (not part.isalpha() or part.isupper()) and (len(part) > 1 or part.isdigit()):
            out.append(part)
    return out

"""Redaction: blots out what must not be recorded.

It must not know exchanges, recordings or wire forms: it is given text, a JSON document or an event stream.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

SPELLINGS = {
    "email": r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "credit_card": r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])",
    "phone": r"(?<![\w.+-])(?:\+\d{7,15}|(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]?\d{3,4})"
    r"(?![\w-])",
    "api_key": r"(?<!\w)(?:sk-[\w-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|github_pat_\w{22,}|xox[abeoprs]-[\w-]{10,}"
    r"|AIza[\w-]{35}|hf_\w{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})",
    "ssn": r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])",
}
"""Built-in patterns by name. None of them matches inside a longer word or number."""

PLACES = ("index", "output_index", "content_index", "summary_index", "item_id", "type")
"""Fields that tell apart the texts that one event stream carries side by side."""

SPLIT = re.compile(rb"(\r\n|\n|\r)")


class Pattern(NamedTuple):
    """What is blotted out, and the name that stands there instead."""

    name: str
    regex: re.Pattern[str]
    holds: Callable[[str], bool] | None = None
    """A second look at a match, where a regex is not enough."""


class Piece(NamedTuple):
    """A text inside parsed JSON, and where it stands."""

    place: tuple[str, ...]
    holder: "dict[str, Json] | list[Json]"
    key: str | int
    text: str


@dataclass(slots=True)
class Line:
    """A `data:` line of an event stream."""

    number: int
    document: Json
    changed: bool = False


class Redactor:
    """Replaces what the patterns match by `[redacted:NAME]`.

    A pattern is the name of a built-in one (`email`, `credit_card`, `phone`, `api_key`, `ssn`) or a regular
    expression (Python's `re`), named `custom`. In JSON every text and every key is searched, not the numbers; a
    changed document is written anew, an unchanged one keeps its bytes. In an event stream texts that arrive in
    pieces are searched as a whole. Raises `ValueError` for a pattern that cannot be used.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(_pattern(pattern) for pattern in patterns)

    def text(self, text: str) -> str:
        """The text with every match replaced."""
        for start, end, name in reversed(self._spans(text)):
            text = f"{text[:start]}[redacted:{name}]{text[end:]}"
        return text

    def body(self, body: bytes) -> bytes:
        """A body with every match replaced: a JSON document, an event stream, or any other bytes."""
        if body.startswith((b"data:", b"event:", b"id:", b"retry:", b":")):
            return self._stream(body)
        try:
            box: list[Json] = [json.loads(body)]
        except (ValueError, RecursionError):
            return self._raw(body)
        return _written(box[0]) if self._clean(list(_pieces(box))) else body

    def _raw(self, body: bytes) -> bytes:
        try:
            return self.text(body.decode()).encode()
        except ValueError:
            return self.text(body.decode("latin-1")).encode("latin-1")

    def _stream(self, body: bytes) -> bytes:
        parts = SPLIT.split(body)
        found = [_line(number, part) for number, part in enumerate(parts)]
        lines = [line for line in found if line is not None]
        threads: dict[tuple[str, ...], list[tuple[Line, Piece]]] = {}
        for line in lines:
            for piece in _pieces([line.document]):
                threads.setdefault(piece.place, []).append((line, piece))
        for thread in threads.values():
            if self._clean([piece for _, piece in thread]):
                for line, _ in thread:
                    line.changed = True
        read = {line.number: line for line in lines}
        return b"".join(self._part(part, read.get(number)) for number, part in enumerate(parts))

    def _part(self, part: bytes, line: Line | None) -> bytes:
        if line is None:
            return self._raw(part)
        return b"data: " + _written(line.document) if line.changed else part

    def _clean(self, pieces: list[Piece]) -> bool:
        """Replaces matches in the pieces, taken as one text where they share a place; whether there were any."""
        if len({piece.place for piece in pieces}) > 1:
            return any([self._clean([piece]) for piece in pieces])
        spans = self._spans("".join(piece.text for piece in pieces))
        if not spans:
            return False
        starts = accumulate((len(piece.text) for piece in pieces), initial=0)
        for start, piece in zip(starts, pieces, strict=False):
            _put(piece, _without(piece.text, start, spans))
        return True

    def _spans(self, text: str) -> list[tuple[int, int, str]]:
        """Matches as start, end and name, in order, none overlapping: where two do, the longer one stands."""
        found = [
            (match.start(), match.end(), name)
            for name, regex, holds in self._patterns
            for match in regex.finditer(text)
            if match.end() > match.start() and (holds is None or holds(match.group()))
        ]
        spans: list[tuple[int, int, str]] = []
        for span in sorted(found, key=lambda span: (span[0], -span[1])):
            if not spans or span[0] >= spans[-1][1]:
                spans.append(span)
            elif span[1] > spans[-1][1]:
                spans[-1] = (spans[-1][0], span[1], spans[-1][2])
        return spans


def _pattern(pattern: str) -> Pattern:
    if pattern in SPELLINGS:
        return Pattern(pattern, re.compile(SPELLINGS[pattern]), _luhn if pattern == "credit_card" else None)
    if re.fullmatch(r"[a-z_]*", pattern):
        raise ValueError(f"redact pattern {pattern!r} is neither a regular expression nor one of {', '.join(SPELLINGS)}")
    try:
        return Pattern("custom", re.compile(pattern))
    except re.error as fault:
        raise ValueError(f"redact pattern {pattern!r} is not a regular expression: {fault}") from fault


def _luhn(number: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    return sum(sum(divmod(digit * (1 + at % 2), 10)) for at, digit in enumerate(digits)) % 10 == 0


def _line(number: int, part: bytes) -> Line | None:
    """A `data:` line that holds a JSON document; None for every other line."""
    if not part.startswith(b"data:"):
        return None
    try:
        document = json.loads(part[5:])
    except (ValueError, RecursionError):
        return None
    return Line(number, document) if isinstance(document, dict | list) else None


def _written(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

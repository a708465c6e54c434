"""Redaction: blots out what must not be recorded.

It must not know exchanges, recordings or wire forms: it is given a text, or a body of any kind.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Holder = dict[str, Json] | list[Json]

SPELLINGS = {
    "email": r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "credit_card": r"(?<![\w.-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}|\d{4}([ -]?)\d{6}\2\d{5}|\d{13,19})(?![\w-])",
    "phone": r"(?<![\w.+-])(?:\+\d{7,15}|(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]?\d{3,4})"
    r"(?![\w-]|\.\d)",
    "api_key": r"(?<!\w)(?:sk-[\w-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|github_pat_\w{22,}|xox[abeoprs]-[\w-]{10,}"
    r"|AIza[\w-]{35}|hf_\w{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})",
    "ssn": r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])",
}
"""Built-in patterns by name; each matches a whole word or number, never a part of a longer one."""

PLACES = ("index", "output_index", "content_index", "summary_index", "item_id", "type")
"""Fields that tell apart the texts which one event stream carries side by side."""

LINE = re.compile(rb"(\r\n|\n|\r)")
EVENT = b"data:"


class Pattern(NamedTuple):
    """What is blotted out, and the name that stands there instead."""

    name: str
    regex: re.Pattern[str]
    holds: Callable[[str], bool] | None = None
    """A second look at a match, where a regex is not enough."""


class Span(NamedTuple):
    """Where a match stands in a text, in characters."""

    start: int
    end: int
    name: str


class Piece(NamedTuple):
    """A text inside a parsed document: which document, what place in it, and how to put another one there."""

    document: int
    place: tuple[object, ...]
    holder: Holder
    key: str | int
    text: str

    def put(self, text: str) -> None:
        """Replaces the text."""
        if isinstance(self.holder, dict):
            self.holder[str(self.key)] = text
        else:
            self.holder[int(self.key)] = text


class Redactor:
    """Replaces what the patterns match by `[redacted:NAME]`.

    A pattern is the name of a built-in one (`email`, `credit_card`, `phone`, `api_key`, `ssn`) or a regular
    expression (Python's `re`), which goes by the name `custom`. Raises `ValueError` for one that cannot be used.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(_pattern(pattern) for pattern in patterns)
        self._key = lru_cache(4_096)(self.text)

    def text(self, text: str) -> str:
        """The text with every match replaced."""
        return _without(text, 0, self._spans(text))

    def body(self, body: bytes) -> bytes:
        """A body with every match replaced.

        In JSON every text and key is searched, not the numbers; a changed document is written anew, an unchanged one
        keeps its bytes. Of several documents, one on each line (server-sent events, say), the texts that stand in
        the same place are searched as one: what a model says arrives in pieces. All else is searched as it is.
        """
        parts = [body]
        documents = self._documents(parts)
        if not documents:
            parts = LINE.split(body)
            documents = self._documents(parts)
        if not documents:
            return self._raw(body)
        try:
            changed = self._blot(documents)
            return b"".join(
                self._raw(part) if number not in documents else _written(part, documents[number], number in changed)
                for number, part in enumerate(parts)
            )
        except RecursionError:
            return b"[redacted:nesting]"

    def _documents(self, parts: Sequence[bytes]) -> dict[int, "Document"]:
        """The parts that are JSON, by number."""
        documents = {}
        for number, part in enumerate(parts):
            text = part.removeprefix(EVENT)
            if not text.strip():
                continue
            try:
                documents[number] = Document(text, self._key)
            except (ValueError, RecursionError):
                continue
        return documents

    def _blot(self, documents: dict[int, "Document"]) -> set[int]:
        """Replaces every match; the numbers of the documents that changed."""
        threads: defaultdict[tuple[object, ...], list[Piece]] = defaultdict(list)
        for number, document in documents.items():
            for piece in _pieces(number, document.box, ()):
                threads[piece.place].append(piece)
        changed = {number for number, document in documents.items() if document.respelled}
        for pieces in threads.values():
            changed.update(self._blot_thread(pieces))
        return changed

    def _blot_thread(self, pieces: Sequence[Piece]) -> Iterator[int]:
        starts = list(accumulate((len(piece.text) for piece in pieces), initial=0))
        spans = self._spans("".join(piece.text for piece in pieces))
        if len(pieces) > 1:
            alone = [
                Span(start + span.start, start + span.end, span.name)
                for start, piece in zip(starts, pieces, strict=False)
                for span in self._spans(piece.text)
            ]
            spans = _merged([*spans, *alone])
        if not spans:
            return
        for start, piece in zip(starts, pieces, strict=False):
            text = _without(piece.text, start, spans)
            if text != piece.text:
                piece.put(text)
                yield piece.document

    def _spans(self, text: str) -> list[Span]:
        return _merged(
            Span(match.start(), match.end(), name)
            for name, regex, holds in self._patterns
            for match in regex.finditer(text)
            if match.end() > match.start() and (holds is None or holds(match.group()))
        )

    def _raw(self, body: bytes) -> bytes:
        try:
            return self.text(body.decode()).encode()
        except ValueError:
            return self.text(body.decode("latin-1")).encode("latin-1")


class Document:
    """A parsed JSON document in a box, so that a document that is one text can be replaced too."""

    def __init__(self, text: bytes, spell: Callable[[str], str]) -> None:
        """Keys are written as `spell` says. Raises `ValueError` for what is not JSON."""
        self.respelled = False
        """A key was changed, or stood twice and hid what stood there first."""
        self._spell = spell
        self.box: list[Json] = [json.loads(text, object_pairs_hook=self._object)]

    def _object(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        spelled = {self._spell(key): value for key, value in pairs}
        if len(spelled) < len(pairs) or any(key not in spelled for key, _ in pairs):
            self.respelled = True
        return spelled


def _pattern(pattern: str) -> Pattern:
    if pattern in SPELLINGS:
        return Pattern(pattern, re.compile(SPELLINGS[pattern]), _luhn if pattern == "credit_card" else None)
    if re.fullmatch(r"[a-z_]*", pattern):
        raise ValueError(
            f"redact pattern {pattern!r} is neither a regular expression nor one of {', '.join(SPELLINGS)}"
        )
    try:
        return Pattern("custom", re.compile(pattern))
    except re.error as fault:
        raise ValueError(f"redact pattern {pattern!r} is not a regular expression: {fault}") from fault


def _luhn(number: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    return sum(sum(divmod(digit * (1 + at % 2), 10)) for at, digit in enumerate(digits)) % 10 == 0


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one, named as the first of them."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
        elif span.end > merged[-1].end:
            merged[-1] = merged[-1]._replace(end=span.end)
    return merged


def _without(text: str, start: int, spans: Sequence[Span]) -> str:
    """A text that begins at `start` of a longer one, without the spans of that longer one.

    The name stands where a span begins, so a span over several texts is named once.
    """
    if not spans:
        return text
    kept: list[str] = []
    at = start
    for span in spans:
        if span.end <= start or span.start >= start + len(text):
            continue
        if span.start >= start:
            kept += (text[at - start : span.start - start], f"[redacted:{span.name}]")
        at = span.end
    return "".join([*kept, text[at - start :]])


def _pieces(document: int, node: Holder, place: tuple[object, ...]) -> Iterator[Piece]:
    """Every text below `node`. Texts of several documents share a place when all the way down to them is the same."""
    items: Iterable[tuple[str | int, Json]] = enumerate(node)
    if isinstance(node, dict):
        items = list(node.items())
        place = (*place, *(str(node[field]) for field in PLACES if isinstance(node.get(field), str | int)))
    for key, value in items:
        if isinstance(value, str):
            yield Piece(document, (*place, key), node, key, value)
        elif isinstance(value, dict | list):
            yield from _pieces(document, value, (*place, key))


def _written(part: bytes, document: Document, changed: bool) -> bytes:
    if not changed:
        return part
    text = json.dumps(document.box[0], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return EVENT + b" " + text if part.startswith(EVENT) else text

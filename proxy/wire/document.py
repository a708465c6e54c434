"""A request body as a JSON object: its fields parsed, and where the raw items of one array stand in it.

It must not know any wire form. Parsing is orjson's; msgspec gives the raw slices; the standard library is asked last,
since providers take what those two refuse (lone surrogates, NaN, a byte order mark).
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec
import orjson

from proxy.wire import Malformed
from proxy.wire.sse import BOM

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])

_SPACE = re.compile(rb"[ \t\n\r]*")
_GAP = re.compile(rb"[ \t\n\r,]*")
_OPEN = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*")
_KEY = re.compile(rb'"((?:[^"\\]++|\\.)*+)"[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^ \t\n\r,\[\]{}]+")
_NESTING = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_BLANK = 32
"""Space is the greatest of JSON's white space bytes, and no value begins with a smaller one."""
_PROBE = 64
"""Bytes by which an array is looked for before it is compared whole."""
_EXCERPT = 10
"""Characters shown on either side of an error."""

Span = tuple[int, int]


class Document(NamedTuple):
    """A JSON object. `spans` belongs to the items of the array asked for; it is None when the value is no array."""

    fields: dict[str, Any]
    start: int = -1
    """Offset of the value asked for; -1 when it is absent or the document could not be sliced."""
    end: int = -1
    spans: list[Span] | None = None
    sliced: bool = True
    """False for a document that only the lenient parser could read: there are no offsets."""


def parse(body: bytes, items: str) -> Document:
    """Reads a JSON object and finds the raw items of its field `items`.

    Raises `Malformed` when no JSON parser reads it or when it is no object.
    """
    fields, plain = loaded(body)
    return sliced(body, fields, items) if plain else Document(fields, sliced=False)


def loaded(body: bytes) -> tuple[dict[str, Any], bool]:
    """A JSON object, and whether it is plain JSON, which can be sliced. Raises `Malformed`."""
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _object(_lenient(body)), False
    return (fields if isinstance(fields, dict) else _object(fields)), True


def sliced(body: bytes, fields: dict[str, Any], items: str) -> Document:
    """Where the raw items stand in a body that holds these `fields`."""
    if items not in fields:
        return Document(fields)
    try:
        start = _named_once(body, items)
        if start >= 0 and isinstance(fields[items], list):
            there = _spans(body, start, _alone(items).decode(body).items)
            return Document(fields, start, body.index(b"]", there[-1][1] if there else start) + 1, there)
        raws = _MEMBERS.decode(body)
        start, end = _walk(body, items, raws) or _locate(body, items, raws[items])
        spans = _spans(body, start, _ITEMS.decode(raws[items])) if isinstance(fields[items], list) else None
    except (msgspec.DecodeError, RecursionError):
        return Document(fields, sliced=False)
    return Document(fields, start, end, spans)


def loads(text: bytes) -> object:
    """A JSON value by whichever parser reads it; None when none does."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _loads_leniently(text)
    return value


def _loads_leniently(text: bytes) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def members(body: bytes) -> list[tuple[str, Span]]:
    """Name and value span of every top-level member of a JSON object, in order, repeated names included.

    Raises `Malformed` when the body is no JSON object.
    """
    try:
        raws = _MEMBERS.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raws = {}
    opening = _OPEN.match(body, len(BOM) if body.startswith(BOM) else 0)
    if opening is None:
        raise Malformed("the body is not a JSON object")
    found: list[tuple[str, Span]] = []
    at = opening.end()
    while body[at : at + 1] != b"}":
        key = _KEY.match(body, at)
        if key is None:
            raise Malformed(f"the body is not a JSON object: no member name at byte {at}")
        name = _name(key[1])
        end = _past(body, key.end(), raws.get(name))
        found.append((name, (key.end(), end)))
        at = _after(body, end)
    return found


def _after(body: bytes, end: int) -> int:
    """The offset of the next member's name, or of the closing brace."""
    at = _space(body, end)
    if body[at : at + 1] == b",":
        return _space(body, at + 1)
    if body[at : at + 1] != b"}":
        raise Malformed(f"the body is not a JSON object: neither ',' nor '}}' at byte {at}")
    return at


def _past(body: bytes, at: int, guess: msgspec.Raw | None) -> int:
    """The end of the value at `at`. `guess` is a complete JSON value that probably stands there.

    A complete value followed by `,` or `}` cannot be the mere beginning of another.
    """
    if guess is not None and body.startswith(guess, at):
        end = at + len(guess)
        if body[(after := _space(body, end)) : after + 1] in (b",", b"}"):
            return end
    if body[at : at + 1] not in (b"[", b"{"):
        token = _STRING.match(body, at) or _SCALAR.match(body, at)
        if token is None:
            raise Malformed(f"the body is not a JSON object: no value at byte {at}")
        return token.end()
    depth = 0
    for token in _NESTING.finditer(body, at):
        depth += (token[0] in (b"[", b"{")) - (token[0] in (b"]", b"}"))
        if depth == 0:
            return token.end()
    raise Malformed(f"the body is not a JSON object: the value at byte {at} has no end")


@cache
def _alone(name: str) -> "msgspec.json.Decoder[Any]":
    """A reader of the raw `items` of the member `name`, which steps over all others."""
    return msgspec.json.Decoder(msgspec.defstruct(name, [("items", list[msgspec.Raw])], rename={"items": name}))


def _named_once(body: bytes, name: str) -> int:
    """Where the value of a member begins, if the name stands nowhere else in the body, in whatever role; else -1."""
    label = b'"%b"' % name.encode()
    at = body.find(label)
    # Escapes could spell the name in another way.
    if at < 0 or body.find(label, at + 1) >= 0 or body.find(b"\\u00") >= 0:
        return -1
    colon = at + len(label)
    if body[colon] == 58 and body[colon + 1] > _BLANK:
        return colon + 1
    return _space(body, body.index(b":", colon) + 1)


def _walk(body: bytes, name: str, raws: Mapping[str, msgspec.Raw]) -> Span | None:
    """Where the member `name` stands in compact JSON, found by stepping over the members before it; None when
    anything else than those stands in the way, or when the value stands there twice."""
    at = 1
    for member, raw in raws.items():
        label = b'"%b":' % member.encode()
        start = at + len(label)
        at = start + len(raw) + 1
        if not (body.startswith(label, start - len(label)) and body.startswith(raw, start)):
            return None
        if body[at - 1] not in b",}":
            return None
        if member == name:
            return (start, at - 1) if len(body) - at < len(raw) or body.find(raw, at) < 0 else None
    return None


def _locate(body: bytes, name: str, raw: msgspec.Raw) -> Span:
    """Where the value `raw` of the (last) member `name` stands. A slice that occurs once stands where it occurs."""
    value = memoryview(raw)
    at = body.find(value[:_PROBE])
    if body.startswith(value, at) and (len(body) - at <= len(raw) or body.find(value, at + 1) < 0):
        return at, at + len(raw)
    return [span for member, span in members(body) if member == name][-1]


def _spans(body: bytes, start: int, raws: list[msgspec.Raw]) -> list[Span]:
    """Between raw items there is nothing but space and one comma; in compact JSON nothing but the comma."""
    spans = []
    cursor = start
    for raw in raws:
        begin = cursor + 1 if body[cursor] in b",[" and body[cursor + 1] > _BLANK else _gap(body, cursor + 1)
        cursor = begin + len(raw)
        spans.append((begin, cursor))
    return spans


def _gap(body: bytes, at: int) -> int:
    found = _GAP.match(body, at)
    return found.end() if found else at


def _space(body: bytes, at: int) -> int:
    found = _SPACE.match(body, at)
    return found.end() if found else at


def _name(key: bytes) -> str:
    text = key.decode("utf-8", "replace")
    return str(json.loads(f'"{text}"', strict=False)) if "\\" in text else text


def _object(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    kinds = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    raise Malformed(f"the body must be a JSON object, but it is {kinds.get(type(value), 'a number')}")


def _lenient(body: bytes) -> object:
    """The standard library's reading, or `Malformed` in words that help."""
    if not body.strip():
        raise Malformed("the body is empty; a JSON object was expected")
    try:
        # Integers as floats: the interpreter refuses to make an `int` of thousands of digits.
        value: object = json.loads(body, parse_int=float)
    except json.JSONDecodeError as error:
        raise Malformed(_explain(error)) from None
    except UnicodeDecodeError as error:
        found = body[error.start : error.start + 1]
        raise Malformed(f"the body is not valid UTF-8: byte 0x{found.hex()} at offset {error.start}") from None
    except RecursionError:
        raise Malformed("the body is nested too deeply to be read") from None
    return value


def _explain(error: json.JSONDecodeError) -> str:
    text, at = error.doc, error.pos
    found = repr(text[at]) if at < len(text) else "the end of the body"
    excerpt = text[max(0, at - _EXCERPT) : at + _EXCERPT]
    reason = error.msg[0].lower() + error.msg[1:]
    where = f"line {error.lineno}, column {error.colno}"
    return f"the body is not valid JSON at {where}: {reason}, found {found} near {excerpt!r}"

"""How a JSON value is spelled in an outline: bare where that is clear, as JSON where it is not, and back again.

It must not know lines, tables or messages: it spells one value, and reads one value from a place in a text.
"""

import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import TypeAlias


class Number(str):
    """A JSON number in the spelling it came in: `1.0`, `1e3` and integers of any length stay what they were."""

    __slots__ = ()


Json: TypeAlias = "dict[str, Json] | list[Json] | str | bool | None"
"""A JSON value as `parsed` gives it; `Number` is a kind of `str`, so ask with `type(value) is str`."""

NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
TAKEN = rf"(?:true|false|null|{NUMBER})"
"""What a reader would not take for a string."""
AWAY = r"\x00-\x1f\x7f\x85\u2028\u2029"
"""Control characters and what some take for line ends; a string with one is spelled as JSON."""

LINE = re.compile(rf'(?!{TAKEN}\Z)[^\s"`\[{{{AWAY}](?:[^{AWAY}]*[^\s{AWAY}])?\Z')
"""A string that may stand bare as the rest of a line."""
CELL = re.compile(rf'(?!{TAKEN}\Z)[^\s"`\[{{,\]}}{AWAY}](?:[^,\]}}{AWAY}]*[^\s,\]}}{AWAY}])?\Z')
"""A string that may stand bare between commas, brackets and braces."""
TEXT = re.compile(rf'[^\s"`\[{{,\]}}{AWAY}](?:[^,\]}}{AWAY}]*[^\s,\]}}{AWAY}])?\Z')
"""The same where it is known to be a string."""
KEY = re.compile(rf'[^\s"`\[\]{{}}(),:=.|\-{AWAY}](?:[^"\[\]{{}}(),:=.|{AWAY}]*[^\s"\[\]{{}}(),:=.|{AWAY}])?\Z')
"""A key that may stand bare anywhere."""

_UP_TO_COMMA = re.compile(r"[^,\]}]*")
_UP_TO_KEY_END = re.compile(r'[^"\[\]{}(),:=.|]*')
_IS_NUMBER = re.compile(NUMBER + r"\Z")
_STRING = json.JSONDecoder()
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


def quoted(text: str) -> str:
    """A string as JSON, no more escaped than it must be."""
    return encode_basestring(text)


def parsed(text: str) -> Json:
    """The value of a JSON text, numbers as `Number`. Raises `ValueError` for what is not JSON, for `NaN` and
    its kind, for a key that stands twice in an object; `RecursionError` when it is nested too deep."""
    value: Json = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_no, object_pairs_hook=_object)
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _no(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def written(value: Json) -> str:
    """A value as JSON text without white space, numbers as they were; the way back from `parsed`."""
    kind = type(value)
    if kind is str:
        return quoted(str(value))
    if isinstance(value, dict):
        return "{" + ",".join([f"{quoted(key)}:{written(inner)}" for key, inner in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return _plain(value)


def spelled_key(key: str) -> str:
    """A key, bare where that is clear."""
    return key if KEY.match(key) else quoted(key)


def spelled(value: Json, bare: re.Pattern[str] = CELL) -> str:
    """A value on one line, strings bare where `bare` matches; arrays and objects as `[a,b]` and `{key:value}`."""
    if type(value) is str:
        return value if bare.match(value) else quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join([f"{spelled_key(key)}:{spelled(inner)}" for key, inner in value.items()]) + "}"
    return _plain(value)


def _plain(value: Json) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    return "null" if value is None else "true" if value else "false"


def meant(word: str) -> Json:
    """The value of a bare word: a number, true, false, null, else the string itself."""
    if word in _WORDS:
        return _WORDS[word]
    return Number(word) if _IS_NUMBER.match(word) else word


def read_key(text: str, at: int) -> tuple[str, int]:
    """The key that begins at a place, and where it ends. Raises `ValueError` where there is none."""
    if text.startswith('"', at):
        return _read_string(text, at)
    end = _end(_UP_TO_KEY_END, text, at)
    if end == at or text[at] == " ":
        raise ValueError(f"no key at {at} of {text[:80]!r}")
    return text[at:end], end


def read(text: str, at: int) -> tuple[Json, int]:
    """The value that begins at a place of a line, and where it ends. Raises `ValueError` for what is none."""
    first = text[at : at + 1]
    if first == '"':
        return _read_string(text, at)
    if first == "[":
        return _read_list(text, at + 1)
    if first == "{":
        return _read_object(text, at + 1)
    end = _end(_UP_TO_COMMA, text, at)
    return meant(text[at:end]), end


def _read_string(text: str, at: int) -> tuple[str, int]:
    found, end = _STRING.raw_decode(text, at)
    return str(found), end


def _read_list(text: str, at: int) -> tuple[Json, int]:
    items: list[Json] = []
    while text[at : at + 1] != "]":
        item, at = read(text, at)
        items.append(item)
        at = _next(text, at, "]")
    return items, at + 1


def _read_object(text: str, at: int) -> tuple[Json, int]:
    items: dict[str, Json] = {}
    while text[at : at + 1] != "}":
        key, at = read_key(text, at)
        if text[at : at + 1] != ":":
            raise ValueError(f"no colon at {at} of {text[:80]!r}")
        items[key], at = read(text, at + 1)
        at = _next(text, at, "}")
    return items, at + 1


def _next(text: str, at: int, end: str) -> int:
    """Past a comma, or at the closing sign."""
    if text[at : at + 1] == ",":
        return at + 1
    if text[at : at + 1] != end:
        raise ValueError(f"no {end} at {at} of {text[:80]!r}")
    return at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def joined_keys(path: tuple[str, ...]) -> str:
    """A path of keys as a dotted name: `prices.economy`."""
    return ".".join(map(spelled_key, path))

"""Server-sent events as far as their data has to be changed: whole events out of pieces, data out and in.

It must not know what the data says. Source: WHATWG HTML, section 9.2 "Server-sent events".
"""

import re
from typing import Any

from policies.inner.splicing import json_of

_BLANK = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_LINE = re.compile(rb"\r\n|\n|\r")
_DATA = re.compile(rb"data:[ ]?([^\r\n]*)(?:\r\n|\n|\r)")


class Events:
    """Cuts a stream into events with the blank line behind each; joined they are the stream, byte for byte."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = b""
        """What is not yet a whole event."""

    def feed(self, piece: bytes) -> list[bytes]:
        """The events that a piece completes."""
        if not self.held and piece.endswith(b"\n\n") and piece.find(b"\n\n") == len(piece) - 2 and b"\r" not in piece:
            return [piece]
        text, found, begin = self.held + piece, [], 0
        for blank in _BLANK.finditer(text):
            # A lone `\r` at the very end may be the half of a line end.
            if blank.end() == len(text) and text.endswith(b"\r"):
                break
            found.append(text[begin : blank.end()])
            begin = blank.end()
        self.held = text[begin:]
        return found


def data_of(event: bytes) -> bytes:
    """The data of an event, its lines joined."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2 and b"\r" not in event:
        return event[6:-2]
    return b"\n".join(match[1] for match in _DATA.finditer(event) if _begins_line(event, match.start()))


def with_data(event: bytes, data: bytes) -> bytes:
    """The event with other data, a line without breaks; its name, id and line ends stay."""
    end = _LINE.search(event)
    kept = [line for line in _LINE.split(event) if line and not line.startswith(b"data:")]
    newline = end[0] if end else b"\n"
    return newline.join((*kept, b"data: " + data, b"", b""))


def encoded(said: Any, name: str = "") -> bytes:
    """An event with this data."""
    head = b"event: " + name.encode() + b"\n" if name else b""
    return head + b"data: " + json_of(said) + b"\n\n"


def _begins_line(event: bytes, at: int) -> bool:
    return at == 0 or event[at - 1 : at] in (b"\n", b"\r")

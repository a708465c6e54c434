"""Server-sent events on bytes: pieces cut anywhere go in, whole events come out, and back.

It must not know JSON, a wire form, or where pieces come from. Nothing is decoded until somebody asks, and the raw
bytes of the events joined are the input, byte for byte.

Source: WHATWG HTML, section 9.2 "Server-sent events".
"""

import re
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
# Atomic groups: `\r\n` is one line end and must not be taken for two.
_BLANK = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_LINE = re.compile(rb"\r\n|\n|\r")
_DATA = b"data: "
_OVERLAP = 3
"""Bytes of `\\r\\n\\r`, the longest beginning of a blank line that may stand at the end of a piece."""


class Event(NamedTuple):
    """One event, or a comment or blank lines by themselves; `raw` ends with the blank line that closed it."""

    raw: bytes

    @property
    def data(self) -> bytes:
        """The data lines joined by newlines; empty when there is nothing to dispatch."""
        raw = self.raw
        if raw.startswith(b"data: ") and raw.find(b"\n") == len(raw) - 2 and b"\r" not in raw:
            return raw[6:-2]
        return b"\n".join(self._values(b"data"))

    @property
    def name(self) -> str:
        """The `event:` field; empty stands for `message`."""
        return (self._values(b"event") or [b""])[-1].decode("utf-8", "replace")

    @property
    def id(self) -> str:
        """The `id:` field, or empty."""
        return (self._values(b"id") or [b""])[-1].decode("utf-8", "replace")

    def _values(self, field: bytes) -> list[bytes]:
        values = []
        for line in _LINE.split(self.raw.removeprefix(BOM)):
            name, _, value = line.partition(b":")
            if name == field:
                values.append(value.removeprefix(b" "))
        return values


class Splitter:
    """Cuts a stream into events.

    A lone `\\r` at the very end of a piece waits for the next byte, which may be the `\\n` that belongs to it; so the
    events are the same however the stream was cut.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def held(self) -> bytes:
        """What was taken and is not yet a whole event."""
        return bytes(self._held)

    def feed(self, piece: bytes) -> list[Event]:
        """The events that `piece` completes, in order."""
        if not self._held and piece.endswith(b"\n\n") and piece.find(b"\n\n") == len(piece) - 2 and b"\r" not in piece:
            return [Event(piece)]
        held = self._held
        seen = max(0, len(held) - _OVERLAP)
        held += piece
        events, begin = [], 0
        while end := _blank(held, seen):
            events.append(Event(bytes(held[begin:end])))
            begin = seen = end
        del held[:begin]
        return events

    def end(self) -> bytes:
        """The stream is over: gives back what never became a whole event."""
        rest = bytes(self._held)
        self._held.clear()
        return rest


def _blank(held: bytearray, start: int) -> int:
    """The end of the first blank line at or after `start`; 0 when there is none that is sure."""
    if b"\r" not in held:
        return held.find(b"\n\n", start) + 2 if held.find(b"\n\n", start) >= 0 else 0
    found = _BLANK.search(held, start)
    if found is None or (found.end() == len(held) and held.endswith(b"\r")):
        return 0
    return found.end()


def payloads(body: bytes) -> list[bytes]:
    """The data of every event of a whole stream; an unclosed last event counts too, so that nothing said is lost."""
    if body.startswith(_DATA) and body.endswith(b"\n\n") and b"\r" not in body:
        plain = body[len(_DATA) : -2].split(b"\n\n" + _DATA)
        if body.count(b"\n") == 2 * len(plain):  # no line end but those between events: one line of data in each
            return plain
    splitter = Splitter()
    events = splitter.feed(body.removeprefix(BOM))
    events.append(Event(splitter.end()))
    return [data for event in events if (data := event.data)]


def encode(data: bytes, *, event: str = "", id: str = "") -> bytes:
    """One event. Every line of `data` becomes a data line. Raises `ValueError` when a field cannot hold its value."""
    head = b""
    for name, value in ((b"event", event), (b"id", id)):
        if "\n" in value or "\r" in value:
            raise ValueError(f"a line end cannot stand in an event's {name.decode()}")
        head += name + b": " + value.encode() + b"\n" if value else b""
    return head + b"".join(b"data: " + line + b"\n" for line in _LINE.split(data)) + b"\n"

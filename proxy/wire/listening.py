"""Tool calls heard while a reply passes: each as soon as its arguments are complete, long before the reply ends.

It must not know who wants to hear them, nor hold the reply up. Sources: the streaming references of OpenAI (Chat
Completions, Responses) and Anthropic (Messages).
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy.conversation import ToolCall
from proxy.wire import Form
from proxy.wire.document import loads
from proxy.wire.parts import call, mapping, sequence, word, written
from proxy.wire.sse import Splitter

Tell = Callable[[ToolCall], None]
MARKS = (b"tool_call", b"function_call", b"tool_use", b"input_json_delta", b"content_block_stop")
"""What an event about a tool call holds; others are not parsed."""
STRUCTURE = re.compile(r'[{}\[\]"\\]')
WINDOW = 47
"""zlib's number for gzip and deflate, told apart by their first bytes."""


class Scanner:
    """Reads JSON text piece by piece and knows when its outermost object is closed. Text that is no object never is."""

    __slots__ = ("_begun", "_depth", "_escaped", "_other", "_text", "closed")

    def __init__(self) -> None:
        self._begun = False
        self._other = False
        self._depth = 0
        self._text = False
        self._escaped = False
        self.closed = False

    def feed(self, piece: str) -> bool:
        """Takes a piece; True once the object is closed."""
        if not self._begun:
            piece = piece.lstrip()
            self._begun = bool(piece)
            self._other = piece[:1] not in ("", "{")
        if self._other:
            return False
        start = 1 if self._escaped and piece else 0
        self._escaped = self._escaped and not piece
        for found in STRUCTURE.finditer(piece, start):
            if found.start() < start:
                continue
            mark = found[0]
            if mark == "\\":
                start = found.end() + 1
                self._escaped = start > len(piece)
            elif mark == '"':
                self._text = not self._text
            elif not self._text:
                self._depth += 1 if mark in "{[" else -1
                self.closed = self.closed or self._depth == 0
        return self.closed


@dataclass(slots=True)
class Emerging:
    """A tool call on its way."""

    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    scanner: Scanner = field(default_factory=Scanner)
    told: bool = False

    def add(self, piece: str) -> bool:
        """Takes a piece of its arguments; True once they are complete."""
        self.pieces.append(piece)
        return self.scanner.feed(piece)


class Listener:
    """Hears one reply. Feed it the bytes as they pass; it never raises and never waits."""

    def __init__(self, form: Form, tell: Tell, *, events: bool, encoding: str = "", limit: int = 16 << 20) -> None:
        """`encoding`: the reply's content encoding; of one that cannot be undone nothing is heard. `limit`: bytes of a
        reply that is no stream, beyond which it is not heard either."""
        self._form = form
        self._tell = tell
        self._events = events
        self._inflate = zlib.decompressobj(WINDOW) if encoding in ("gzip", "x-gzip", "deflate") else None
        self._deaf = bool(encoding) and encoding != "identity" and self._inflate is None
        self._splitter = Splitter()
        self._body = bytearray()
        self._limit = limit
        self._calls: dict[object, Emerging] = {}

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the reply."""
        if self._deaf:
            return
        try:
            piece = self._inflate.decompress(chunk, self._limit) if self._inflate else chunk
            if self._events:
                self._hear_events(piece)
            else:
                self._hear_document(piece)
        except Exception:  # whatever a provider sends: the reply passes all the same
            self._deaf = True

    def _hear_document(self, piece: bytes) -> None:
        body = self._body
        body += piece
        if len(body) > self._limit:
            self._deaf = True
            body.clear()
        elif piece.rstrip().endswith(b"}") and isinstance(loads(bytes(body)), dict):
            self._deaf = True
            for turn in self._form.fold(bytes(body), events=False).turns:
                for told in turn.calls:
                    self._tell(told)

    def _hear_events(self, piece: bytes) -> None:
        for event in self._splitter.feed(piece):
            raw = event.raw
            if any(mark in raw for mark in MARKS) or (self._calls and b"finish_reason" in raw):
                self._hear(mapping(loads(event.data)))

    def _hear(self, event: Mapping[str, Any]) -> None:
        kind = word(event.get("type"))
        if kind.startswith("response."):
            self._of_responses(kind, event)
        elif kind.startswith("content_block"):
            self._of_messages(kind, event)
        else:
            for choice in map(mapping, sequence(event.get("choices"))):
                if not choice.get("index"):
                    self._of_chat(choice)

    def _of_chat(self, choice: Mapping[str, Any]) -> None:
        delta = mapping(choice.get("delta") or choice.get("message"))
        for raw in map(mapping, sequence(delta.get("tool_calls"))):
            self._piece(raw)
        if isinstance(delta.get("function_call"), dict):
            said = call(delta["function_call"])
            self._open("function", said).add(said.arguments)
        if choice.get("finish_reason"):
            for key in list(self._calls):
                self._complete(key)

    def _piece(self, raw: Mapping[str, Any]) -> None:
        """A piece of a chat tool call. Some servers number all 0: another id with a name of its own is another call."""
        key = raw["index"] if isinstance(raw.get("index"), int) else -1
        said = call(raw.get("function") or raw.get("custom"), word(raw.get("id")))
        current = self._calls.get(key)
        if current is not None and said.id and said.name and said.id != current.id:
            self._complete(key)
            del self._calls[key]
        if self._open(key, said).add(said.arguments):
            self._complete(key)

    def _of_responses(self, kind: str, event: Mapping[str, Any]) -> None:
        item = mapping(event.get("item"))
        if kind == "response.output_item.added":
            key = word(item.get("id"))
            self._open(key, ToolCall(word(item.get("call_id")) or key, word(item.get("name")), ""))
        elif kind == "response.function_call_arguments.done":
            key = word(event.get("item_id"))
            if key in self._calls:
                self._calls[key].pieces = [word(event.get("arguments"))]
                self._complete(key)
        elif kind == "response.output_item.done" and item.get("type") == "function_call":
            key = word(item.get("id"))
            id = word(item.get("call_id")) or key
            self._open(key, ToolCall(id, word(item.get("name")), "")).pieces = [word(item.get("arguments"))]
            self._complete(key)

    def _of_messages(self, kind: str, event: Mapping[str, Any]) -> None:
        key = event.get("index")
        if kind == "content_block_start":
            block = mapping(event.get("content_block"))
            if block.get("type") == "tool_use":
                begun = self._open(key, ToolCall(word(block.get("id")), word(block.get("name")), ""))
                begun.pieces = [written(block["input"])] if block.get("input") else []
        elif key in self._calls:
            piece = word(mapping(event.get("delta")).get("partial_json"))
            if kind == "content_block_stop" or (kind == "content_block_delta" and self._calls[key].add(piece)):
                self._complete(key)

    def _open(self, key: object, said: ToolCall) -> Emerging:
        current = self._calls.setdefault(key, Emerging())
        current.id, current.name = current.id or said.id, current.name or said.name
        return current

    def _complete(self, key: object) -> None:
        current = self._calls[key]
        if not current.told and current.name:
            current.told = True
            self._tell(ToolCall(current.id, current.name, "".join(current.pieces)))

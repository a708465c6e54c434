"""The usage that the client is told: that of all calls, not of the last one alone.

It must not know what the calls were. A filter: every byte but the usage passes as it came.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policies.inner.documents import object_of
from policies.inner.spent import Spent
from policies.inner.splicing import json_of

MARK = b'"usage"'
ENDS = (b"\n\n", b"\r\n\r\n")
Json = dict[str, Any]


class Bill:
    """Adds what was spent before to the usage in a reply of the form, streamed or not."""

    def __init__(self, form: str, spent: Spent) -> None:
        self._add = FORMS[form]
        self._spent = spent
        self._held = b""
        self._whole: bool | None = None

    @property
    def held(self) -> bytes:
        """What has come and is not given yet."""
        return self._held

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Events that are complete; of a document nothing before its end."""
        self._held += chunk
        if self._whole is None and self._held.strip():
            self._whole = self._held.lstrip()[:1] == b"{"
        if self._whole is not False:
            return ()
        out = []
        while (cut := self._border()) > 0:
            event, self._held = self._held[:cut], self._held[cut:]
            out.append(self._event(event) if MARK in event else event)
        return out

    def end(self) -> Sequence[bytes]:
        """The document, or what stands behind the last event."""
        held, self._held = self._held, b""
        if not held:
            return ()
        return (self._added(held) if self._whole and MARK in held else held,)

    def _border(self) -> int:
        """Where the first complete event ends; 0 where there is none."""
        found = [place + len(end) for end in ENDS if (place := self._held.find(end)) >= 0]
        return min(found, default=0)

    def _event(self, event: bytes) -> bytes:
        """The event with its data changed; other lines stay."""
        lines = event.splitlines(keepends=True)
        data = [place for place, line in enumerate(lines) if line.startswith(b"data:")]
        if len(data) != 1:
            return event
        line = lines[data[0]]
        raw = line[len(b"data:") :].strip()
        lines[data[0]] = line.replace(raw, self._added(raw))
        return b"".join(lines)

    def _added(self, raw: bytes) -> bytes:
        document = object_of(raw)
        if document is None or not self._add(document, self._spent):
            return raw
        return json_of(document)


def _chat(document: Json, spent: Spent) -> bool:
    usage = document.get("usage")
    if not isinstance(usage, dict):
        return False
    _plus(usage, {"prompt_tokens": spent.prompt, "completion_tokens": spent.completion, "total_tokens": spent.tokens})
    _plus(usage.get("prompt_tokens_details"), {"cached_tokens": spent.cached})
    _plus(usage.get("completion_tokens_details"), {"reasoning_tokens": spent.reasoning})
    return True


def _responses(document: Json, spent: Spent) -> bool:
    inner = document.get("response", document)
    usage = inner.get("usage") if isinstance(inner, dict) else None
    if not isinstance(usage, dict):
        return False
    _plus(usage, {"input_tokens": spent.prompt, "output_tokens": spent.completion, "total_tokens": spent.tokens})
    _plus(usage.get("input_tokens_details"), {"cached_tokens": spent.cached})
    _plus(usage.get("output_tokens_details"), {"reasoning_tokens": spent.reasoning})
    return True


def _messages(document: Json, spent: Spent) -> bool:
    """`message_start` tells the prompt, `message_delta` the answer so far (and the prompt again, from some)."""
    inner = document.get("message", document)
    usage = inner.get("usage") if isinstance(inner, dict) else None
    if not isinstance(usage, dict):
        return False
    prompt = {
        "input_tokens": spent.prompt - spent.cached - spent.cache_write,
        "cache_read_input_tokens": spent.cached,
        "cache_creation_input_tokens": spent.cache_write,
    }
    _plus(usage, {name: number for name, number in prompt.items() if name in usage})
    if document.get("type") != "message_start":
        _plus(usage, {"output_tokens": spent.completion})
    return True


def _plus(usage: Any, numbers: Mapping[str, int]) -> None:
    if not isinstance(usage, dict):
        return
    for name, number in numbers.items():
        known = usage.get(name)
        usage[name] = number + (known if isinstance(known, int) else 0)


FORMS: Mapping[str, Callable[[Json, Spent], bool]] = {"chat": _chat, "responses": _responses, "messages": _messages}

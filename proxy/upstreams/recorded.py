"""An upstream that answers from recordings: no provider, no key, no cost, the same words every time.

It must not know HTTP, the pool or the engine.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

import orjson

from proxy.conversation import Turn
from proxy.exchange import Reply, Request
from proxy.upstreams.listing import LISTING
from proxy.upstreams.speak import Speech, document, events
from proxy.upstreams.takes import Take, Takes, bare_key, key_of, read_takes
from proxy.upstreams.tally import Tally
from proxy.wire.errors import failure
from proxy.wire.forms import Forms

JSON = (b"content-type", b"application/json")
EVENTS = (b"content-type", b"text/event-stream; charset=utf-8")
FIRST_BYTE_SHARE = 0.5
"""Of the time that a trace's reply took, the part before its first byte; the traces know only when it ended."""
Timed = Iterator[tuple[float, bytes]]
"""Seconds to wait, then the bytes."""


def estimate(text: str) -> int:
    """Tokens of a text, by the rule of thumb of four bytes a token."""
    return max(1, len(text.encode("utf-8", "surrogatepass")) // 4)


class RecordedUpstream:
    """Answers requests whose conversation was recorded; see `takes` for the files.

    The same conversation is the same strict digest in the same wire form. Where several recordings share it they take
    turns, because identical beginnings may go on differently. `speed` 0 answers at once, 1 at the recorded pace, 10
    ten times faster. Traces are spoken in the chat form, streamed or whole, with tokens counted by `count`; recordings
    give back their own bytes. A request that policies have changed gets the answer to what the client asked. What was
    not recorded gets a 404 with code `not_recorded`.

    Raises `OSError` and `ValueError` for files that cannot be read.
    """

    def __init__(
        self,
        name: str,
        paths: Iterable[str],
        *,
        speed: float = 0.0,
        count: Callable[[str], int] = estimate,
        forms: Forms | None = None,
    ) -> None:
        self.name = name
        self._speed = speed
        self._forms = forms or Forms()
        self._takes: Takes = read_takes(paths, self._forms)
        self._next: dict[bytes, int] = {}
        self._tally = Tally(count)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that were recorded."""
        return tuple(self._takes.models)

    async def send(self, request: Request) -> Reply:
        """The recorded answer, or a 404; raises nothing of its own."""
        if request.method in ("GET", "HEAD") and request.path == LISTING:
            return self._reply(200, (JSON,), iter([(0.0, self._listing())]))
        turns = self._turns(request)
        key = key_of(request.form, request.origin or turns[-1].strict) if turns else bare_key(request)
        takes = self._takes.by_key.get(key)
        if not takes:
            return self._not_recorded(request, turns)
        place = self._next.get(key, 0)
        self._next[key] = (place + 1) % len(takes)
        take = takes[place]
        if take.completion is not None and take.stream == request.stream:
            return self._replayed(take)
        return self._spoken(request, turns, take, f"chatcmpl-{key[-16:].hex()[:24]}{place:x}")

    async def close(self) -> None:
        """Nothing to give back."""

    def _turns(self, request: Request) -> Sequence[Turn]:
        if request.conversation is not None:
            return request.conversation.turns
        try:
            body = self._forms.of(request.method, request.path).read(request.body)
        except ValueError:
            return ()
        return body.conversation.turns if body.conversation is not None else ()

    def _listing(self) -> bytes:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": self.name} for name in self.models]
        return orjson.dumps({"object": "list", "data": data})

    def _not_recorded(self, request: Request, turns: Sequence[Turn]) -> Reply:
        beginnings = self._takes.beginnings
        best = len(turns)
        while best and key_of(request.form, turns[best - 1].strict) not in beginnings:
            best -= 1
        what = f"at best {best} of its {len(turns)} turns match a recording" if turns else "its bytes match none"
        message = f"upstream {self.name} has no recorded answer to this {request.form} request: {what}"
        return self._reply(404, (JSON,), iter([(0.0, failure(message, code="not_recorded"))]))

    def _replayed(self, take: Take) -> Reply:
        completion = take.completion
        assert completion is not None
        kept = tuple(pair for pair in completion.headers if pair[0] not in (b"content-length", b"transfer-encoding"))
        return self._reply(completion.status, kept, _beats(completion.body, completion.beats, take.wait_s))

    def _spoken(self, request: Request, turns: Sequence[Turn], take: Take, name: str) -> Reply:
        message = take.message or self._message(request, take)
        if request.form != "chat" or message is None:
            return self._not_recorded(request, turns)
        chat = self._forms.of("POST", request.path)
        said = chat.fold(orjson.dumps({"choices": [{"message": message}]}), events=False).turns
        speech = Speech(name, request.model or take.model, message, self._tally.usage(turns, said[0]))
        if not request.stream:
            return self._reply(200, (JSON,), iter([(take.wait_s, document(speech))]))
        options = request.conversation.fields.get("stream_options") if request.conversation is not None else None
        include_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        return self._reply(200, (EVENTS,), _spread(list(events(speech, include_usage=include_usage)), take.wait_s))

    def _message(self, request: Request, take: Take) -> dict[str, object] | None:
        """A recording's chat message, where it is asked for streamed but was recorded whole, or the other way."""
        if take.completion is None or request.form != "chat":
            return None
        outcome = self._forms.of("POST", request.path).fold(take.completion.body, events=take.stream)
        if not outcome.turns:
            return None
        turn = outcome.turns[0]
        message: dict[str, object] = {"role": "assistant", "content": turn.text or None}
        if turn.calls:
            functions = [(call.id, {"name": call.name, "arguments": call.arguments}) for call in turn.calls]
            message["tool_calls"] = [{"id": id_, "type": "function", "function": told} for id_, told in functions]
        return message

    def _reply(self, status: int, headers: tuple[tuple[bytes, bytes], ...], timed: Timed) -> Reply:
        return Reply(status, headers, self._paced(timed), self.name)

    async def _paced(self, timed: Timed) -> AsyncIterator[bytes]:
        for wait_s, piece in timed:
            if self._speed and wait_s:
                await asyncio.sleep(wait_s / self._speed)
            yield piece


def _beats(body: bytes, beats: Sequence[tuple[float, int]], wait_s: float) -> Timed:
    """A recording's bytes in the chunks in which they came."""
    start, before = 0, -wait_s
    for at, length in beats:
        yield at - before, body[start : start + length]
        start, before = start + length, at
    if start < len(body):
        yield 0.0, body[start:]


def _spread(pieces: Sequence[bytes], wait_s: float) -> Timed:
    """The first piece after its share of the time, the others evenly over the rest."""
    each = wait_s * (1 - FIRST_BYTE_SHARE) / max(1, len(pieces) - 1)
    for place, piece in enumerate(pieces):
        yield each if place else wait_s * FIRST_BYTE_SHARE, piece

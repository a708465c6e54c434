"""The recorder: decides how much of a request body is written, which is what its session has not yet said.

It must not know the form of a line, nor who keeps the lines.

An agent sends its whole conversation with every turn. The recorder keeps the last body of each session, and where the
next one repeats it, only what lies between the common beginning and the common end (tools, mostly) is written.
"""

from collections import OrderedDict
from typing import NamedTuple

from proxy.exchange import Exchange
from proxy.record import Like, Mode
from proxy.recording import write
from proxy.redact import Redactor

SMALL = 4_096
"""Bytes below which a body is written whole: there is little to save."""
EVERY = 32
"""At least one line in so many holds its body whole: this many lines are lost at most with a line they hang on."""
TRUSTED_S = 300.0
"""Seconds between two requests after which the body is written whole: the store may have forgotten the earlier one."""
KEPT_BYTES = 32 << 20

Strand = tuple[str, str, str]
"""Caller, session and purpose: what a policy asks along the way is a conversation of its own."""


class Said(NamedTuple):
    """The body recorded last, of which the next line may hold the difference."""

    id: str
    at: float
    body: bytes
    line: int
    """Lines since a whole one, which is 0."""


class Recorder:
    """Makes a line of an exchange; `proxy.recorded_bodies` reads the lines back.

    Lines of mode `meta` and redacted ones stand by themselves. `kept_bytes` bounds the bodies it remembers; the
    strand that is silent for longest goes first.
    """

    def __init__(self, mode: Mode, redact: Redactor | None = None, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._mode: Mode = mode
        self._redact = redact
        self._room = kept_bytes
        self._said: OrderedDict[Strand, Said] = OrderedDict()

    def __call__(self, exchange: Exchange, parent: str = "") -> bytes:
        """The exchange as one line of JSON, without a newline; `parent` is the exchange that asked for it, if any."""
        grows = self._mode == "full" and self._redact is None and len(exchange.request.body) >= SMALL
        like = self._like(exchange) if grows else None
        return write(exchange, mode=self._mode, redact=self._redact, parent=parent, like=like)

    def _like(self, exchange: Exchange) -> Like | None:
        """What the body repeats of the one before it in its strand, if that is most of it; remembers the body."""
        body, strand = exchange.request.body, (exchange.request.caller, exchange.session.id, exchange.purpose)
        before = self._said.pop(strand, None)
        self._room += len(before.body) if before else 0
        like = _repeated(exchange, before) if before else None
        # A new strand begins somewhere in the round, so that sessions that started together do not all write whole
        # bodies at the same turn.
        line = before.line + 1 if before and like else 0 if before else exchange.seed % EVERY
        self._said[strand] = Said(exchange.id, exchange.now, body, line)
        self._room -= len(body)
        while self._room < 0:
            _, gone = self._said.popitem(last=False)
            self._room += len(gone.body)
        return like


def _repeated(exchange: Exchange, before: Said) -> Like | None:
    if before.line + 1 >= EVERY or exchange.now - before.at > TRUSTED_S:
        return None
    body = exchange.request.body
    first = _first(before.body, body)
    last = _last(before.body, body, first)
    return Like(before.id, first, last) if 2 * (first + last) >= len(body) else None


def _first(old: bytes, new: bytes) -> int:
    """How many bytes both begin with. Halves the rest of the way with each step; in all, a byte is compared once."""
    view, low, high = memoryview(old), 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if new.startswith(view[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


def _last(old: bytes, new: bytes, first: int) -> int:
    """How many bytes both end with, without the `first` ones."""
    view, low, high = memoryview(old), 0, min(len(old), len(new)) - first
    while low < high:
        middle = (low + high + 1) // 2
        if new.endswith(view[len(old) - middle : len(old) - low], first, len(new) - low):
            low = middle
        else:
            high = middle - 1
    return low

"""The log: one line for each exchange and for whatever else is worth saying, JSON or text.

It must not know content: no prompt, no answer, no credential, no query, no provider's error text.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from proxy.exchange import Completion, Exchange, Usage
from proxy.telemetry import error_type
from proxy.telemetry.lines import Lines

Mode = Literal["auto", "json", "text", "off"]
Spelling = Callable[[dict[str, Any]], bytes]
"""How a line's fields become a line."""

NO_USAGE = Usage()
NO_COMPLETION = Completion(0, whole=False)
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
NAMES = {logging.INFO: "info", logging.WARNING: "warning", logging.ERROR: "error"}


class ExchangeLog:
    """A sink that writes a line for each finished exchange."""

    def __init__(self, lines: Lines, spell: Spelling, level: int = logging.INFO) -> None:
        """`level` is the least weight that is written: `logging.INFO` for every exchange, `WARNING` for those the
        provider refused or a policy failed in, `ERROR` for those that got no whole answer."""
        self._lines = lines
        self._spell = spell
        self._level = level

    def __call__(self, exchange: Exchange) -> None:
        """Writes its line. What an errand counts after its exchange is none."""
        if exchange.completion is None:
            return
        told = tell(exchange)
        if told["level"] >= self._level:
            told["level"] = NAMES[told["level"]]
            self._lines.put(self._spell(told))

    def flush(self) -> None:
        """Writes what is waiting."""
        self._lines.flush()


class LineHandler(logging.Handler):
    """Sends the standard library's log records the same way in the same shape."""

    def __init__(self, lines: Lines, spell: Spelling) -> None:
        super().__init__()
        self._lines = lines
        self._spell = spell

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the record; a warning or worse at once."""
        try:
            told = {
                "time": datetime.fromtimestamp(record.created, UTC),
                "level": record.levelname.lower(),
                "logger": record.name,
                "event": record.getMessage(),
            }
            if record.exc_info:
                told["error"] = logging.Formatter().formatException(record.exc_info)
            self._lines.put(self._spell(told), now=record.levelno >= logging.WARNING)
        except Exception:
            self.handleError(record)


def configure(
    mode: Mode = "auto", level: str = "info", *, write: Callable[[bytes], object] | None = None
) -> ExchangeLog:
    """Sets up all logging of this process, once, and gives the sink for exchanges.

    `auto` is text on a terminal, else JSON; `off` leaves only warnings and errors that belong to no exchange.
    `level` is `debug`, `info`, `warning` or `error`. `write` takes the bytes (None: stderr). Everything that uses
    `logging.getLogger` comes out in the same shape.
    """
    text = mode == "text" or (mode != "json" and sys.stderr.isatty())
    spell = as_text if text else as_json
    lines = Lines(write or _to_stderr, lambda count: spell(_dropped(count)))
    weight = logging.getLevelNamesMapping()[level.upper()]
    general = max(weight, logging.WARNING) if mode == "off" else weight
    logging.basicConfig(handlers=[LineHandler(lines, spell)], level=general, force=True)
    return ExchangeLog(lines, spell, logging.CRITICAL + 1 if mode == "off" else weight)


def tell(exchange: Exchange) -> dict[str, Any]:
    """The fields of an exchange's line; `level` as a number, times in milliseconds, cost in US dollars."""
    request, session, completion = exchange.request, exchange.session, exchange.completion or NO_COMPLETION
    usage, error = completion.usage or NO_USAGE, error_type(completion)
    decisions: list[str] = []
    faults: list[str] = []
    for note in exchange.notes:
        (decisions if note.kind == "decision" else faults).append(f"{note.by}.{note.moment}: {note.reason}")
    return {
        "time": datetime.fromtimestamp(exchange.now, UTC),
        "level": _weight(error) if error or faults else logging.INFO,
        "id": exchange.id,
        "session": session.id,
        "agent": session.agent,
        "run": session.run,
        "source": session.source,
        "purpose": exchange.purpose,
        "method": request.method,
        "path": request.path,
        "model": request.model,
        "status": completion.status,
        "stream": request.stream,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "cached_tokens": usage.cached,
        "cost": completion.cost,
        # `round` with digits would take as long as all the rest.
        "first_byte_ms": int(completion.first_byte_s * 1e4 + 0.5) / 10,
        "total_ms": int(completion.total_s * 1e4 + 0.5) / 10,
        "overhead_ms": int(completion.overhead_s * 1e6 + 0.5) / 1e3,
        "decisions": decisions,
        "faults": faults,
        "upstream": completion.upstream,
        "error": error,
    }


def as_json(told: dict[str, Any]) -> bytes:
    """One line of JSON; times as RFC 3339 in UTC."""
    try:
        return orjson.dumps(told, option=OPTIONS)
    except TypeError:
        return json.dumps(told, default=str).encode() + b"\n"


def as_text(told: dict[str, Any]) -> bytes:
    """One line for a person, in local time; a traceback keeps its lines."""
    clock = told["time"].astimezone().strftime("%H:%M:%S") if "time" in told else "--:--:--"
    if "event" in told:
        error = f"\n{told['error']}" if "error" in told else ""
        return f"{clock} {told['level']:7} {told['logger']}: {told['event']}{error}\n".encode("utf-8", "replace")
    return f"{clock} {_speakable(_sentence(told))}\n".encode()


def _sentence(told: dict[str, Any]) -> str:
    """An exchange in words: what was asked, how it went, what it cost, whose it was, what was decided."""
    words = [
        f"{told['status']} {told['method']} {told['path']} {told['model']}".rstrip(),
        f"{told['total_ms']:.0f} ms (first byte {told['first_byte_ms']:.0f}, own {told['overhead_ms']:.2f})",
    ]
    if told["prompt_tokens"] or told["completion_tokens"]:
        cached = f", {told['cached_tokens']} cached" if told["cached_tokens"] else ""
        words.append(f"{told['prompt_tokens']}+{told['completion_tokens']} tokens{cached}")
    if told["cost"] is not None:
        words.append(f"${told['cost']:.4f}")
    words.append(" ".join(filter(None, (told["agent"], told["session"], told["purpose"]))))
    words += told["decisions"]
    words += [f"! {fault}" for fault in told["faults"]]
    if told["error"]:
        words.append(f"! {told['error']}")
    return " · ".join(words)


def _weight(error: str) -> int:
    """An answer that failed is an error; one that was refused or left, or a fault that cost nothing, a warning."""
    own = not error or error.startswith("4") or error in ("client_left", "unused")
    return logging.WARNING if own else logging.ERROR


def _speakable(text: str) -> str:
    """The text with control characters and broken ones escaped: clients choose names, and a terminal obeys."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _dropped(count: int) -> dict[str, Any]:
    event = f"{count} lines dropped: nobody reads them as fast as they come"
    return {"time": datetime.now(UTC), "level": "warning", "logger": "outrider.log", "event": event}


def _to_stderr(text: bytes) -> None:
    """Writes to file descriptor 2 itself: at exit Python may already have closed `sys.stderr`."""
    while text:
        text = text[os.write(2, text) :]

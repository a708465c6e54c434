"""What a provider's reply says of its rate limits, read from the headers.

It must not know models, memory, or a clock: the time is given.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from proxy.exchange import Headers, header

LONGEST_S = 600.0
"""A provider may ask for more; no model is left alone for longer on its word."""
REFILL_S = 60.0
"""Most for a limit that is told to be used up: it fills all the time, and what is told is when it will be full."""
TOKENS = (
    (b"x-ratelimit-remaining-tokens", b"x-ratelimit-reset-tokens"),
    (b"anthropic-ratelimit-input-tokens-remaining", b"anthropic-ratelimit-input-tokens-reset"),
    (b"anthropic-ratelimit-tokens-remaining", b"anthropic-ratelimit-tokens-reset"),
)
"""What is left, and when it will be full again. Sources: OpenAI, "Rate limits in headers"; Anthropic, "Rate limits"."""
REQUESTS = (
    (b"x-ratelimit-remaining-requests", b"x-ratelimit-reset-requests"),
    (b"anthropic-ratelimit-requests-remaining", b"anthropic-ratelimit-requests-reset"),
)
SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Limit(NamedTuple):
    """How much may still be asked of a model."""

    until: float = 0.0
    """Epoch seconds before which nothing may be asked; 0: at once."""
    tokens: int = -1
    """Left until `full`; -1: not told."""
    full: float = 0.0
    """Epoch seconds at which there will be more tokens."""


def limit(headers: Headers, now: float, *, refused: bool) -> Limit:
    """What a reply's headers say; `refused`: it was a 429 or 503, whose wish to be left alone counts."""
    until = now + min(asked_s(headers, now), LONGEST_S) if refused else 0.0
    requests, refill = _least(headers, REQUESTS, now)
    if requests == 0:
        until = max(until, refill)
    tokens, full = _least(headers, TOKENS, now)
    return Limit(until if until > now else 0.0, tokens, full)


def asked_s(headers: Headers, now: float) -> float:
    """Seconds that a reply asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110
    §10.2.3); 0 when it does not say, or not understandably."""
    told = header(headers, b"retry-after-ms")
    return _number(told) / 1000 if told else _ahead(header(headers, b"retry-after"), now)


def _least(headers: Headers, names: tuple[tuple[bytes, bytes], ...], now: float) -> tuple[int, float]:
    """The smallest number of those that are told, and when it will have grown; -1 where none is."""
    found = []
    for remaining, reset in names:
        told = header(headers, remaining).strip()
        if told.isascii() and told.isdigit() and len(told) < 16:
            found.append((int(told), now + min(_ahead(header(headers, reset), now), REFILL_S)))
    return min(found, default=(-1, 0.0))


def _ahead(told: str, now: float) -> float:
    """Seconds from now of what is told as seconds, as a span (`1m30s`, `120ms`) or as a date; 0: not understood."""
    told = told.strip()
    if number := _number(told):
        return number
    spans = SPAN.findall(told)
    if spans and "".join(number + unit for number, unit in spans) == told:
        return _bounded(sum(float(number) * UNITS[unit] for number, unit in spans))
    try:
        iso = told[:4].isdigit() and "T" in told
        date = datetime.fromisoformat(told) if iso else parsedate_to_datetime(told)
        return _bounded((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError, OSError):
        return 0.0


def _number(told: str) -> float:
    try:
        return _bounded(float(told))
    except ValueError:
        return 0.0


def _bounded(seconds: float) -> float:
    return seconds if 0.0 <= seconds < 1e9 else 0.0

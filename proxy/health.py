"""How an upstream is doing, folded from what became of its requests. Pure.

It must not know a clock, an upstream or a wire form: the time comes with each outcome.
"""

from email.utils import parsedate_to_datetime
from typing import NamedTuple

from proxy.exchange import Headers, header
from proxy.roster import Health

WEIGHT = 0.2
"""How much the newest latency counts in the moving average."""
TOLERATED = 3
"""Failures in a row after which an upstream is left alone."""
FIRST_REST_S = 5.0
LONGEST_REST_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
"""An upstream may ask for more; nobody is left alone for longer on its word."""


class Outcome(NamedTuple):
    """What became of one request to an upstream."""

    ok: bool
    first_byte_s: float = 0.0
    """Seconds to the first byte of the body; only of those that went well."""
    at: float = 0.0
    """Epoch seconds at which it was known."""
    retry_after_s: float = 0.0
    """What a 429 or 503 asked for, or 0."""


def fold(health: Health, outcome: Outcome) -> Health:
    """The health after one more outcome.

    A circuit breaker: after three failures in a row the upstream rests for 5 s; when the first request after a rest
    fails too it rests twice as long, up to a minute. Failures that come in during a rest were sent before it and do
    not lengthen it. `Retry-After` is honoured at once.
    """
    requests = health.requests + 1
    if outcome.ok:
        first = not health.latency_s
        latency = outcome.first_byte_s if first else _average(health.latency_s, outcome.first_byte_s)
        return Health(requests, health.failures, 0, latency, 0.0)
    failed = health._replace(requests=requests, failures=health.failures + 1)
    asked = outcome.at + min(outcome.retry_after_s, LONGEST_RETRY_AFTER_S) if outcome.retry_after_s > 0 else 0.0
    if outcome.at < health.open_until:
        return failed._replace(open_until=max(health.open_until, asked))
    streak = health.streak + 1
    return failed._replace(streak=streak, open_until=max(asked, outcome.at + rest_s(streak) if rest_s(streak) else 0.0))


def rest_s(streak: int) -> float:
    """Seconds an upstream rests after so many failures in a row."""
    if streak < TOLERATED:
        return 0.0
    # The exponent is bounded so that a long streak cannot overflow.
    return min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(streak - TOLERATED, 16))


def well(health: Health | None, now: float) -> bool:
    """Whether the upstream may be asked before others. One that rests is still asked when there is no other."""
    return health is None or health.open_until <= now


def is_failure(status: int) -> bool:
    """Whether an answer's status speaks against the upstream: 408, 429 and 5xx do, a client's own mistake does not."""
    return status >= 500 or status in (408, 429)


def retry_after_s(headers: Headers, now: float) -> float:
    """Seconds that a reply asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110
    §10.2.3); 0 when it does not say, or not understandably."""
    try:
        in_ms = header(headers, b"retry-after-ms")
        if in_ms:
            return _finite(float(in_ms) / 1000)
        told = header(headers, b"retry-after")
        if not told:
            return 0.0
        if told.strip()[:1].isdigit():
            return _finite(float(told))
        return max(0.0, parsedate_to_datetime(told).timestamp() - now)
    except (ValueError, OverflowError, OSError):
        return 0.0


def _finite(seconds: float) -> float:
    return seconds if 0.0 <= seconds < 1e9 else 0.0


def _average(old: float, new: float) -> float:
    return old + WEIGHT * (new - old)

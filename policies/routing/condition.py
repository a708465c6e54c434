"""How each model is doing: failures, waiting times and rate limits, folded from what became of its requests.

It must not know the road, wire forms or a clock: times come with what is seen. The lesson is JSON:
`{model: {"asked", "failed", "at", "streak", "until", "waits": {kind: [at, seconds]}, "limits": {caller: limit},
"gone": {caller: until}}}`.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

from policies.routing.limits import Limit

MOST_MODELS = 200
MOST_CALLERS = 50
WAITS = 24
"""Waiting times of a model that are kept, of each kind."""
FEWEST_WAITS = 3
STALE_S = 900.0
"""Waiting times say nothing any more after so long, and a model that was slow is tried again."""
HALF_LIFE_S = 300.0
"""In which a failure, or a success, comes to count half."""
DOUBT = 4.0
"""Requests that went well, which are believed of a model before any was made."""
TOLERATED = 3
"""Failures in a row after which a model is left out."""
FIRST_REST_S, LONGEST_REST_S = 5.0, 60.0
LIMITED_S = 10.0
"""After a 429 that does not say how long."""


class Sighting(NamedTuple):
    """What became of one request to a model: JSON-able, and nothing of what was said."""

    model: str
    at: float
    """Epoch seconds at which it was known."""
    became: str
    """`well`, `failed`, `limited` (a 429), or `gone`: its upstream does not know it."""
    caller: str = ""
    """Whose limits the reply speaks of."""
    limit: Limit = Limit()
    kind: str = "whole"
    """`stream`: seconds are to the first byte; `whole`: to the end, as nobody sees anything before."""
    waited_s: float = 0.0

    def told(self) -> list[Any]:
        """As it is handed to `fold`."""
        return [*self[:4], list(self.limit), *self[5:]]


class Condition(NamedTuple):
    """How a model is doing, for one who asks now."""

    failing: float = 0.0
    """Share of its requests that failed lately."""
    median_s: float = 0.0
    """Of waiting times; 0: not known."""
    slow_s: float = 0.0
    """In nine of ten cases it is faster."""
    out: str = ""
    """Why it had better not be asked now; empty: it may be."""


def fold(lesson: Any, told: Sequence[Any]) -> dict[str, Any]:
    """The lesson with sightings folded in; the models seen longest ago make room."""
    known: dict[str, Any] = dict(lesson or {})
    for each in told:
        seen = Sighting(*each)._replace(limit=Limit(*each[4]))
        known[seen.model] = _after(known.pop(seen.model, {}), seen)
    for model in list(known)[: max(0, len(known) - MOST_MODELS)]:
        del known[model]
    return known


def condition(lesson: Any, model: str, caller: str, kind: str, tokens: int, now: float) -> Condition:
    """How a model is doing for this caller's request of about so many tokens."""
    known: Mapping[str, Any] = (lesson or {}).get(model) or {}
    if not known:
        return Condition()
    fade = _fade(now - known["at"])
    failing = known["failed"] * fade / (known["asked"] * fade + DOUBT)
    at, waits = known["waits"].get(kind, (0.0, ()))
    known_waits = sorted(waits) if now - at < STALE_S and len(waits) >= FEWEST_WAITS else ()
    median, slow = (_quantile(known_waits, share) for share in (0.5, 0.9))
    return Condition(failing, median, slow, _out(known, caller, tokens, now))


def _out(known: Mapping[str, Any], caller: str, tokens: int, now: float) -> str:
    rest = known["until"] - now
    if rest > 0:
        return f"failed {known['streak']} times in a row, {ceil(rest)} s to rest"
    if (rest := known["gone"].get(caller, 0.0) - now) > 0:
        return f"its upstream does not know it, {ceil(rest)} s to rest"
    limit = Limit(*known["limits"].get(caller, Limit()))
    if limit.until > now:
        return f"rate limited for {ceil(limit.until - now)} s"
    if 0 <= limit.tokens < tokens and limit.full > now:
        return f"rate limited: {limit.tokens} tokens left for {ceil(limit.full - now)} s, about {tokens} needed"
    return ""


def _after(known: Mapping[str, Any], seen: Sighting) -> dict[str, Any]:
    """What is known of a model after one more sighting."""
    fade = _fade(seen.at - known.get("at", seen.at))
    failed = seen.became == "failed"
    streak, until = _rest(known, seen)
    return {
        "asked": known.get("asked", 0.0) * fade + 1.0,
        "failed": known.get("failed", 0.0) * fade + failed,
        "at": max(seen.at, known.get("at", 0.0)),
        "streak": streak,
        "until": until,
        "waits": _waits(known.get("waits", {}), seen),
        "limits": _limits(known.get("limits", {}), seen),
        "gone": _gone(known.get("gone", {}), seen),
    }


def _rest(known: Mapping[str, Any], seen: Sighting) -> tuple[int, float]:
    """Failures in a row, and until when the model rests: 5 s after three of them, twice as long after each that
    follows, a minute at most. What fails during a rest was sent before it."""
    streak, until = known.get("streak", 0), known.get("until", 0.0)
    if seen.became == "well":
        return 0, 0.0
    if seen.became in ("limited", "gone"):
        return streak, until
    if seen.at < until:
        return streak, max(until, seen.limit.until)
    streak += 1
    rest = FIRST_REST_S * 2.0 ** min(streak - TOLERATED, 16) if streak >= TOLERATED else 0.0
    return streak, max(seen.limit.until, seen.at + min(LONGEST_REST_S, rest) if rest else 0.0)


def _waits(known: Mapping[str, Any], seen: Sighting) -> dict[str, Any]:
    if seen.became != "well" or seen.waited_s <= 0.0:
        return dict(known)
    at, waits = known.get(seen.kind, (0.0, ()))
    fresh = [*waits, round(seen.waited_s, 3)] if seen.at - at < STALE_S else [round(seen.waited_s, 3)]
    return {**known, seen.kind: [max(at, seen.at), fresh[-WAITS:]]}


def _limits(known: Mapping[str, Any], seen: Sighting) -> dict[str, Any]:
    """The limits by caller: each pays for itself where clients bring their own keys."""
    others = {caller: limit for caller, limit in known.items() if caller != seen.caller}
    told = seen.limit
    if seen.became == "limited" and not told.until:
        told = told._replace(until=seen.at + LIMITED_S)
    if seen.became == "failed" or told == Limit():
        return others if seen.became == "well" else dict(known)
    others = {caller: limit for caller, limit in others.items() if max(limit[0], limit[2]) > seen.at}
    return dict([*others.items(), (seen.caller, list(told))][-MOST_CALLERS:])


def _gone(known: Mapping[str, float], seen: Sighting) -> dict[str, float]:
    """Until when it is not asked for a caller: one may lack the rights to a model that others have."""
    left = {caller: until for caller, until in known.items() if until > seen.at and caller != seen.caller}
    if seen.became == "gone":
        left[seen.caller] = seen.at + LONGEST_REST_S
    elif seen.became != "well" and seen.caller in known:
        left[seen.caller] = known[seen.caller]
    return dict([*left.items()][-MOST_CALLERS:])


def _fade(seconds: float) -> float:
    return float(0.5 ** (max(0.0, seconds) / HALF_LIFE_S))


def _quantile(values: Sequence[float], share: float) -> float:
    return values[ceil(share * len(values)) - 1] if values else 0.0

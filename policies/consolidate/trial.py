"""The trial: sessions in which the model keeps its own state, beside a share of sessions with their full history.

It must not know a conversation or a model: sessions, their requests, tokens, cost and ends, and what tells them apart.
Prompt-only MEM1 halved the score of a strong model in its own paper (table 3: WebShop), so nobody should have to take
its use on trust.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from math import sqrt
from typing import Any, NamedTuple

from proxy.exchange import Completion

TAGGED, FULL = "tagged", "full"
MOST_SESSIONS = 400
"""The latest sessions of an arm that are compared."""
MOST_AGENTS = 100
Z = 1.96
"""Standard errors on either side of a mean: 95 %."""
CUT_OFF = frozenset(("length", "max_tokens", "max_output_tokens", "incomplete", "content_filter", "refusal"))
FINISHED, FAILED, OPEN = "finished", "failed", "open"

Told = list[Any]
"""`[agent, "trial", arm, session, prompt tokens, US dollars or None, end]`; JSON-able."""


class Lasted(NamedTuple):
    """A session so far."""

    requests: int = 0
    prompt: int = 0
    cost: float = 0.0
    """US dollars, where known."""
    end: str = OPEN
    """How its newest request ended: `finished` (an answer without a call), `failed`, `open`."""


def arm(session: str, holdout: float) -> str:
    """The arm of a session, by its id alone: the same on every replica, in every request."""
    digest = blake2b(session.encode(), digest_size=8, person=b"holdout").digest()
    return FULL if int.from_bytes(digest, "big") < holdout * 2**64 else TAGGED


def ended(completion: Completion | None) -> str:
    """How a request ended."""
    if completion is None or not completion.answered or completion.finish in CUT_OFF:
        return FAILED
    return OPEN if any(turn.calls for turn in completion.turns) else FINISHED


def tells(agent: str, which: str, session: str, completion: Completion | None) -> Told:
    """What a request teaches."""
    usage = completion.usage if completion else None
    cost = completion.cost if completion else None
    return [agent, "trial", which, session, usage.prompt if usage else 0, cost, ended(completion)]


def counts(which: str, completion: Completion | None, *, first: bool) -> dict[str, float]:
    """The same as numbers to add up, by name."""
    _, _, _, _, prompt, cost, end = tells("", which, "", completion)
    told = {"requests": 1.0, "prompt_tokens": float(prompt), "cost_usd": cost or 0.0}
    told |= {"sessions": float(first), "failed_requests": float(end == FAILED)}
    return {f"{which}_{name}": number for name, number in told.items() if number}


def fold(lesson: object, told: Iterable[Told]) -> dict[str, Any]:
    """The trials, by agent, with what was told in them."""
    trials: dict[str, Any] = dict(lesson) if isinstance(lesson, Mapping) else {}
    for agent, _, which, session, prompt, cost, end in told:
        arms = {name: dict(sessions) for name, sessions in trials.pop(agent, {}).items()}
        sessions = arms.setdefault(which, {})
        known = Lasted(*sessions.pop(session, ()))
        sessions[session] = Lasted(known.requests + 1, known.prompt + prompt, known.cost + (cost or 0.0), end)
        arms[which] = dict(list(sessions.items())[-MOST_SESSIONS:])
        trials[agent] = arms
    return dict(list(trials.items())[-MOST_AGENTS:])


def compared(trials: object) -> dict[str, dict[str, Any]]:
    """The comparison for people, by agent's name; an agent of several callers is one."""
    found: dict[str, dict[str, list[Lasted]]] = {}
    for key, arms in trials.items() if isinstance(trials, Mapping) else ():
        own = found.setdefault(key.partition(":")[2], {})
        for which, sessions in arms.items():
            own.setdefault(which, []).extend(Lasted(*session) for session in sessions.values())
    return {agent: comparison(arms.get(TAGGED, []), arms.get(FULL, [])) for agent, arms in found.items()}


def comparison(tagged: Sequence[Lasted], full: Sequence[Lasted]) -> dict[str, Any]:
    """Both arms and their difference (tagged less full), each figure as `[mean, low, high]` of 95 %."""
    both = [measured(tagged), measured(full)]
    apart = {name: difference(both[0][name], both[1][name]) for name in both[0]}
    arms = [
        {
            "sessions": len(sessions),
            "requests": sum(one.requests for one in sessions),
            **{name: interval(values) for name, values in told.items()},
        }
        for sessions, told in zip((tagged, full), both, strict=True)
    ]
    return {TAGGED: arms[0], FULL: arms[1], "difference": apart}


def measured(sessions: Sequence[Lasted]) -> dict[str, list[float]]:
    """What is compared, session by session."""
    return {
        "requests_per_session": [float(one.requests) for one in sessions],
        "prompt_tokens_per_session": [float(one.prompt) for one in sessions],
        "cost_per_session": [one.cost for one in sessions],
        "finished_share": [float(one.end == FINISHED) for one in sessions],
        "failed_share": [float(one.end == FAILED) for one in sessions],
    }


def interval(values: Sequence[float]) -> list[float] | None:
    """`[mean, low, high]`; None of nothing, an interval without width of one value."""
    if not values:
        return None
    mean, error = _mean(values)
    return [mean, mean - Z * error, mean + Z * error]


def difference(first: Sequence[float], second: Sequence[float]) -> list[float] | None:
    """`[difference of the means, low, high]` by Welch's standard error; None while an arm has fewer than two."""
    if min(len(first), len(second)) < 2:
        return None
    (one, spread), (other, width) = _mean(first), _mean(second)
    error = Z * sqrt(spread**2 + width**2)
    return [one - other, one - other - error, one - other + error]


def _mean(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0
    return mean, sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))

"""The look beside the client: what a request quotes, what was lost, and for a sample of them what comes out when it is
asked again.

It must not know who is looked at, nor when. What is found goes into the session's memory, and to the lesson.
"""

from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from policies.inner.reports import filed
from policies.inner.spent import text_of
from policies.noise.accounts import pairs, spending
from policies.noise.aggregation import MOST_FINDINGS, Json, Reading, aggregation, as_json, counted, team_of
from policies.noise.sampling import SAMPLE, samples, unstable
from proxy.conversation import EMPTY
from proxy.exchange import Request
from proxy.policy import Call, Decision, Failure, Journal, Plan, Then, Wish, Work, ask, ask_all

SAMPLES = 2
"""Calls that a sample costs at most."""


class Look(NamedTuple):
    """What is looked at."""

    reading: Reading
    known: Json
    """What stands in the report beside what is found."""
    again: Request | None = None
    """The request, if it is to be asked again."""


def looked(look: Look) -> Plan:
    """Looks for what the request quotes; what is found goes into the session's memory."""
    entries = yield from ask(Journal())
    if isinstance(entries, Failure) or not entries:
        return None
    found = yield from ask(Work(aggregation, (entries, look.reading)))
    if found is None or isinstance(found, Failure):
        return None
    figures = yield from _sampled(found, entries, look)
    return remembered(found | look.known, figures, look.reading.at)


def remembered(found: Json, figures: Mapping[str, float] = EMPTY, at: float = 0.0) -> Then:
    """What an aggregation comes to."""
    return partial(with_report, found, figures, at=at)


def with_report(found: Json, figures: Mapping[str, float], memory: Any, at: float = 0.0) -> Decision:
    """The session's memory with one more report, and what is counted and taught."""
    said = f"made of {len(found['workers'])} outputs"
    calls = int(figures.get("extra_calls", 0))
    tell = pairs(found) | (spending(at, calls) if calls else {})
    figures = counted(found) | dict(figures)
    return Decision(said, memory=filed(memory, found), figures=figures, tell=tell, quiet=True)


def _sampled(found: Json, entries: Sequence[Json], look: Look) -> Generator[Wish, Any, dict[str, float]]:
    """Asks again, if that is wanted, and adds what differs to what was found; what it cost."""
    if look.again is None or "all" in found["doubts"]:
        return {}
    team = yield from ask(Work(team_of, (entries, look.reading)))
    asked = [] if isinstance(team, Failure) else (yield from ask(Work(samples, (look.again, team.texts))))
    if isinstance(asked, Failure) or not asked:
        return {}
    replies = yield from ask_all(*(Call(request, SAMPLE) for _, request in asked))
    others = [
        (why, text)
        for (why, _), reply in zip(asked, replies, strict=True)
        if not isinstance(reply, Failure) and (text := text_of(reply))
    ]
    differs = yield from ask(Work(unstable, (team.texts, look.reading.made, others)))
    if not isinstance(differs, Failure):
        found["findings"] = [*found["findings"], *map(as_json, differs)][: MOST_FINDINGS + SAMPLES * len(team.texts)]
        found["sampled"] = [why for why, _ in others]
    return {"extra_calls": float(len(asked)), "sampled": 1.0}

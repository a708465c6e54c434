"""The plan before an aggregator's reply: who its workers are, what is done to its request, what comes of its reply.

It must not know what the checks look for. Whatever goes wrong, the client gets what it would have got without the plan;
a reply that is there already is never thrown away.
"""

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policies.inner.spent import NOTHING, Spent, cost_of, text_of
from policies.noise.aggregation import LEAST, Reading, Team, reported, team_of
from policies.noise.amending import Judged, asked_again, better, judged
from policies.noise.preparing import Prepared, prepared
from policies.noise.report import Finding
from proxy.exchange import Completion, Request
from proxy.policy import Call, Decision, Failure, Journal, Plan, Refusal, Say, Wish, Work, ask, ask_all

PATIENCE_S = 0.25
"""How long a client waits for the journal."""
AGGREGATE, REPAIR = "aggregate", "repair"
"""Purposes of the two calls."""
LEAST_S, LONGER = 30.0, 2.0
"""Seconds that the second call is waited for: so many, or so many times as long as the first took."""
CODE, STATUS = "aggregation_lost_findings", 422
MOST_NAMED, MOST_SAID = 6, 120
UNCHANGED = Decision("as it is", quiet=True)


class Case(NamedTuple):
    """A request that may be an aggregation, and what may be done about it."""

    request: Request
    """As the policies before have left it."""
    reading: Reading
    action: str
    """One of `wishes.ACTIONS`."""
    holds: bool
    """Whether the reply may be held until it is examined."""
    affords: bool
    """Whether there may be an extra call."""


@dataclass(slots=True)
class Acted:
    """What has been done so far."""

    case: Case
    team: Team
    done: list[str] = field(default_factory=list)
    """In words, for people."""
    figures: dict[str, float] = field(default_factory=dict)
    spent: Spent = NOTHING
    first: Judged | None = None

    def told(self, last: Judged | None, bill: Spent = NOTHING, texts: tuple[str, ...] = ()) -> Say:
        """What is said of it: to people without any content, to the later moments in numbers."""
        found = [f"{each.kind} ({each.by})" for each in last.report.alarms] if last else []
        counts = [f"{found.count(each)} {each}" if found.count(each) > 1 else each for each in dict.fromkeys(found)]
        said = ", ".join(counts) or ("nothing surely lost" if last and last.report.applicable else "not examined")
        reason = "; ".join((f"made of {len(self.team.workers)} outputs", *self.done, said))
        facts = {
            "action": self.case.action,
            "done": list(self.done),
            "bill": list(bill),
            "tokens": self.spent.prompt,
            "figures": dict(self.figures),
            "examined": self.first is not None,
            "first": self.first.report.attribution if self.first else "",
            "refused": bool(texts),
        }
        return Say(reason, facts, texts)


def acted(case: Case) -> Plan:
    """Carries out what is to be done about a request; declines where it is no aggregation, or nothing is to be done."""
    team = yield from _team(case)
    if team is None:
        return UNCHANGED
    so_far = Acted(case, team)
    request = yield from _prepared(so_far)
    if not case.holds:
        if request is case.request:
            return UNCHANGED
        yield from ask(so_far.told(None))
        return Call(request, instead=(case.request,))
    reply = yield from ask(Call(request, AGGREGATE, own=True))
    if isinstance(reply, Failure):
        return UNCHANGED  # the client gets what the upstream says to the request as it came
    so_far.spent = so_far.spent.plus(*cost_of(reply))
    made = text_of(reply)
    if not made or any(turn.calls for turn in reply.turns) or not reply.body:
        return reply if reply.body else UNCHANGED
    found = yield from ask(Work(judged, (team.texts, made)))
    if isinstance(found, Failure):
        return reply
    so_far.first = found
    return (yield from _consequences(so_far, request, reply, found))


def _team(case: Case) -> Generator[Wish, Any, Team | None]:
    """The workers, if it has any. Where the journal holds none, nothing is computed."""
    (entries,) = yield from ask_all(Journal(), patience_s=PATIENCE_S)
    if isinstance(entries, Failure):
        return None
    others = [each for each in entries if each["output"][1] != (case.reading.session or None)]
    if len(others) < LEAST:
        return None
    team = yield from ask(Work(team_of, (others, case.reading)))
    return None if isinstance(team, Failure) else team


def _prepared(so_far: Acted) -> Generator[Wish, Any, Request]:
    """The request as it is to be sent."""
    request = so_far.case.request
    if so_far.case.action != "prepare":
        return request
    ready = yield from ask(Work(prepared, (request, so_far.team.texts)))
    if not isinstance(ready, Prepared):
        return request
    so_far.figures |= {"prepared": 1.0}
    if ready.repeated:
        so_far.done.append(f"{ready.repeated} repeated")
        so_far.figures |= {"repetitions": float(ready.repeated)}
    if ready.conflicts:
        so_far.done.append(f"{ready.conflicts} conflicts marked")
        so_far.figures |= {"conflicts_marked": float(ready.conflicts)}
    return ready.request


def _consequences(so_far: Acted, request: Request, reply: Completion, first: Judged) -> Plan:
    """What comes of a reply that was examined."""
    case = so_far.case
    if first.report.alarms and case.action == "refuse":
        so_far.done.append("refused")
        so_far.figures |= {"refused": 1.0}
        found = reported(so_far.team, case.reading, first.report)
        yield from ask(so_far.told(first, texts=(json.dumps(found),)))
        return Refusal(refusal(first.report.alarms), CODE, STATUS)
    if not first.report.alarms or case.action != REPAIR:
        yield from ask(so_far.told(first))
        return reply
    if not case.affords:
        so_far.done.append("not asked again: today's calls are spent")
        yield from ask(so_far.told(first))
        return reply
    return (yield from _repaired(so_far, request, reply, first))


def _repaired(so_far: Acted, request: Request, reply: Completion, first: Judged) -> Plan:
    """Asks once more, and gives the better of both; the usage is that of both."""
    texts = so_far.team.texts
    again = yield from ask(Work(asked_again, (request, texts, first)))
    if isinstance(again, Failure):
        so_far.done.append("could not be asked again")
        yield from ask(so_far.told(first))
        return reply
    other = yield from ask(Call(again, REPAIR, max(LEAST_S, LONGER * reply.total_s), own=True))
    so_far.figures |= {"extra_calls": 1.0}
    usage, usd = cost_of(other)
    so_far.figures |= {"extra_usd": usd}
    bill = NOTHING.plus(usage, usd)
    second = yield from _judged(other, texts)
    if second is None or isinstance(other, Failure) or not better(first, second):
        so_far.done.append("asked again, no better")
        yield from ask(so_far.told(first, bill))
        return reply
    so_far.done.append(f"repaired ({len(first.report.alarms)} before)")
    so_far.figures |= {"repaired": 1.0}
    yield from ask(so_far.told(second, NOTHING.plus(*cost_of(reply))))
    return other


def _judged(other: Completion | Failure, texts: tuple[str, ...]) -> Generator[Wish, Any, Judged | None]:
    """The second reply, examined; None where it is no answer."""
    if isinstance(other, Failure) or not other.body or any(turn.calls for turn in other.turns):
        return None
    found = yield from ask(Work(judged, (texts, text_of(other))))
    return None if isinstance(found, Failure) else found


def refusal(alarms: tuple[Finding, ...]) -> str:
    """What is said to a client whose aggregation is refused: what is wrong, and where."""
    points = [_point(each) for each in alarms[:MOST_NAMED]]
    return (
        f"this answer was made of other agents' outputs and lost something on the way: {'; '.join(points)}. "
        "Ask again, or let it pass with the header x-outrider-policies: noise=annotate"
    )


def _point(found: Finding) -> str:
    places = [
        f"{each.text[:MOST_SAID]!r} ({'answer' if each.worker is None else f'output {each.worker + 1}'})"
        for each in found.evidence[:2]
    ]
    return f"{found.kind}: {', '.join(places)}"

"""Cascade: the cheapest member answers, another one checks, and the most able is asked only where they differ.

It must not know how a call is made. The honest competitor of every team: two cheap calls where they agree.
"""

from collections.abc import Generator, Sequence
from typing import Any

from policies.ensemble.asking import ask_members
from policies.ensemble.judging import NUMBER
from policies.ensemble.member import Member
from policies.ensemble.sitting import Ending, Sitting, digest
from policies.ensemble.wording import doubting
from policies.inner.bodies import alone, named
from policies.inner.spent import text_of
from proxy.exchange import Completion
from proxy.policy import Wish

SURE = 0.7
"""How likely a checker must find an open answer to be right."""


def cascade(sitting: Sitting) -> Ending:
    """The plan of `cascade`."""
    team = sitting.topology(len(sitting.pool), tools=sitting.tools)
    ladder = cheapest_first(sitting.pool, team.members)
    while ladder:
        member = ladder.pop(0)
        (reply,) = yield from ask_members(sitting.account, [(member, named(sitting.request, member.name))], "draft")
        if reply is None or (ladder and sitting.misses(reply)):
            continue
        if not ladder:
            return (yield from sitting.give(reply, f"{member.name} is the last one left"))
        return (yield from _checked(sitting, member, reply, ladder))
    return (yield from sitting.alone("no member answered"))


def cheapest_first(pool: Sequence[Member], able: Sequence[Member]) -> list[Member]:
    """By price; those without one are taken to cost the less the later they stand in the pool."""
    places = {member.name: place for place, member in enumerate(pool)}
    known = [member.price for member in pool if member.price is not None]
    middle = sorted(known)[len(known) // 2] if known else 0.0
    return sorted(able, key=lambda each: (middle if each.price is None else each.price, -places[each.name]))


def _checked(sitting: Sitting, member: Member, reply: Completion, ladder: Sequence[Member]) -> Ending:
    """The reply, if the next member agrees; else what the most able says."""
    checker, first = ladder[0], sitting.extracted(reply)
    if first is None:
        sure = yield from _doubted(sitting, checker, reply)
        if sure is None or sure >= SURE:
            told = "could not say" if sure is None else f"is {sure:.0%} sure"
            return (yield from sitting.give(reply, f"{member.name} | {checker.name} {told}"))
        return (yield from _escalated(sitting, f"{checker.name} is {sure:.0%} sure of {member.name}"))
    (second,) = yield from ask_members(sitting.account, [(checker, named(sitting.request, checker.name))], "check")
    said = {"said": {member.name: digest(first)}}
    if second is None:
        return (yield from sitting.give(reply, f"{member.name} | {checker.name} could not check", said))
    said["said"][checker.name] = digest(sitting.extracted(second))
    if sitting.extracted(second) == first:
        return (yield from sitting.give(reply, f"{member.name} | {checker.name} agrees", said))
    if len(ladder) == 1:
        return (yield from sitting.give(second, f"{checker.name} differs from {member.name}", said))
    return (yield from _escalated(sitting, f"{checker.name} differs from {member.name}", said))


def _escalated(sitting: Sitting, why: str, said: Any = None) -> Ending:
    best = sitting.best()
    return (yield from sitting.call(named(sitting.request, best.name), f"{why} | {best.name} answers", said or {}))


def _doubted(sitting: Sitting, checker: Member, reply: Completion) -> Generator[Wish, Any, float | None]:
    """How sure the checker is, 0 to 1; None where it could not say."""
    text = doubting(sitting.question, text_of(reply))
    (said,) = yield from ask_members(sitting.account, [(checker, alone(sitting.request, checker.name, text))], "check")
    numbers = [float(number) for number in NUMBER.findall(text_of(said))] if said is not None else []
    if said is not None and not numbers:
        sitting.account.malformed += 1
    if not numbers:
        return None
    return numbers[-1] if numbers[-1] <= 1 else min(1.0, numbers[-1] / 100)

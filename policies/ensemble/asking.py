"""Asks members within a budget, and keeps account: what was spent, who failed, who was late.

It must not know any graph. It has no clock: time is read off the replies.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policies.ensemble.extraction import refusal
from policies.ensemble.member import Member
from policies.inner.spent import NOTHING, Spent, cost_of, text_of
from proxy.exchange import Completion, Request
from proxy.policy import Call, Failure, Wish, ask_all

LATE = "late"


class Limits(NamedTuple):
    """What one answer of a team may take. Zero: no limit of its own."""

    calls: int = 16
    seconds: float = 120.0
    """Of all steps together, before the last call."""
    tokens: int = 0
    usd: float = 0.0
    patience_s: float = 60.0
    """Seconds that a member is waited for in one step; who is later is left out."""
    seats: int = 3
    """Members that Graph-of-Agents takes from the pool."""
    rounds: int = 1
    """Times that SelfOrg's members read each other before the pick."""


@dataclass(slots=True)
class Account:
    """One plan's account while it runs."""

    limits: Limits
    spent: Spent = NOTHING
    gone: dict[str, str] = field(default_factory=dict)
    """Who failed or was late, and why."""
    latency: dict[str, float] = field(default_factory=dict)
    """Seconds to the first byte, by member."""
    asked: dict[str, int] = field(default_factory=dict)
    malformed: int = 0
    """Replies that could not be read as what was asked for."""

    def affords(self, calls: int) -> bool:
        """Whether so many calls more are within the budget."""
        limits, spent = self.limits, self.spent
        return (
            spent.calls + calls <= limits.calls
            and spent.seconds < limits.seconds
            and spent.within(limits.tokens, limits.usd)
        )

    @property
    def patience_s(self) -> float:
        """Seconds that the next step may take."""
        return max(0.001, min(self.limits.patience_s, self.limits.seconds - self.spent.seconds))

    def facts(self) -> dict[str, Any]:
        """The account as JSON, for `learn`."""
        members = {
            name: [count, int(name in self.gone), round(self.latency.get(name, 0.0), 3)]
            for name, count in self.asked.items()
        }
        return {"spent": list(self.spent), "members": members, "malformed": self.malformed}


Asked = Generator[Wish, Any, list[Completion | None]]


def ask_members(account: Account, calls: Sequence[tuple[Member, Request]], purpose: str) -> Asked:
    """Each one's reply, in their order; None where it failed, was late, was empty or declined.

    `answers = yield from ask_members(...)`. Beyond the budget nobody is asked.
    """
    if not calls:
        return []
    if not account.affords(len(calls)):
        return [None] * len(calls)
    patience_s = account.patience_s
    replies = yield from ask_all(*(Call(request, purpose) for _, request in calls), patience_s=patience_s)
    step_s = 0.0
    found: list[Completion | None] = []
    for (member, _), reply in zip(calls, replies, strict=True):
        why, completion = _read(reply)
        account.asked[member.name] = account.asked.get(member.name, 0) + 1
        account.spent = account.spent.plus(*cost_of(completion))
        step_s = max(step_s, patience_s if why == LATE else completion.total_s if completion else 0.0)
        if why:
            account.gone[member.name] = why
        elif completion is not None:
            account.latency[member.name] = completion.first_byte_s
        found.append(None if why else completion)
    account.spent = account.spent._replace(seconds=account.spent.seconds + step_s)
    return found


def _read(reply: Completion | Failure) -> tuple[str, Completion | None]:
    """Why the reply cannot be used, empty where it can; and what is known of it."""
    if isinstance(reply, Failure):
        return LATE if reply.reason.startswith("not w") else reply.reason[:80], reply.completion
    text = text_of(reply)
    if not text and not any(turn.calls for turn in reply.turns):
        return "empty reply", reply
    return ("declined" if refusal(text) and not any(turn.calls for turn in reply.turns) else ""), reply

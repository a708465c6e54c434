"""Asks a guest safely: times it, catches it, lets a failing one rest.

It must not know what a decision means, nor any single policy; the clock is given.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proxy.exchange import Note
from proxy.policy import Decision, Policy

MOMENTS = ("identify", "prepare", "answer", "meanwhile", "relay", "learn")

Ask = Callable[[Any], Decision | None]
Asked = tuple[Decision | None, Note | None]


@dataclass(slots=True)
class Record:
    """How a policy has behaved lately."""

    strikes: int = 0
    rests_until: float = 0.0
    faults: int = 0
    rests: int = 0
    suspect: bool = False
    """Was slow by the clock on the wall: from now on its processor time is measured."""


class Guard:
    """The one `try` around guests.

    A moment that raises, or takes more than the policy's `slow_s` of processor time (a busy machine is not its
    fault), is a strike; `strikes` in a row and the policy rests for `rest_s` seconds. A slow moment's decision still
    counts; one that raised has said nothing. To ask for processor time is a system call, which would cost more than
    most moments do; so it is asked for only of a policy that has been slow by the clock on the wall, until it is quick
    again.
    """

    def __init__(
        self,
        tick: Callable[[], float],
        work: Callable[[], float] = time.thread_time,
        *,
        strikes: int = 3,
        rest_s: float = 30.0,
    ) -> None:
        """`tick` gives monotonic seconds, `work` this thread's seconds of processor time."""
        self._tick = tick
        self._work = work
        self._strikes = strikes
        self._rest_s = rest_s
        self._records: dict[str, Record] = {}

    def record(self, policy: str) -> Record:
        """The policy's behaviour so far."""
        return self._records.setdefault(policy, Record())

    def ask(self, policy: Policy, moment: str, ask: Ask, subject: Any) -> Asked:
        """The policy's decision and, where something is to be told of it, a note."""
        record = self._records.get(policy.name) or self.record(policy.name)
        if record.rests_until and record.rests_until > self._tick():
            return None, None
        clock = self._work if record.suspect else self._tick
        began = clock()
        try:
            decision = checked(ask(subject))
        except Exception as fault:
            return None, self._fault(record, policy.name, moment, fault, clock() - began)
        took = clock() - began
        slow, suspected = took > policy.slow_s, record.suspect
        record.suspect = slow
        if slow and suspected:
            said = f"{decision.reason}; " if decision and not decision.quiet else ""
            return decision, self._strike(record, policy.name, moment, f"{said}took {took * 1e3:.1f} ms", "slow", took)
        record.strikes = 0
        if decision is None or decision.quiet:
            return decision, None
        return decision, Note(policy.name, moment, decision.reason, ms=took * 1e3)

    def blame(self, policy: str, moment: str, fault: BaseException) -> Note:
        """A strike for what went wrong outside `ask`: in a plan, an errand or a filter."""
        return self._fault(self.record(policy), policy, moment, fault, 0.0)

    def _fault(self, record: Record, policy: str, moment: str, fault: BaseException, took: float) -> Note:
        record.faults += 1
        return self._strike(record, policy, moment, f"{type(fault).__name__}: {fault}"[:200], "fault", took)

    def _strike(self, record: Record, policy: str, moment: str, reason: str, kind: str, took: float) -> Note:
        record.strikes += 1
        if record.strikes < self._strikes:
            return Note(policy, moment, reason, kind, took * 1e3)
        record.strikes = 0
        record.rests += 1
        record.rests_until = self._tick() + self._rest_s
        return Note(policy, moment, f"{reason}; rests {self._rest_s:.0f} s", "rest", took * 1e3)


def checked(decision: object) -> Decision | None:
    """The decision, if it is one. Raises `TypeError` for anything else."""
    if decision is None or isinstance(decision, Decision):
        return decision
    raise TypeError(f"returned {type(decision).__name__}, not a Decision")


def asked_moments(policies: tuple[Policy, ...]) -> dict[str, tuple[tuple[Policy, Ask], ...]]:
    """For each moment, the policies that override it, in order: looked up once, at start."""
    return {
        moment: tuple(
            (policy, getattr(policy, moment))
            for policy in policies
            if getattr(type(policy), moment) is not getattr(Policy, moment)
        )
        for moment in MOMENTS
    }

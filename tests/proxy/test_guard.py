"""The guard: what a guest may do wrong, and what comes of it."""

from typing import Any

import pytest

from proxy.exchange import Exchange, Request, Session
from proxy.guard import Guard, asked_moments
from proxy.policy import Decision, Policy


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Guest(Policy):
    """Does at `prepare` what it was told to."""

    name = "guest"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.says: Any = None
        self.takes_s = 0.0

    def prepare(self, exchange: Exchange) -> Decision | None:
        self.clock.now += self.takes_s
        if isinstance(self.says, Exception):
            raise self.says
        answer: Decision | None = self.says
        return answer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guest(clock: Clock) -> Guest:
    return Guest(clock)


def ask(guard: Guard, guest: Guest) -> Any:
    exchange = Exchange("x", Request("POST", "/v1/chat/completions"), Session("s"))
    return guard.ask(guest, "prepare", guest.prepare, exchange)


def test_decision_comes_back_with_its_reason(clock: Clock, guest: Guest) -> None:
    """A decision is handed on, and noted with who said it, when, and why."""
    guest.says = Decision("shorter")
    decision, note = ask(Guard(clock, clock), guest)
    assert decision is guest.says
    assert (note.by, note.moment, note.reason, note.kind) == ("guest", "prepare", "shorter", "decision")


def test_quiet_decision_leaves_no_note(clock: Clock, guest: Guest) -> None:
    """Bookkeeping is not told to people."""
    guest.says = Decision("counted", quiet=True)
    assert ask(Guard(clock, clock), guest) == (guest.says, None)


def test_fault_is_as_if_nothing_was_said(clock: Clock, guest: Guest) -> None:
    """A moment that raises has said nothing; the note names the fault."""
    guest.says = KeyError("no such thing")
    decision, note = ask(Guard(clock, clock), guest)
    assert decision is None
    assert note.kind == "fault"
    assert "KeyError" in note.reason


def test_wrong_kind_of_answer_is_a_fault(clock: Clock, guest: Guest) -> None:
    """Only a `Decision` counts as an answer."""
    guest.says = "yes please"
    decision, note = ask(Guard(clock, clock), guest)
    assert decision is None
    assert "str" in note.reason


def test_slow_moment_counts_but_is_noted(clock: Clock, guest: Guest) -> None:
    """What a slow moment decided still holds; that it was slow is told."""
    guest.says, guest.takes_s = Decision("slowly"), 0.050
    guard = Guard(clock, clock)
    assert ask(guard, guest)[1].kind == "decision"  # once may be the machine's fault
    decision, note = ask(guard, guest)
    assert decision is guest.says
    assert note.kind == "slow"
    assert note.reason == "slowly; took 50.0 ms"


def test_a_busy_machine_is_not_the_policys_fault(clock: Clock, guest: Guest) -> None:
    """Slow by the clock on the wall and quick by the processor's: no strike, however often."""
    worked = Clock()
    guest.says, guest.takes_s = Decision("waited for"), 0.050
    guard = Guard(clock, worked, strikes=3)
    assert [ask(guard, guest)[1].kind for _ in range(10)] == ["decision"] * 10


def test_three_in_a_row_and_the_policy_rests(clock: Clock, guest: Guest) -> None:
    """After three strikes the policy is not asked for the time of its rest, and is asked again afterwards."""
    guard = Guard(clock, clock, strikes=3, rest_s=30.0)
    guest.says = ValueError("again")
    kinds = [ask(guard, guest)[1].kind for _ in range(3)]
    assert kinds == ["fault", "fault", "rest"]
    guest.says = Decision("well again")
    assert ask(guard, guest) == (None, None)
    clock.now += 30.1
    assert ask(guard, guest)[0] is guest.says
    assert guard.record("guest").rests == 1


def test_a_good_answer_wipes_the_slate(clock: Clock, guest: Guest) -> None:
    """Strikes count only in a row."""
    guard = Guard(clock, clock, strikes=3)
    for says in (ValueError(), ValueError(), Decision("fine"), ValueError(), ValueError()):
        guest.says = says
        _, note = ask(guard, guest)
        assert note.kind != "rest"


def test_only_overridden_moments_are_asked(guest: Guest) -> None:
    """The engine walks the moments that a policy really has."""
    moments = asked_moments((guest,))
    assert [policy.name for policy, _ in moments["prepare"]] == ["guest"]
    assert not moments["learn"]

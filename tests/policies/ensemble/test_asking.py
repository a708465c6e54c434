"""The account of a plan: what was spent, who failed, what can still be afforded."""

from policies.ensemble.asking import LATE, Account, Limits, ask_members
from policies.ensemble.member import Member
from policies.inner.spent import Spent
from proxy.exchange import Usage
from proxy.policy import Failure
from tests.policies.ensemble.table import Table, chat, said


def asked(account: Account, **script: object) -> list[object]:
    """Asks these members at once; what came back."""
    calls = [(Member(name), chat(model=name)) for name in script]
    plan = ask_members(account, calls, "node")
    answer: object = None
    table = Table(script)
    while True:
        try:
            answer = table.granted(plan.send(answer))
        except StopIteration as stop:
            found: list[object] = stop.value
            return found


def test_what_was_spent() -> None:
    """Tokens, dollars and calls of all; seconds of the slowest of a step."""
    account = Account(Limits())
    asked(account, one=said("one", "yes", 0.5), two=said("two", "no", 2.0))
    asked(account, one=said("one", "yes", 1.0))
    assert account.spent == Spent(3, 30, 9, 0, 0, 0, 0.03, 3.0)


def test_a_failed_call_is_paid_too() -> None:
    """What the provider counted for it is on the account, and who failed is known with the reason."""
    account = Account(Limits(patience_s=7))
    found = asked(account, one=Failure("status 500", said("one", "")), two=Failure("not within 7 s"), three="yes")
    assert found[:2] == [None, None]
    assert account.gone == {"one": "status 500", "two": LATE}
    assert account.spent.calls == 3
    assert account.spent.prompt == 20
    assert account.spent.seconds == 7
    assert account.facts()["members"] == {"one": [1, 1, 0.0], "two": [1, 1, 0.0], "three": [1, 0, 0.1]}


def test_what_can_be_afforded() -> None:
    """Each limit by itself; none of them where it is 0."""
    spent = Spent(5, 100, 50, usd=0.5, seconds=10)
    assert Account(Limits(), spent).affords(11)
    assert not Account(Limits(), spent).affords(12)
    assert not Account(Limits(tokens=150), spent).affords(1)
    assert not Account(Limits(usd=0.5), spent).affords(1)
    assert not Account(Limits(seconds=10), spent).affords(1)
    assert Account(Limits(seconds=12, patience_s=60), spent).patience_s == 2


def test_beyond_the_budget_nobody_is_asked() -> None:
    """The plan makes do with what it has."""
    account = Account(Limits(calls=1))
    assert asked(account, one="yes", two="no") == [None, None]
    assert account.spent.calls == 0
    assert asked(account) == []


def test_less() -> None:
    """The tokens of one call taken off, never below nothing."""
    assert Spent(2, 20, 6).less(Usage(10, 9)) == Spent(2, 10, 0)

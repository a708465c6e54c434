"""What is told of a session's calls ahead."""

from proxy.tools import Called, Owner, Prefetched
from proxy.tools import accounts as module
from proxy.tools.accounts import Accounts

ME = Owner("me", "s1")


def called(by: str, saved_s: float = 0.0, owner: Owner = ME) -> Called:
    return Called("shop", "read", owner, 0.1, "ok", by, saved_s)


def test_sums_by_tool() -> None:
    """Launches by window, what became of them, and what they saved."""
    accounts = Accounts()
    for use, window in (("used", "thinking"), ("used", "stream"), ("expired", "thinking"), ("compared", "")):
        accounts.hear(Prefetched("shop", "read", use, window, ME))
    for each in (called("call"), called("shelf", 0.25), called("joined", 0.5)):
        accounts.hear(each)
    assert accounts.of("me", "s1") == {
        "shop/read": {
            "launched_thinking": 2,
            "launched_stream": 1,
            "launched_wish": 1,
            "wasted": 1,
            "calls": 3,
            "served": 1,
            "joined": 1,
            "saved_ms": 750.0,
        }
    }
    assert accounts.of("you", "s1") == {}


def test_shadow_launches_nothing() -> None:
    """It is told apart."""
    accounts = Accounts()
    accounts.hear(Prefetched("shop", "read", "shadow", "stream", ME))
    assert accounts.of("me", "s1") == {"shop/read": {"would_launch": 1, "wasted": 0}}


def test_a_call_of_nobody_is_nobodys() -> None:
    """And the sessions not heard of for longest are forgotten."""
    accounts = Accounts()
    accounts.hear(called("call", owner=Owner("me", "")))
    for number in range(module.MOST + 1):
        accounts.hear(called("call", owner=Owner("me", f"s{number}")))
    assert (accounts.of("me", ""), accounts.of("me", "s0")) == ({}, {})
    assert accounts.of("me", "s1") != {}

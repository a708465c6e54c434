"""The gate: keys and scopes."""

from proxy.exchange import Headers
from proxy.server.gate import ANONYMOUS, Gate, caller


def bearer(key: str) -> Headers:
    return ((b"authorization", f"Bearer {key}".encode()), (b"accept", b"*/*"))


def test_without_keys_everybody_may_come_in() -> None:
    """And credentials go on to the upstream untouched."""
    gate = Gate()
    assert gate.admits(())
    assert gate.onward(bearer("sk-1")) == bearer("sk-1")


def test_with_keys_only_their_bearers() -> None:
    """As bearer token, `x-api-key` or `api-key`."""
    gate = Gate(["one", "two"])
    assert gate.admits(bearer("two"))
    assert gate.admits(((b"x-api-key", b"one"),))
    assert gate.admits(((b"api-key", b"one"),))
    assert not gate.admits(bearer("three"))
    assert not gate.admits(())


def test_our_keys_never_leave_the_house() -> None:
    """A key that opens this proxy is not shown to an upstream."""
    assert Gate(["one"]).onward(bearer("one")) == ((b"accept", b"*/*"),)


def test_callers_are_told_apart_by_a_hash() -> None:
    """The same key is the same scope however it is sent; no key is a scope of its own; no scope shows its key."""
    assert caller(bearer("sk-1")) == caller(((b"x-api-key", b"sk-1"),))
    assert caller(bearer("sk-1")) != caller(bearer("sk-2"))
    assert caller(()) == ANONYMOUS
    assert "sk-1" not in caller(bearer("sk-1"))

"""Headers for policies."""

from policies.inner.headers import POLICIES, modes
from proxy.exchange import Request


def asked(*values: bytes) -> Request:
    """A request with these values of the header."""
    return Request("POST", "/v1/chat/completions", tuple((POLICIES, value) for value in values))


def test_modes_by_name() -> None:
    """Each policy's own, with or without spaces, several in their order; what names no mode names an empty one."""
    request = asked(b"noise=shadow , consolidate = off,noise=on,,divide")
    assert modes(request, "noise") == ["shadow", "on"]
    assert modes(request, "consolidate") == ["off"]
    assert modes(request, "divide") == [""]
    assert modes(request, "nois") == []
    assert modes(asked(), "noise") == []

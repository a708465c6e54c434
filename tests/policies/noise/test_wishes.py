"""Whom to look at."""

import pytest

from policies.inner.headers import POLICIES
from policies.noise.wishes import Wishes
from proxy.exchange import Request


def test_an_agents_own_mode_counts() -> None:
    """Else the general one; nobody is looked at where all are off."""
    assert Wishes("shadow", {"ann": "off"}).looks("ben")
    assert not Wishes("shadow", {"ann": "off"}).looks("ann")
    assert Wishes(agents={"ann": "shadow"}).looks("ann")
    assert not Wishes(agents={"ann": "shadow"}).looks("ben")
    assert Wishes(agents={"ann": "shadow"}).anybody
    assert not Wishes(agents={"ann": "off"}).anybody


@pytest.mark.parametrize(
    ("mode", "header", "found"),
    [
        ("off", "", ""),
        ("shadow", "", ""),
        ("on", "", "annotate"),
        ("repair", "", "repair"),
        ("repair", "noise=shadow", ""),
        ("repair", "consolidate=off, noise=annotate", "annotate"),
        ("annotate", "noise=repair", "annotate"),
        ("shadow", "noise=annotate", ""),
        ("refuse", "noise=never", "refuse"),
    ],
)
def test_what_is_done(mode: str, header: str, found: str) -> None:
    """The agent's mode says; a request may ask for less, and not for more."""
    request = Request("POST", "/v1/chat/completions", ((POLICIES, header.encode()),))
    assert Wishes(agents={"ann": mode}).action(request, "ann") == found
    assert Wishes("shadow", {"ann": mode}).action(request, "ben") == ""

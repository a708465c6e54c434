"""What a user wants: the mode that holds."""

import pytest

from policies.consolidate.wishes import Wishes
from proxy.exchange import Request

WISHES = Wishes("shadow", {"planner": "on"})


@pytest.mark.parametrize(
    ("header", "agent", "mode"),
    [
        ("", "writer", "shadow"),
        ("", "planner", "on"),
        ("consolidate=off", "planner", "off"),
        ("noise=on,consolidate = on", "writer", "on"),
        ("noise=on, consolidate=on", "writer", "on"),
        ("consolidate=loudly", "planner", "on"),
    ],
)
def test_the_nearest_word_counts(header: str, agent: str, mode: str) -> None:
    """The request's, then the agent's, then the general one."""
    request = Request("POST", "/v1/chat/completions", ((b"x-outrider-policies", header.encode()),))
    assert WISHES.mode_of(request, agent) == mode


def test_tokens_are_guessed_where_nobody_counts() -> None:
    """Four characters each, rounded up."""
    assert [Wishes().count(text) for text in ("", "abc", "abcde")] == [0, 1, 2]

"""What a user wants of prefetching."""

import pytest

from policies.prefetch.wishes import Wishes, sounds_like_reading
from proxy.exchange import Request


@pytest.mark.parametrize(
    ("header", "agent", "mode"),
    [
        (b"", "planner", "shadow"),
        (b"", "reviewer", "off"),
        (b"prefetch=off", "planner", "off"),
        (b"consolidate=off, prefetch=shadow", "reviewer", "shadow"),
        (b"prefetch=launch", "planner", "shadow"),
        (b"prefetch=on", "planner", "shadow"),
        (b"prefetch=on", "clerk", "on"),
        (b"", "clerk", "on"),
    ],
)
def test_the_nearest_word_counts(header: bytes, agent: str, mode: str) -> None:
    """The request's, then the agent's, then the general one; an unknown mode is none, and `on` is not for a request."""
    request = Request("POST", "/v1/chat/completions", ((b"x-outrider-policies", header),) if header else ())
    assert Wishes(agents={"reviewer": "off", "clerk": "on"}).mode_of(request, agent) == mode


def test_names_that_sound_like_reading() -> None:
    """With a server's prefix too; what changes something does not."""
    named = ("get_user", "shop__search_items", "List_orders", "cancel_order", "update_get", "think", "shop.read_file")
    assert [name for name in named if sounds_like_reading(name)] == [
        "get_user",
        "shop__search_items",
        "List_orders",
        "shop.read_file",
    ]

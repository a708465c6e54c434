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
    ],
)
def test_the_nearest_word_counts(header: bytes, agent: str, mode: str) -> None:
    """The request's, then the agent's, then the general one; an unknown mode is none."""
    request = Request("POST", "/v1/chat/completions", ((b"x-outrider-policies", header),) if header else ())
    assert Wishes(agents={"reviewer": "off"}).mode_of(request, agent) == mode


def test_names_that_sound_like_reading() -> None:
    """With a server's prefix too; what changes something does not."""
    named = ("get_user", "shop__search_items", "List_orders", "cancel_order", "update_get", "think", "shop.read_file")
    assert [name for name in named if sounds_like_reading(name)] == [
        "get_user",
        "shop__search_items",
        "List_orders",
        "shop.read_file",
    ]

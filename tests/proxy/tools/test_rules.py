"""Which tools may be called ahead: the operator's list decides, annotations only take away."""

from typing import Any

import pytest

from proxy.tools.catalogue import Place
from proxy.tools.rules import Rules, place_of, places

READ, SEARCH = Place("shop", "read"), Place("shop", "search")
RULES = Rules(frozenset((READ, SEARCH)), frozenset((SEARCH,)), 10.0, ((READ, 5.0), (SEARCH, 60.0)))
SAFE = {"readOnlyHint": True, "openWorldHint": False}


def told(**annotations: Any) -> dict[str, Any]:
    return {"name": "read", "annotations": annotations}


@pytest.mark.parametrize(
    ("place", "definition", "why"),
    [
        (READ, told(**SAFE), ""),
        (Place("shop", "other"), told(**SAFE), "not on the list"),
        (Place("other", "read"), told(**SAFE), "not on the list"),
        (READ, {"name": "read"}, "does not annotate"),
        (READ, {"name": "read", "annotations": None}, "does not annotate"),
        (READ, told(openWorldHint=False), "does not say that it only reads"),
        (READ, told(readOnlyHint=False, idempotentHint=True, openWorldHint=False), "does not say that it only reads"),
        (READ, told(readOnlyHint="true", openWorldHint=False), "does not say that it only reads"),
        (READ, told(**SAFE, destructiveHint=True), "destroys"),
        (READ, told(readOnlyHint=True), "beyond its server"),
        (READ, told(readOnlyHint=True, openWorldHint=True), "beyond its server"),
        (SEARCH, told(readOnlyHint=True), ""),
        (SEARCH, told(readOnlyHint=False), "does not say that it only reads"),
    ],
)
def test_why_a_tool_may_not_be_called_ahead(place: Place, definition: dict[str, Any], why: str) -> None:
    """In words."""
    found = RULES.objection(place, definition)
    assert (found == "") == (why == "")
    assert why in found


def test_nothing_is_allowed_by_default() -> None:
    """However a server praises its tool."""
    assert Rules().objection(READ, told(**SAFE))


def test_every_call_that_is_not_known_to_read_counts_as_a_write() -> None:
    """A tool off the list does, too: its server's word alone is not enough to keep what was fetched."""
    assert RULES.reads(READ, told(**SAFE))
    assert RULES.reads(READ, told(readOnlyHint=True))
    assert not RULES.reads(Place("shop", "other"), told(**SAFE))
    assert not RULES.reads(READ, {"name": "read"})


def test_seconds_of_tools_have_an_end() -> None:
    """Half a minute, whatever the settings say."""
    assert [RULES.ttl(place) for place in (READ, SEARCH, Place("a", "b"))] == [5, 30, 10]


def test_places() -> None:
    """A tool's name may hold slashes, a server's may not."""
    assert places(["a/b", "a/b/c"]) == {Place("a", "b"), Place("a", "b/c")}
    for word in ("a", "/b", "a/", ""):
        with pytest.raises(ValueError, match="write server/tool"):
            place_of(word)

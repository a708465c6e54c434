"""The state: what is told of what was condensed, and what the next one is made from."""

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.consolidate.state import extract
from policies.consolidate.view import talk
from proxy.conversation import Turn
from tests.policies.consolidate.talk import asked, call, said, user


def words(text: str) -> int:
    return -(-len(text) // 4)


def numbered(*items: dict[str, object], start: int = 0) -> list[tuple[int, Turn]]:
    return list(enumerate(talk(asked("messages", items)).turns, start))


BOOKING = call("messages", "c1", "get_reservation", {"id": "EQ1G6C"}, '{"flight": "HAT069", "cabin": "economy"}')
OPENING = (user("My booking is EQ1G6C. Never put me in the last row."), *BOOKING, said("I see HAT069."))


def test_it_tells_goals_calls_and_values_with_their_numbers() -> None:
    """In the user's words, and values as they stood."""
    _, text = extract({}, numbered(*OPENING), "", budget=200, count=words)
    for part in ("EQ1G6C", "HAT069", "economy", "Never put me in the last row.", "get_reservation", "#0", "#2"):
        assert part in text


def test_the_next_state_is_made_from_the_last() -> None:
    """What only the first one saw is still there after the second."""
    known, _ = extract({}, numbered(*OPENING), "", budget=200, count=words)
    known = orjson.loads(orjson.dumps(known))
    more = numbered(user("And my bag?"), said("Tag BAG7741."), start=4)
    _, text = extract(known, more, "", budget=200, count=words)
    assert "HAT069" in text
    assert "BAG7741" in text


def test_what_stands_in_the_request_is_not_told_but_remembered() -> None:
    """It may be condensed itself the next time."""
    known, text = extract({}, numbered(*OPENING), "flight HAT069", budget=200, count=words)
    assert "HAT069" not in text
    _, later = extract(orjson.loads(orjson.dumps(known)), [], "", budget=200, count=words)
    assert "HAT069" in later


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=12), st.integers(40, 400))
def test_any_history_fits_its_budget(texts: list[str], budget: int) -> None:
    """Whatever was said; the same twice over; and the memory is JSON."""
    items = [item for text in texts for item in (user(text), said(text[::-1]))]
    dropped = numbered(*items) if items else []
    known, text = extract({}, dropped, "", budget=budget, count=words)
    assert words(text) <= budget
    assert extract({}, dropped, "", budget=budget, count=words) == (known, text)
    orjson.dumps(known)

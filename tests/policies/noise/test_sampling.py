"""The same question again: how it is asked, and what is said of replies that differ."""

import json

from policies.noise.sampling import samples, unstable
from tests.policies.noise.asking import items, request, user
from tests.policies.noise.team import AGGREGATE, PEOPLE, WORKERS, without


def test_it_is_asked_as_it_was_and_the_other_way_round() -> None:
    """Whole, once, and nothing of it is kept."""
    asked = request("\n".join(WORKERS), "responses", stream=True, temperature=1, background=True)
    (why, again), (other, moved) = samples(asked, WORKERS)
    assert (why, other) == ("asked again", "asked in another order")
    for one in (again, moved):
        assert json.loads(one.body).keys() == {"model", "input", "temperature", "store"}
        assert not json.loads(one.body)["store"]
        assert not one.stream
    assert items(again) == "\n".join(WORKERS)
    assert items(moved) == "\n".join(reversed(WORKERS))


def test_where_no_other_order_can_be_made() -> None:
    """It is only asked again."""
    assert [why for why, _ in samples(request([user("Join.")]), WORKERS)] == ["asked again"]


def test_a_worker_who_is_there_and_is_not() -> None:
    """Named once, with the first of what was said; none of the others."""
    (found,) = unstable(WORKERS, AGGREGATE, [("asked again", without(1))])
    assert (found.kind, found.alarm) == ("unstable", False)
    assert (found.evidence[0].worker, found.evidence[0].text) == (1, PEOPLE.splitlines()[0])
    assert found.said.startswith("asked again: coverage 0.")


def test_another_value() -> None:
    """Of the same thing, in both replies' words."""
    (found,) = unstable(WORKERS, AGGREGATE, [("asked again", AGGREGATE.replace("85 employees", "58 employees"))])
    assert {place.text for place in found.evidence} == {"85", "58"}
    assert found.said == "asked again: another value"


def test_replies_that_agree() -> None:
    """The same, and the same in another order."""
    turned = "\n".join(reversed(AGGREGATE.splitlines()))
    assert unstable(WORKERS, AGGREGATE, [("asked again", AGGREGATE), ("asked in another order", turned)]) == []
    assert unstable(WORKERS, AGGREGATE, []) == []

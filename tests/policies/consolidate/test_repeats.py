"""Repeats: a tool result that was there before is told by a reference."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from policies.consolidate.ledger import Branch
from policies.consolidate.repeats import LEAST, named, place_of, reference, repeats
from policies.consolidate.view import grown, talk, written
from proxy.conversation import Turn
from tests.policies.consolidate.talk import asked, call, items_of, said, user
from tests.policies.consolidate.test_consolidate import ON, Session

LONG = "The flat has three rooms, a lift and a view of the river. " * 8


def turns(*items: dict[str, Any]) -> Sequence[Turn]:
    return talk(asked("messages", items)).turns


def twice(result: str, again: str) -> Sequence[Turn]:
    first, second = call("messages", "1", "look", {"page": 4}, result), call("messages", "2", "look", {}, again)
    return turns(user("a"), *first, said("b"), *second)


def test_an_equal_result_is_found_and_a_short_or_other_one_is_not() -> None:
    """Equal to the letter, and long enough to be worth it; one that is a reference itself is no source."""
    before = range(5)
    assert repeats(twice(LONG, LONG), 5, before, {}) == {"5": "2"}
    assert repeats(twice(LONG, LONG + " "), 5, before, {}) == {}
    assert repeats(twice(LONG, LONG), 5, before, {"2": "0"}) == {}
    assert repeats(twice(LONG[: LEAST - 1], LONG[: LEAST - 1]), 5, before, {}) == {}


def test_a_reference_says_which_call_gave_the_same() -> None:
    """By its name, what it was given, and the number of the message; long arguments are cut."""
    assert reference(twice(LONG, LONG), "2") == '[The same result as that of look({"page":4}) in message #2.]'
    long = call("messages", "1", "look", {"text": "x" * 500}, LONG)
    assert len(reference(turns(user("a"), *long), "2")) < 200
    assert place_of(named(12, 3)) == 12


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_what_is_sent_holds_an_equal_result_once(form: str) -> None:
    """As it was the first time; with the same ids; and the next request begins with the same bytes."""
    items = [user("a"), *call(form, "1", "look", {}, LONG), said("b"), user("c"), *call(form, "2", "look", {}, LONG)]
    branch = Branch()
    for upto in (1, 3, 5, 7):
        branch = grown(branch, asked(form, items[:upto]), len)
    first = written(asked(form, items), branch)
    later = asked(form, [*items, said("d"), user("e")])
    second = written(later, grown(branch, later, len))
    assert first.decode().count(LONG) == 1
    assert second.startswith(first[: first.rindex(b"]")])
    assert "in message #" in second.decode()
    assert branch.tokens < len(LONG) + 200


def test_parts_of_a_content_are_results_too() -> None:
    """Some clients write a result as a list of one text."""
    for form in ("chat", "messages"):
        items = [user("a"), *call(form, "1", "look", {}, LONG), said("b"), *call(form, "2", "look", {}, LONG)]
        for item in items:
            parts = item["content"] if isinstance(item.get("content"), list) else [item]
            for part in parts:
                if part.get("content") == LONG:
                    part["content"] = [{"type": "text", "text": LONG}]
        branch = grown(grown(Branch(), asked(form, items[:3]), len), asked(form, items), len)
        sent = orjson.loads(written(asked(form, items), branch))["messages"]
        assert orjson.dumps(sent).count(LONG.encode()) == 1
        assert [item["role"] for item in sent] == [item["role"] for item in items_of(asked(form, items))]


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_no_reference_outlives_what_it_refers_to(form: str) -> None:
    """In each request, what a reference names stands before it word for word."""
    session = Session(form, ON._replace(above=900, to=500))
    referred = 0
    for number in range(30):
        session.items += call(form, f"call_{len(session.items)}", "look", {"page": number % 3}, LONG)
        session.items += [said(f"Page {number}."), user("Go on.")] if number % 2 else []
        body = session.send().body.decode()
        referred += "The same result" in body
        if "The same result" in body:
            assert 0 < body.index(LONG) < body.index("The same result")
    assert referred > 5
    assert sum(not one.quiet for one in session.said if one) > 1


def test_a_history_that_goes_another_way_has_its_own_references() -> None:
    """None of the first way's that it does not share."""
    session = Session("chat", ON._replace(above=9000, to=3000))
    session.items += call("chat", "1", "look", {}, LONG)
    session.send()
    shared = list(session.items)
    session.items += [said("b"), user("c"), *call("chat", "2", "look", {}, LONG)]
    assert "The same result" in session.send().body.decode()
    other = [*shared, said("no"), user("d"), *call("chat", "3", "look", {}, LONG + "!")]
    assert "The same result" not in session.send(asked("chat", other)).body.decode()

"""One consolidation: what goes and what stays."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.event import Room, checkpoint, is_rule, measure, plan
from policies.consolidate.ledger import Branch
from policies.consolidate.view import grown, talk
from proxy.exchange import Request
from tests.policies.consolidate.talk import asked, call, said, user


def words(text: str) -> int:
    return len(text.split())


ROOM = Room(200, words)


def seen(form: str, items: Sequence[dict[str, Any]]) -> tuple[Request, Branch]:
    request = asked(form, items)
    return request, grown(Branch(), request, words)


def long_talk(form: str, pages: int) -> list[dict[str, Any]]:
    items = [user("Find a flat.")]
    for page in range(pages):
        items += call(form, f"c{page}", "search", {"page": page}, "flat " * 50)
        items += [said("seen one"), user("go on please")]
    return items


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_the_tail_is_short_and_whole(form: str) -> None:
    """It begins at a seam, takes its share of the room, and holds the newest words."""
    request, branch = seen(form, long_talk(form, 12))
    turns = talk(request).turns
    event = plan(branch, turns, ROOM)
    assert event is not None
    assert event.tail <= 0.35 * ROOM.to or event.parting.start >= len(turns) - 2
    assert not turns[event.parting.start].results
    made = checkpoint(branch, turns, event, ROOM, "e1")
    assert made is not None
    assert branch.condensed(made).tokens <= ROOM.to + 20
    assert made.belongs(turns)


def test_rules_and_corrections_are_known_by_their_words() -> None:
    """Roughly, and only from users."""
    request, _ = seen("chat", [user("Never call me."), said("Never?"), user("thanks"), user("No, the other one.")])
    assert [is_rule(turn) for turn in talk(request).turns] == [False, True, False, False, True]


def test_rules_stay_while_there_is_room() -> None:
    """The newest first; the others go into the text."""
    items = long_talk("chat", 12)
    items[4:4] = [user(f"Never take number {number}, please, thank you, it is too loud there") for number in range(20)]
    request, branch = seen("chat", items)
    event = plan(branch, talk(request).turns, ROOM)
    assert event is not None
    kept = [place for place in event.parting.kept if is_rule(talk(request).turns[place])]
    assert 0 < len(kept) < 20
    assert max(kept) == 24


def test_what_stays_at_another_place_is_written_anew() -> None:
    """A rule that moves up behind the first task; the task stays where it was. So it is with the next event."""
    items = long_talk("chat", 12)
    items[4:4] = [user("Never take the ground floor, please")]
    request, branch = seen("chat", items)
    turns = talk(request).turns
    event = plan(branch, turns, ROOM)
    assert event is not None
    assert [turns[place].text for place in event.parting.kept] == [
        "Find a flat.",
        "Never take the ground floor, please",
    ]
    assert (event.kept, event.moved) == (9, 6)
    made = checkpoint(branch, turns, event, ROOM, "e1")
    assert made is not None
    assert (made.kept_tokens, made.moved) == (9, 6)
    items += [user("Only ever use the stairs, and never the lift"), *long_talk("chat", 9)[1:]]
    request = asked("chat", items)
    again = plan(grown(branch.condensed(made), request, words), talk(request).turns, ROOM)
    assert again is not None
    assert (again.kept, again.moved) == (18, 9)


def test_nothing_to_gain_is_no_event() -> None:
    """A short history, one giant result at the end, an open call."""
    for items in (
        long_talk("chat", 1),
        [user("Find a flat."), *call("chat", "1", "search", {}, "flat " * 5000)],
        [*long_talk("chat", 9), call("chat", "1", "search", {}, "")[0]][:5],
    ):
        request, branch = seen("chat", items)
        assert plan(branch, talk(request).turns, ROOM) is None


@given(st.lists(st.sampled_from(["u", "a", "c", "cc"]), max_size=30), st.integers(20, 400))
def test_any_history_is_cut_between_groups(kinds: list[str], to: int) -> None:
    """Whatever the order of words and calls: each call is dropped with its result, or neither."""
    items = [user("Find a flat.")]
    for number, kind in enumerate(kinds):
        if kind == "u":
            items.append(user("word " * 20))
        elif kind == "a":
            items.append(said("word " * 20))
        else:
            for twin in range(len(kind)):
                items += call("chat", f"{number}-{twin}", "f", {}, "word " * 30)
    request, branch = seen("chat", items)
    turns = talk(request).turns
    event = plan(branch, turns, Room(to, words))
    if event is None:
        return
    gone = set(event.parting.gone)
    for place in gone:
        calls = {made.id for made in turns[place].calls}
        results = {place for place, turn in enumerate(turns) for result in turn.results if result.id in calls}
        assert results <= gone
    assert event.parting.start not in gone
    assert measure(words, turns[0]) >= 0

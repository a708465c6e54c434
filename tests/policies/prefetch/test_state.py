"""What a session has shown."""

import json
from time import process_time

from policies.prefetch.state import MOST_SOURCES, MOST_VALUES, State
from tests.policies.prefetch.shop import after, call, visit


def test_values_stand_where_they_were_seen() -> None:
    """In results, in calls, in what the user said."""
    state = after(visit(3))
    assert list(state.sources["get_user:orders[]"]) == ['"#W30777"', '"#W31777"']
    assert list(state.sources["get_user.user_id()"]) == ['"liam_33"']
    assert list(state.sources["user:@|is"]) == ['"liam3@example.com"']


def test_a_write_ends_what_was_fetched() -> None:
    """After it, a call may be made again."""
    lines = visit(3)
    before, later = after(lines[:5]), after(lines)
    assert call("get_user", user_id="liam_33").key in before.done
    assert call("get_user", user_id="liam_33").key not in later.done


def test_it_survives_the_store() -> None:
    """As JSON and back, also in the middle of a session."""
    for end in range(len(visit(1))):
        state = after(visit(1)[:end])
        again = State.read(json.loads(json.dumps(state.json())))
        assert vars(again) == vars(state)


def test_it_is_bounded_and_quick_at_200_turns() -> None:
    """A turn late in a session costs what it did early, and what is remembered stays small."""
    state, costs = State(), []
    for number in range(200):
        began = process_time()
        state.heard_user(f"Please look at order #W{number} and order #X{number}, sent to Mia Li{number}.")
        state.called(call(f"get_{number % 300}", id=number), read_only=True, id=str(number))
        state.answered(str(number), json.dumps({f"f{each}": f"v{number}{each}" for each in range(20)}))
        costs.append(process_time() - began)
    assert len(state.sources) <= MOST_SOURCES
    assert all(len(values) <= MOST_VALUES for values in state.sources.values())
    assert len(json.dumps(state.json())) < 400_000
    assert sum(costs[150:]) < 20 * sum(costs[:50])


def test_the_year_is_the_one_the_model_was_told() -> None:
    """Birthdays in results do not change it; without it, results tell."""
    told, untold = State(), State()
    told.began("The current time is 2024-05-15 15:00:00.")
    for state in (told, untold):
        state.called(call("get_card"), read_only=True, id="a")
        state.answered("a", json.dumps({"expires": "2031-01-01"}))
        state.heard_user("On May 20, please.")
    assert list(told.sources["user:date|on"]) == ['"2024-05-20"']
    assert list(untold.sources["user:date|on"]) == ['"2031-05-20"']
    assert "2024-05-20" in told.mention


def test_what_the_model_says_holds_values_too() -> None:
    """In a reply and beside calls, apart from what the user said; they stand in no result."""
    state = State()
    state.replied("Shall I cancel order #W400777?")
    state.heard_user("Yes.")
    state.wrote("I look at #W500888 first.")
    assert list(state.sources["reply:#Ad8"]) == ['"#W400777"', '"#W500888"']
    assert list(state.sources["reply:#Ad8|order"]) == ['"#W400777"']
    assert "user:#Ad8" not in state.sources
    assert state.where == {}
    assert "w500888" in state.spoken

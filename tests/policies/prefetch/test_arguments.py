"""How a given tool would be called."""

import json

from policies.prefetch.arguments import Caller
from policies.prefetch.provenance import Tool
from policies.prefetch.ranking import START
from policies.prefetch.state import State
from tests.policies.prefetch.shop import ID, after, call, schooled, visit


def test_orders_are_called_one_after_the_other() -> None:
    """Each id of the list, in its order, never one that was fetched."""
    model, lines = schooled(), visit(40, 3)
    tool = model.tools["get_order"]
    weights = model.rankings.weights("get_order", 1)
    first = Caller(after(lines[:5]), after(lines[:5]).sources, {}).guesses("get_order", tool, weights)
    assert [each.call.values()["order_id"] for each in first][:3] == ["#W400777", "#W401777", "#W402777"]
    later = Caller(after(lines[:7]), after(lines[:7]).sources, {}).guesses("get_order", tool, weights)
    assert later[0].call.values() == {"order_id": "#W401777"}


def test_an_order_that_the_user_named_comes_first() -> None:
    """Wherever it stands in the list."""
    model, state = schooled(), after(visit(40, 3)[:5])
    state.heard_user("It is order #W402777, I think.")
    tool = model.tools["get_order"]
    guesses = Caller(state, state.sources, {}).guesses("get_order", tool, START)
    assert guesses[0].call.values() == {"order_id": "#W402777"}


def test_arguments_of_one_record_stay_together() -> None:
    """A flight with its own date, though another has the same one."""
    flights = [{"no": "H1", "date": "d1"}, {"no": "H2", "date": "d2"}, {"no": "H3", "date": "d1"}]
    tool, state = Tool(), State()
    state.called(call("get_trip", id="T"), read_only=True, id=ID)
    state.answered(ID, json.dumps({"flights": flights}))
    argument = {"date": ["get_trip:flights[].date"], "no": ["get_trip:flights[].no"]}
    tool = Tool(
        {"forms": {"date,no": 3}, "arguments": {name: {"hits": {each[0]: [3, 3]}} for name, each in argument.items()}}
    )
    guesses = Caller(state, state.sources, {}).guesses("get_flight", tool, START)
    assert sorted(tuple(each.call.values().values()) for each in guesses[:3]) == [
        ("d1", "H1"),
        ("d1", "H3"),
        ("d2", "H2"),
    ]


def test_a_call_without_arguments_is_one_call() -> None:
    """And no more."""
    tool = Tool({"forms": {"": 3}})
    assert [each.call.key for each in Caller(State(), {}, {}).guesses("list_types", tool, START)] == ["list_types{}"]


def test_an_argument_that_cannot_be_found_is_not_guessed() -> None:
    """No call without it."""
    model = schooled()
    assert Caller(State(), {}, {}).guesses("get_order", model.tools["get_order"], START) == []

"""How a given tool would be called."""

import json

from policies.prefetch.arguments import KEPT, TURNED, Caller
from policies.prefetch.model import Model
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


FLIGHTS = [
    {"origin": "LAS", "destination": "PHX", "date": "2024-05-19"},
    {"origin": "PHX", "destination": "IAH", "date": "2024-05-19"},
    {"origin": "IAH", "destination": "PHX", "date": "2024-05-27"},
    {"origin": "PHX", "destination": "LAS", "date": "2024-05-27"},
]
FIELDS = {
    "date": {"get_trip:flights[].date": [6, 9], "get_trip:flights[].date+1": [1, 9]},
    "destination": {
        f"get_trip:{path}{end}": [6, 9] for path in ("", "flights[].") for end in ("origin", "destination")
    },
    "origin": {f"get_trip:{path}{end}": [6, 9] for path in ("", "flights[].") for end in ("origin", "destination")},
}
SEARCH = Tool({"forms": {"date,destination,origin": 9}, "arguments": {name: {"hits": FIELDS[name]} for name in FIELDS}})


def searches(state: State) -> list[dict[str, str]]:
    """The arguments of the guessed searches, the likeliest first."""
    sources = Model().sources(state)
    return [each.call.values() for each in Caller(state, sources, {}).guesses("search", SEARCH, START)]


def trip() -> State:
    """A journey there and back is known."""
    state = State()
    state.called(call("get_trip", id="T"), read_only=True, id=ID)
    state.answered(ID, json.dumps({"origin": "LAS", "destination": "IAH", "flights": FLIGHTS}))
    return state


def test_a_value_keeps_its_role() -> None:
    """There on the day of the way there: on the way back the same place is where it begins."""
    state = trip()
    state.heard_user("I want a direct flight from LAS to IAH instead.")
    assert searches(state)[0] == {"date": "2024-05-19", "destination": "IAH", "origin": "LAS"}


def test_a_day_later_is_said_in_words() -> None:
    """The date is nowhere, and the user means it."""
    state = trip()
    state.heard_user("I want to fly from LAS to IAH a day later.")
    assert {"date": "2024-05-20", "destination": "IAH", "origin": "LAS"} in searches(state)[:3]


def test_calls_come_in_variants() -> None:
    """The latest call with one argument changed, and with two that have changed places."""
    state = State()
    state.called(call("list_places"), read_only=True, id=ID)
    state.answered(ID, json.dumps(["A1", "B2", "C3"]))
    state.called(call("route", start="A1", end="B2"), read_only=True)
    places = {"hits": {"list_places:[]": [9, 9]}}
    tool = Tool({"forms": {"end,start": 9}, "arguments": {"end": places, "start": places}})
    found = {
        "".join(each.call.values().values()): (each.features[KEPT], each.features[TURNED])
        for each in Caller(state, state.sources, {}).guesses("route", tool, START)
    }
    assert found["C3A1"] == (1.0, 0.0)
    assert found["A1B2"] == (0.0, 1.0)
    assert found["A1C3"] == (0.0, 0.0)


def test_a_call_without_arguments_is_one_call() -> None:
    """And no more."""
    tool = Tool({"forms": {"": 3}})
    assert [each.call.key for each in Caller(State(), {}, {}).guesses("list_types", tool, START)] == ["list_types{}"]


def test_an_argument_that_cannot_be_found_is_not_guessed() -> None:
    """No call without it."""
    model = schooled()
    assert Caller(State(), {}, {}).guesses("get_order", model.tools["get_order"], START) == []

"""What is learned of tools."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.prefetch.observation import Observation
from policies.prefetch.provenance import MOST_CONSTANTS, MOST_FORMS, MOST_SOURCES, Argument, Tool

NAMES = st.sampled_from([f"tool{number}:field{number}" for number in range(40)])


def test_sources_are_ranked_by_how_often_they_held_the_value() -> None:
    """A source that is often there and seldom right comes last."""
    argument = Argument()
    for number in range(10):
        argument.learn(str(number), ["a:x", "b:y"] if number % 2 else ["a:x"], ["a:x", "b:y"])
    there = {"a:x": 1, "b:y": 1, "c:z": 1}
    assert [name for name, _ in argument.sources(there, 9)] == ["a:x", "b:y"]
    assert argument.sources(there, 1) == argument.sources(there, 9)[:1]
    assert argument.sources({"b:y": 1}, 9)[0][0] == "b:y"


def test_constants_are_values_that_come_again() -> None:
    """Not those that came once."""
    argument = Argument()
    for number in range(10):
        argument.learn('"USD"' if number % 2 else str(number), [], [])
    assert [value for value, _ in argument.constants()] == ['"USD"']


def test_fields_that_never_held_it_are_strange() -> None:
    """In results of tools that held it elsewhere; of other tools nothing is said."""
    argument = Argument()
    argument.learn("1", ["a:x"], [])
    assert argument.foreign(["a:x", "a:y"])
    assert not argument.foreign(["a:x", "b:x", "user:d1"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.lists(NAMES), st.lists(NAMES))))
def test_whatever_is_learned_stays_bounded(steps: list[tuple[str, list[str], list[str]]]) -> None:
    """And survives the store; rates are shares."""
    tool = Tool()
    for value, held, there in steps:
        tool.learn(seen(value, held, there))
    again = Tool(json.loads(json.dumps(tool.json())))
    assert again.json() == tool.json()
    assert len(tool.shapes) <= MOST_FORMS
    for argument in tool.arguments.values():
        assert len(argument.hits) <= MOST_SOURCES
        assert len(argument.values) <= MOST_CONSTANTS
        assert all(rate > 0 for _, rate in argument.sources(argument.hits, 99))


def seen(value: str, held: list[str], there: list[str]) -> Observation:
    """A call with one argument, seen."""
    return Observation("t", [], [], {}, False, [], {"a": value}, {"a": sorted(set(held))}, {"a": sorted(set(there))})

"""Behaviour programs run on a session: which rule holds, and the calls it names.

It must not know where programs come from, nor how far they are believed.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.language import Argument, Condition, Program, Rule
from policies.prefetch.offers import said
from policies.prefetch.state import USER, Seen, State

MOST_CALLS = 12
"""Calls that one rule may name at once."""


class Act(NamedTuple):
    """What a program would do."""

    tool: str
    """Empty: reply to the user."""
    calls: tuple[Call, ...] = ()


def run(program: Program, state: State) -> Act | None:
    """What the program does now: the first rule that holds and whose arguments can be found; None where none does."""
    for rule in program.rules:
        if all(_holds(condition, state) for condition in rule.when) and (act := _act(rule, state)):
            return act
    return None


def _holds(condition: Condition, state: State) -> bool:
    return _TESTS[condition.kind](condition, state) != condition.negated


def _after(condition: Condition, state: State) -> bool:
    return tuple(state.tools[-len(condition.words) :]) == condition.words


def _fresh(condition: Condition, state: State) -> bool:
    source, place = condition.words
    return any(value not in state.tried.get(place, ()) for value in state.sources.get(source, ()))


_TESTS: Mapping[str, Callable[[Condition, State], bool]] = {
    "turn": lambda condition, state: (state.events[-1:] == [USER]) == (condition.words[0] == "user"),
    "after": _after,
    "has": lambda condition, state: condition.words[0] in state.sources,
    "fresh": _fresh,
    "said": lambda condition, state: not state.mention.isdisjoint(condition.words),
    "called": lambda condition, state: state.tools.count(condition.words[0]) >= condition.number,
}


def _act(rule: Rule, state: State) -> Act | None:
    if not rule.call:
        return Act("")
    values = [_values(argument, rule.call, state) for argument in rule.arguments]
    if not all(values):
        return None
    names = [argument.name for argument in rule.arguments]
    chosen = _together(values)
    return Act(rule.call, tuple(Call(rule.call, dict(zip(names, each, strict=True))) for each in chosen[:MOST_CALLS]))


def _together(values: Sequence[Mapping[str, Seen]]) -> list[tuple[str, ...]]:
    """One value of each, those that stand in one record together first."""
    if len(values) == 1:
        return [(value,) for value in values[0]]
    stood = [
        [(value, frozenset(seen.records)) for value, seen in islice(each.items(), MOST_CALLS)] for each in values[:4]
    ]
    ways = list(islice(product(*stood), MOST_CALLS**2))
    shared = [way for way in ways if frozenset.intersection(*[records for _, records in way])] if values else []
    return [tuple(value for value, _ in way) for way in shared or ways[:1]] if len(values) <= 4 else []


def _values(argument: Argument, tool: str, state: State) -> dict[str, Seen]:
    if not argument.source:
        return {argument.value: Seen(0)}
    there = state.sources.get(argument.source, {})
    tried = state.tried.get(f"{tool}.{argument.name}", {})
    fresh = {value: seen for value, seen in there.items() if value not in tried}
    match argument.pick:
        case "each":
            return fresh
        case "fresh":
            return dict(list(fresh.items())[:1])
        case "mentioned":
            return {value: seen for value, seen in there.items() if said(value) <= state.mention}
        case "latest":
            return dict(sorted(there.items(), key=lambda each: each[1].step)[-1:])
    return dict(list(there.items())[:1])

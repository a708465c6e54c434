"""The language of behaviour programs."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.prefetch.language import PICKS, Argument, Condition, Malformed, Program, Rule, parse

WORD = st.text(min_size=1, max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["rules", "when", "call", "with", "reply", "turn", "not", "from", "pick", "said"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ZERO = st.just(0)
CONDITIONS = st.one_of(
    st.builds(Condition, st.just("turn"), st.sampled_from([("user",), ("result",)]), ZERO, st.booleans()),
    st.builds(
        Condition,
        st.sampled_from(["after", "said"]),
        st.lists(WORD, min_size=1, max_size=4).map(tuple),
        ZERO,
        st.booleans(),
    ),
    st.builds(Condition, st.just("has"), st.tuples(WORD), ZERO, st.booleans()),
    st.builds(Condition, st.just("fresh"), st.tuples(WORD, WORD), ZERO, st.booleans()),
    st.builds(Condition, st.just("called"), st.tuples(WORD), st.integers(1, 999), st.booleans()),
)
VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
ARGUMENTS = st.builds(Argument, WORD, WORD, st.sampled_from(PICKS), st.just("")) | st.builds(
    lambda name, value: Argument(name, pick="", value=json.dumps(value, ensure_ascii=False)), WORD, VALUES
)
RULES = st.builds(
    Rule,
    st.lists(CONDITIONS, max_size=3).map(tuple),
    WORD,
    st.lists(ARGUMENTS, max_size=3, unique_by=lambda each: each.name).map(tuple),
) | st.builds(Rule, st.lists(CONDITIONS, max_size=3).map(tuple), st.just(""), st.just(()))
PROGRAMS = st.builds(Program, st.lists(RULES, max_size=5).map(tuple))

SHOP = {
    "rules": [
        {
            "when": [{"fresh": "get_user:orders[]", "for": "get_order.order_id"}, {"not": {"said": ["refund"]}}],
            "call": "get_order",
            "with": {"order_id": {"from": "get_user:orders[]", "pick": "each"}, "full": {"value": True}},
        },
        {"when": [{"turn": "result"}, {"called": "get_order", "times": 2}], "reply": True},
    ]
}


def test_it_reads_as_sentences() -> None:
    """So that a person sees what is believed."""
    assert str(parse(SHOP)).splitlines() == [
        "1. with values of get_user:orders[] not yet used for get_order.order_id, not the user saying refund: "
        "call get_order(order_id = each of get_user:orders[], full = true)",
        "2. after a result, having called get_order 2 times or more: reply to the user",
    ]


@settings(deadline=None)
@given(PROGRAMS)
def test_what_is_written_is_read_the_same(program: Program) -> None:
    """There and back, through JSON."""
    assert parse(json.loads(json.dumps(program.json()))) == program
    assert program.size >= len(program.rules)


@settings(deadline=None)
@given(JSON)
def test_anything_else_is_refused_and_nothing_breaks(value: object) -> None:
    """Any JSON is a program or is refused in words."""
    for tried in (
        value,
        {"rules": value},
        {"rules": [value]},
        {"rules": [{"when": [value], "call": "f", "with": value}]},
    ):
        try:
            program = parse(tried)
        except Malformed:
            continue
        assert parse(program.json()) == program


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rules": 3}, "program.rules: a list of at most 24 rules was expected, not 3"),
        ({"rule": []}, "program: rule is not known here; there are rules"),
        ({"rules": [{"when": []}]}, "program.rules[0].call: the name of a tool, or `reply` was expected, not nothing"),
        (
            {"rules": [{"when": [{"turn": "model"}], "call": "f"}]},
            'program.rules[0].when[0].turn: one of user, result was expected, not "model"',
        ),
        (
            {"rules": [{"when": [], "call": "f", "with": {"a": {"from": "g:x", "pick": "best"}}}]},
            'program.rules[0].with.a.pick: one of first, fresh, latest, mentioned, each was expected, not "best"',
        ),
        (
            {"rules": [{"when": [], "call": "f", "with": {"a": {"eval": "x"}}}]},
            "program.rules[0].with.a: eval is not known here; there are from, pick, value",
        ),
    ],
)
def test_a_fault_says_where_and_what(change: dict[str, Any], said: str) -> None:
    """For the model, or the person, who wrote it."""
    with pytest.raises(Malformed) as fault:
        parse(change)
    assert str(fault.value) == said

"""Figures: what is counted, what is left out, and sums that survive the store.

It must not know any policy.
"""

import json
from decimal import Decimal
from fractions import Fraction
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.figures import counted, known, remembered, summed

FIGURES = st.dictionaries(st.text(max_size=8), st.integers(0, 2**40).map(float), max_size=4)


@pytest.mark.parametrize("number", [0, 3, 0.25, True, Fraction(1, 4)])
def test_numbers_are_counted_under_the_policys_name(number: float) -> None:
    """Whatever kind of number it is, it is a plain one from here on."""
    found = counted("consolidate", {"saved_usd": number})
    assert found == {"consolidate.saved_usd": float(number)}
    assert type(found["consolidate.saved_usd"]) is float


@pytest.mark.parametrize("value", [None, "1", b"1", [1], 1j, -1, -0.1, nan, inf, -inf, 10**400, Decimal(1)])
def test_what_cannot_be_added_up_is_left_out(value: object) -> None:
    """No number, a negative one, one that is not finite: the others are counted all the same."""
    assert counted("p", {"wrong": value, "right": 1}) == {"p.right": 1.0}


@pytest.mark.parametrize("figures", [None, 1, "saved_usd", ["saved_usd"], {}])
def test_what_holds_no_numbers_by_name_counts_nothing(figures: object) -> None:
    """A policy that says something else is not a fault of the road."""
    assert counted("p", figures) == {}


@given(st.lists(FIGURES, max_size=5))
def test_the_sum_in_a_sessions_memory_is_that_of_its_exchanges(many: list[dict[str, float]]) -> None:
    """Added one after another, through JSON each time, beside the memories of policies."""
    memory: dict[str, object] = {"policy": {"n": 1}}
    for figures in many:
        memory = json.loads(json.dumps({**memory, "road": remembered(memory, figures)}))
    assert known(memory) == summed(*many)
    names = {name for figures in many for name in figures}
    assert known(memory) == {name: sum(figures.get(name, 0.0) for figures in many) for name in names}


@pytest.mark.parametrize("own", [None, 7, [], {}, {"figures": None}, {"figures": [1]}, {"figures": {"p.n": "7"}}])
def test_a_memory_that_holds_no_figures_has_none(own: object) -> None:
    """Whatever an older or newer version left there."""
    assert known({"road": own}) == {}
    assert known({}) == {}

"""Whatever a planner writes."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policies.divide.instructions import MOST, Instructions, read

PAIR = {"worker": "Return your two smallest.", "manager": "Give the second smallest of all."}


def test_a_pair_is_found_wherever_it_stands() -> None:
    """In a fence, behind thoughts with braces of their own, with fields that nobody asked for."""
    want = Instructions(PAIR["worker"], PAIR["manager"])
    assert read(json.dumps(PAIR)) == want
    assert read(f"Let me think {{hard}}.\n```json\n{json.dumps({**PAIR, 'why': 1}, indent=1)}\n```\nDone.") == want
    assert read(json.dumps({"worker": "only"}) + json.dumps(PAIR)) == want


def test_what_is_none() -> None:
    """Half a pair, other types, nothing, an essay."""
    for odd in ("", "no", "{", '{"worker": "x"}', '{"worker": 1, "manager": 2}', '{"worker": " ", "manager": "x"}'):
        assert read(odd) is None
    assert read(json.dumps({**PAIR, "worker": "x" * (MOST + 1)})) is None
    assert read("[" * 100_000 + "{" * 1_000) is None


@given(st.text())
def test_nothing_raises(text: str) -> None:
    """A pair, or None."""
    assert read(text) is None or isinstance(read(text), Instructions)

"""What condensing costs: the policy's marks and arithmetic reach the figures, and no session can lose."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.consolidate.caching import REGIMES, Block, Regime, relative, worst
from benchmarks.consolidate.cost import GIVEN, MOST, TARGETS, even, items_of, rows, show
from benchmarks.consolidate.standin import Item, Marks, plain, shortened
from benchmarks.consolidate.synthetic import OUTPUT, RESULT, SYSTEM, TASK, session
from policies.consolidate.lasting import STEPS, Ends
from proxy.tokens import estimate, load

FOREVER = Ends(reached=(1000.0,) * len(STEPS))
"""An agent whose sessions never seemed to end."""


@pytest.mark.parametrize("turns", TARGETS)
def test_even_sessions_reach_the_figures(turns: int) -> None:
    """In all three regimes, with default marks."""
    for regime, target in zip(REGIMES, TARGETS[turns], strict=True):
        items = even(turns)
        assert round(relative(shortened(items, regime).asks, plain(items), regime), 2) <= target


def test_the_table_says_so() -> None:
    """Nothing is missed."""
    assert show(rows([], estimate)) == 0


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
@pytest.mark.parametrize("marks", [None, *GIVEN])
def test_a_session_may_end_anywhere(regime: Regime, marks: Marks | None) -> None:
    """Whatever the marks, and however long it was thought to last, no beginning costs more than 1.03."""
    items = even(60)
    for ends in (None, FOREVER):
        assert worst(shortened(items, regime, marks=marks, ends=ends).asks, plain(items), regime) <= MOST


def test_without_the_arithmetic_small_marks_would_lose() -> None:
    """The bound is the arithmetic's doing: made at every mark, events cost more than they save."""
    items, dear = even(12), REGIMES[0]
    careless = shortened(items, dear, marks=Marks(9_000, 6_500), gated=False)
    assert careless.events
    assert worst(careless.asks, plain(items), dear) > MOST


SIZES = st.integers(1, 6_000)
REGIME = st.builds(
    lambda read, write, output, least: Regime("any", read, write, output, least),
    st.sampled_from((0.01, 0.05, 0.1, 0.25, 0.5, 1.0)),
    st.sampled_from((1.0, 1.25, 2.0)),
    st.sampled_from((0.0, 1.0, 5.0)),
    st.sampled_from((1024, 4096)),
)
TURNS = st.lists(st.tuples(st.sampled_from(("user", "tool", "assistant")), SIZES, SIZES), min_size=2, max_size=60)


@settings(max_examples=150, deadline=None)
@given(SIZES, TURNS, REGIME, st.integers(300, 40_000), st.floats(0.05, 0.9), st.sampled_from((Ends(), FOREVER)))
def test_no_session_whatever_ends_above_the_bound(
    system: int, turns: list[tuple[str, int, int]], regime: Regime, above: int, share: float, ends: Ends
) -> None:
    """Sessions of any pace, prices and marks, ending anywhere."""
    items = [Item("head", Block("system", system)), Item("user", Block("task", 50))]
    for number, (role, told, said) in enumerate(turns):
        items += (Item("assistant", Block(f"said {number}", said)), Item(role, Block(f"told {number}", told)))
    before = plain(items)
    after = shortened(items, regime, marks=Marks(above, int(above * share)), ends=ends)
    assert [ask.output for ask in after.asks] == [ask.output for ask in before]
    assert worst(after.asks, before, regime) <= MOST


def test_synthetic_messages_are_as_long_as_the_blocks() -> None:
    """Within a few in a hundred; and every result is JSON."""
    encoding = load()

    def count(text: str) -> int:
        return len(encoding.encode_ordinary(text))

    told = session(5, count)
    assert told == session(5, count)
    sizes = [item.block.tokens for item in items_of(told, count)]
    assert sizes[:2] == pytest.approx([SYSTEM, TASK], rel=0.02)
    assert sizes[2::2] == pytest.approx([OUTPUT] * 5, rel=0.02)
    assert sizes[3::2] == pytest.approx([RESULT] * 4, rel=0.05)
    results = [message for message in told.messages if message["role"] == "tool"]
    assert all(json.loads(message["content"])["orders"] for message in results)
    assert len(told.asked) == 5

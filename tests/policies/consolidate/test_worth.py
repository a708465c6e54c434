"""Worth: when an event pays, by how much, and how little can be lost by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.tariff import Tariff, tariff
from policies.consolidate.worth import FULL, RISK, Event, default_marks, each, net, pays, upfront

CLAUDE = Tariff(1.0, 0.1, 1.25, 5.0, 300.0, 1024, True)
GPT_5 = Tariff(1.0, 0.1, 1.0, 8.0, 3600.0, 1024, True)
GPT_4O = Tariff(1.0, 0.5, 1.0, 4.0, 3600.0, 1024, True)
PLAIN = Tariff(1.0, 1.0, 1.0, 4.0, 3600.0, 1024, False)


EVENT = Event(prompt=60_000, kept=3_000, tail=6_000, fresh=0, state=1_020, growth=1_800.0)
"""An event at 60k tokens that leaves a tail of 6k and stubs of 2 %, as in the notes on cost."""


def test_the_first_request_reads_less_and_writes_what_is_left() -> None:
    """3k read and 7,020 written, instead of 60k read."""
    assert upfront(EVENT, CLAUDE) == pytest.approx(300 + 7_020 * 1.25 - 6_000)


def test_what_is_new_is_written_with_the_event_or_without() -> None:
    """A tail nobody has seen costs nothing extra."""
    assert upfront(EVENT._replace(fresh=2_000), CLAUDE) == pytest.approx(upfront(EVENT, CLAUDE) - 2_000 * 1.15)


def test_each_later_request_reads_what_was_dropped_no_more() -> None:
    """D - s tokens at the price of a read."""
    assert each(EVENT, CLAUDE) == pytest.approx((51_000 - 1_020) * 0.1)


@pytest.mark.parametrize(
    ("prices", "output", "turns"), [(CLAUDE, 5, 11.1), (GPT_5, 8, 14.5), (GPT_4O, 4, 2.6), (PLAIN, 5, 1.9)]
)
def test_a_summary_breaks_even_where_the_notes_say(prices: Tariff, output: float, turns: float) -> None:
    """Break-even turns of the notes on cost at C = 60k, T = 6k, s = 12 % of D, the summariser on the cached prefix.

    There system text is not set apart and the request at hand counts as one of the turns.
    """
    state = 6_480
    maker = 60_000 * prices.read + state * output
    made = EVENT._replace(kept=0, state=state, maker=maker, window=10_000_000)
    assert -net(made, prices, 0) / each(made, prices) + 1 == pytest.approx(turns, abs=0.06)


def test_stubs_without_a_model_pay_almost_at_once() -> None:
    """N* ≤ 1.5 in every regime of the table: one request later the event has paid."""
    for prices in (CLAUDE, GPT_5, GPT_4O, PLAIN):
        assert net(EVENT, prices, 1) > 0


def test_a_cold_cache_makes_an_event_free() -> None:
    """Everything is written anyway, and less of it."""
    cold = EVENT._replace(prompt=9_000, kept=2_000, tail=2_000, state=1_000, cold=True)
    assert upfront(cold, CLAUDE) == pytest.approx((5_000 - 9_000) * 1.25)
    assert pays(cold, CLAUDE, 0, spent=0.0)
    assert not pays(cold._replace(cold=False), CLAUDE, 0, spent=0.0)


def test_nothing_is_saved_beyond_a_full_window() -> None:
    """There the full history could not be sent at all."""
    near = EVENT._replace(window=66_000)
    assert net(near, CLAUDE, 100) == pytest.approx(net(near, CLAUDE, 6_000 / 1_800))


def test_a_nearly_full_window_leaves_no_choice() -> None:
    """Whatever it costs; but not when nothing would get smaller."""
    needed = EVENT._replace(maker=1e9, window=int(60_000 / FULL))
    assert pays(needed, CLAUDE, 0, spent=0.0)
    assert not pays(needed._replace(state=51_000), CLAUDE, 100, spent=1e9)


def test_an_event_waits_until_the_session_can_bear_it() -> None:
    """Its extra cost may be a small share of what was spent, and what earlier events saved."""
    cost = upfront(EVENT, CLAUDE)
    assert pays(EVENT, CLAUDE, 10, spent=cost / RISK + 1)
    assert not pays(EVENT, CLAUDE, 10, spent=cost / RISK - 1)
    assert pays(EVENT, CLAUDE, 10, spent=cost / RISK - 1, ahead=1.0)
    assert not pays(EVENT, CLAUDE, 10, spent=cost / RISK + 1, ahead=-1.0)


def test_a_model_is_asked_only_where_enough_turns_follow() -> None:
    """Half of the expected turns must pay for it."""
    made = EVENT._replace(state=6_480, maker=60_000 * 0.1 + 6_480 * 5, window=1_000_000)
    assert not pays(made, CLAUDE, 20, spent=1e9)
    assert pays(made, CLAUDE, 24, spent=1e9)


def test_a_prompt_too_short_to_be_cached_is_left_alone() -> None:
    """1,600 tokens read at a tenth cost less than 900 at the full price."""
    small = Event(1_600, 200, 300, 100, 400, 200.0)
    assert not pays(small, CLAUDE, 50, spent=1e9)
    assert pays(small, PLAIN, 50, spent=1e9)
    at_once = Event(1_600, 200, 700, 700, 100, 200.0)
    assert upfront(at_once, CLAUDE) < 0
    assert not pays(at_once, CLAUDE, 0, spent=1e9)


@given(
    st.integers(0, 200_000),
    st.integers(0, 200_000),
    st.integers(0, 20_000),
    st.integers(0, 20_000),
    st.floats(0, 5_000),
    st.floats(0, 1e5),
    st.floats(-1e4, 1e4),
)
def test_what_is_risked_is_bounded(
    kept: int, dropped: int, tail: int, state: int, growth: float, spent: float, ahead: float
) -> None:
    """An event that should happen costs no more than the bound, and each later request saves."""
    asked = Event(kept + dropped + tail, kept, tail, tail // 2, state, growth, 10**9)
    for prices in (CLAUDE, GPT_5, GPT_4O, PLAIN):
        if pays(asked, prices, 10, spent=spent, ahead=ahead):
            assert upfront(asked, prices) - ahead <= RISK * spent
            assert each(asked, prices) > 0
            assert asked.after < asked.prompt


def test_default_marks_follow_the_tariff() -> None:
    """Cheap reads move the mark up, none at all moves it to its floor."""
    assert default_marks(1_000_000, CLAUDE, 3_000) == (40_500, 6_000)
    assert default_marks(1_000_000, GPT_5, 3_000) == (33_000, 6_000)
    assert default_marks(1_000_000, GPT_4O, 3_000) == (24_000, 6_000)
    assert default_marks(1_000_000, PLAIN, 3_000) == (24_000, 6_000)
    assert default_marks(None, tariff(None), 3_000) == (40_500, 6_000)


def test_default_marks_follow_a_small_window() -> None:
    """Its shares hold the system text too."""
    assert default_marks(16_000, PLAIN, 2_000) == (7_000, 3_500)
    assert default_marks(64_000, CLAUDE, 4_000) == (31_200, 6_000)


@given(st.integers(1, 2_000_000), st.integers(0, 2_000_000), st.sampled_from((CLAUDE, GPT_4O, PLAIN)))
def test_default_marks_are_in_order(window: int, system: int, prices: Tariff) -> None:
    """The low mark is at most half the high one, and both fit the window where anything does."""
    above, to = default_marks(window, prices, system)
    assert 0 < to <= above / 2
    assert above + system <= max(window, system + 4)

"""The speed command: that it measures what it says, on a session made for it."""

import pytest

from benchmarks.consolidate import speed
from benchmarks.consolidate.sessions import Session
from benchmarks.consolidate.speed import Counter, event, extracted, figure, long, looked_up, measured, often, quiet
from benchmarks.consolidate.spoken import spoken
from benchmarks.consolidate.synthetic import session
from policies.consolidate import prose


@pytest.fixture(scope="module")
def counter() -> Counter:
    return Counter()


@pytest.fixture(scope="module")
def pace(counter: Counter) -> Session:
    return session(12, counter.count)


def test_each_kind_of_work_is_measured(counter: Counter, pace: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than nothing, and an event really happens."""
    monkeypatch.setattr(speed, "LONG", 12_000)
    case = long(spoken(pace, "chat", "gpt-4o"), counter, tokens=12_000)
    assert case is not None
    assert case.tokens(counter) >= 12_000
    assert min(extracted(case, counter), often(case, counter), event(case, counter)) > 0
    assert min(looked_up(case, counter), *quiet(case, counter, cold=True)) > 0


def test_a_session_that_is_too_short_has_no_figures(counter: Counter, pace: Session) -> None:
    """Rather than wrong ones."""
    assert list(measured(pace, "chat", counter)) == []
    short = long(spoken(pace, "messages", "gpt-4o"), counter, tokens=3_000)
    assert short is not None
    with pytest.raises(ValueError, match="no event"):
        event(short, counter)


def test_forgetting_empties_the_caches(counter: Counter) -> None:
    """Of the policy's modules and of the counter: a cold run is one."""
    prose.standing_out("Some words of 2024-05-20")
    counter.count("words")
    counter.forget()
    assert prose._word.cache_info().currsize == counter.count.cache_info().currsize == 0


def test_a_figure_is_the_median() -> None:
    """With the range beside it."""
    made = figure("f", "w", "chat", [3.0, 1.0, 2.0], 2.5)
    assert (made.value, made.low, made.high, made.held) == (2.0, 1.0, 3.0, True)

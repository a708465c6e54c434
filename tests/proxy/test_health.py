"""Claims about the health of an upstream: its breaker, its average, and what it asks for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.exchange import Headers
from proxy.health import Outcome, fold, is_failure, rest_s, retry_after_s, well
from proxy.roster import Health

outcomes = st.builds(
    Outcome,
    ok=st.booleans(),
    first_byte_s=st.floats(0, 600),
    at=st.just(0.0),
    retry_after_s=st.floats(0, 1e6),
)


def after(health: Health, *told: Outcome) -> Health:
    for outcome in told:
        health = fold(health, outcome)
    return health


def fail(at: float, retry_after_s: float = 0.0) -> Outcome:
    return Outcome(False, at=at, retry_after_s=retry_after_s)


def test_two_failures_are_tolerated() -> None:
    """Two failures in a row do not open the breaker."""
    assert well(after(Health(), fail(100), fail(100)), 100)


def test_the_third_failure_opens_for_five_seconds() -> None:
    """After the third failure in a row the upstream rests for 5 s, and no longer."""
    health = after(Health(), fail(100), fail(100), fail(100))
    assert not well(health, 104.9)
    assert well(health, 105)


def test_a_success_between_failures_closes_the_count() -> None:
    """Failures count only in a row."""
    health = after(Health(), fail(1), fail(1), Outcome(True, 0.1, 1), fail(1), fail(1))
    assert well(health, 1)
    assert health.streak == 2


def test_the_rest_doubles_up_to_a_minute() -> None:
    """Each failure after a rest doubles the next rest: 5, 10, 20, 40, 60, 60 seconds."""
    now, health, rests = 0.0, after(Health(), fail(0), fail(0)), []
    for _ in range(6):
        health = fold(health, fail(now))
        rests.append(health.open_until - now)
        now = health.open_until
    assert rests == [5, 10, 20, 40, 60, 60]


def test_a_burst_of_failures_counts_as_one_rest() -> None:
    """A hundred requests that were under way when the upstream died do not lengthen its rest."""
    health = after(Health(), *[fail(10)] * 100)
    assert health.open_until == 15
    assert health.failures == 100


def test_retry_after_opens_at_once() -> None:
    """One 429 with Retry-After is enough, for as long as it asks."""
    health = fold(Health(), fail(50, retry_after_s=7))
    assert not well(health, 56.9)
    assert well(health, 57)


def test_a_success_makes_well() -> None:
    """An answer that goes well ends the rest and the streak."""
    health = after(Health(), fail(0), fail(0), fail(0), Outcome(True, 0.2, 1))
    assert well(health, 1)
    assert health.streak == 0


def test_the_first_latency_is_taken_whole_and_later_ones_in_part() -> None:
    """The moving average starts at the first latency and moves a fifth of the way to each next one."""
    health = fold(Health(), Outcome(True, 1.0, 0))
    assert health.latency_s == 1.0
    assert fold(health, Outcome(True, 2.0, 0)).latency_s == pytest.approx(1.2)


@settings(deadline=None)
@given(st.lists(outcomes))
def test_counts_add_up(told: list[Outcome]) -> None:
    """Every outcome is counted, failures among them, and the average stays within what was seen."""
    told = [outcome._replace(at=float(place)) for place, outcome in enumerate(told)]
    health = after(Health(), *told)
    good = [outcome.first_byte_s for outcome in told if outcome.ok]
    assert health.requests == len(told)
    assert health.failures == len(told) - len(good)
    assert health.latency_s <= max(good, default=0.0) + 1e-6
    assert 0 <= health.streak <= health.failures


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_no_rest_is_longer_than_a_minute(streak: int) -> None:
    """However long the streak, the rest stays between none and a minute."""
    assert 0 <= rest_s(streak) <= 60


@pytest.mark.parametrize(
    ("status", "bad"),
    [(200, False), (302, False), (400, False), (401, False), (404, False), (408, True), (429, True), (500, True)],
)
def test_a_clients_own_mistake_is_no_failure(status: int, bad: bool) -> None:
    """4xx do not speak against the upstream, but for 408 and 429."""
    assert is_failure(status) is bad


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((), 0.0),
        (((b"retry-after", b"12"),), 12.0),
        (((b"retry-after", b"1.5"),), 1.5),
        (((b"retry-after-ms", b"250"), (b"retry-after", b"1")), 0.25),
        (((b"retry-after", b"Thu, 01 Jan 1970 00:01:00 GMT"),), 50.0),
        (((b"retry-after", b"Thu, 01 Jan 1970 00:00:01 GMT"),), 0.0),
        (((b"retry-after", b"soon"),), 0.0),
        (((b"retry-after-ms", b"nan"),), 0.0),
        (((b"retry-after", b"1e400"),), 0.0),
    ],
)
def test_retry_after_is_read_in_every_form(headers: Headers, seconds: float) -> None:
    """Seconds, milliseconds and dates are understood; what is not understood asks for nothing."""
    assert retry_after_s(headers, now=10.0) == seconds

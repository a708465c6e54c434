"""Dates a day off."""

from hypothesis import given
from hypothesis import strategies as st

from policies.prefetch.moved import moved, off
from policies.prefetch.state import Seen


def test_dates_of_results_are_moved_and_nothing_else() -> None:
    """Months and years turn over; words of users, times, numbers and other fields stay what they are."""
    seen = Seen(3, ("r3.1",))
    sources = {
        "get_trip:dates[]": {'"2024-02-28"': seen, '"2024-12-31"': seen, '"soon"': seen},
        "get_trip:at": {'"2024-05-19T10:00:00"': seen, "7": seen},
        "search.date()": {'"2024-05-19"': seen},
        "user:date": {'"2024-05-19"': seen},
    }
    assert dict(moved(sources)) == {
        "get_trip:dates[]+1": {'"2024-02-29"': seen, '"2025-01-01"': seen},
        "get_trip:dates[]-1": {'"2024-02-27"': seen, '"2024-12-30"': seen},
    }


@given(st.dates())
def test_there_and_back(day: object) -> None:
    """A day later and a day earlier is the same day; beyond the calendar there is none."""
    value = f'"{day}"'
    later = off(value, 1)
    assert later == "" or off(later, -1) == value


def test_what_is_no_date_has_no_next() -> None:
    """The thirtieth of February."""
    assert off('"2024-02-30"', 1) == ""

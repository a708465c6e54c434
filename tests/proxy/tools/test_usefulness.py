"""When calls ahead of a tool stop, with a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.tools.usefulness import Usefulness

LEAST, REST_S = 0.1, 600.0


def fed(*uses: str) -> tuple[Usefulness, int]:
    """After these, and at which of them it stopped (0: at none)."""
    found = Usefulness()
    for number, use in enumerate(uses, 1):
        if found.took(use, 5.0, LEAST, REST_S):
            return found, number
    return found, 0


def test_it_stops_when_nothing_is_used() -> None:
    """After about ten; then it is tried anew."""
    found, number = fed(*["expired"] * 40)
    assert 8 <= number <= 14
    assert found.off_until == 605.0
    assert found.lowest > 0.2


def test_one_in_four_is_enough() -> None:
    """It goes on."""
    assert fed(*["used", "expired", "write", "expired"] * 100)[1] == 0


def test_one_in_twenty_is_not() -> None:
    """Even where it began well."""
    assert fed(*["used"] * 30, *(["used"] + ["write"] * 19) * 20)[1] > 0


@given(st.lists(st.sampled_from(["failed", "dropped", "shadow"])))
def test_what_says_nothing_of_the_guess_is_not_counted(uses: list[str]) -> None:
    """Errors, lack of room."""
    assert fed(*uses)[0] == Usefulness()

"""Work that was done twice."""

from hypothesis import given
from hypothesis import strategies as st

from policies.noise.repeats import repeats
from tests.policies.noise.team import FINANCE, PEOPLE, WORKERS


def test_the_same_work_is_found_however_it_is_wrapped() -> None:
    """Other marks, a word before it; and two different ones are not the same."""
    assert repeats([FINANCE, PEOPLE, f"Here is my report: {FINANCE.upper()}"]) == [(0, 2)]
    assert repeats(WORKERS) == []
    assert repeats(["", "", "  "]) == []


@given(st.lists(st.sampled_from(WORKERS), max_size=40))
def test_every_repetition_is_found(workers: list[str]) -> None:
    """Each group is of one text."""
    for group in repeats(workers):
        assert len({workers[who] for who in group}) == 1
    assert sum(map(len, repeats(workers))) == sum(workers.count(each) > 1 for each in workers)

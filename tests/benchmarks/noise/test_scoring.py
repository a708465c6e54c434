"""How well a score tells two kinds apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.noise.scoring import Scored, always, auc, best_threshold, f1

ROWS = st.lists(st.builds(Scored, st.integers(0, 5).map(float), st.booleans()), max_size=30)


@given(ROWS)
def test_auc_is_the_share_of_pairs_in_order(rows: list[Scored]) -> None:
    """Counted one by one."""
    yes = [each.score for each in rows if each.positive]
    no = [each.score for each in rows if not each.positive]
    pairs = [(a > b) + (a == b) / 2 for a in yes for b in no]
    assert auc(rows) == pytest.approx(sum(pairs) / len(pairs) if pairs else 0.5)


@given(ROWS)
def test_no_threshold_beats_the_best(rows: list[Scored]) -> None:
    """Saying yes always is one of them."""
    best = f1(rows, best_threshold(rows))
    assert all(best >= f1(rows, each.score) - 1e-12 for each in rows)
    assert best >= always(rows) - 1e-12

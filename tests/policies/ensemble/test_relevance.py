"""Texts beside each other: the same words are near, rare ones nearer, nothing is near to nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.ensemble.relevance import cosine, dense, vectors


def test_near_and_far() -> None:
    """A question is nearest to the text that has its words, whatever their endings."""
    asked, sums, courts = vectors(["integrals and proofs", "an integral, a proof", "courts and contracts"])
    assert cosine(asked, sums) > cosine(asked, courts) >= 0
    assert cosine(asked, asked) == pytest.approx(1)


def test_nothing() -> None:
    """No words, no length."""
    empty, full = vectors(["", "words"])
    assert cosine(empty, full) == 0


@given(st.lists(st.text(max_size=80), min_size=1, max_size=5))
def test_dense_says_the_same(texts: list[str]) -> None:
    """The dense rows have the cosines of the sparse ones."""
    sparse = vectors(texts)
    rows = dense(sparse)
    for one, first in zip(sparse, rows, strict=True):
        for other, second in zip(sparse, rows, strict=True):
            assert cosine(one, other) == pytest.approx(sum(x * y for x, y in zip(first, second, strict=True)), abs=1e-9)

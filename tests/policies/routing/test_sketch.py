"""Texts as numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from policies.routing.sketch import LONGEST, PLACES, WIDTH, sketch, sketches


@given(st.text(st.characters(), max_size=300))
def test_every_text_has_a_sketch(text: str) -> None:
    """Whatever is written: as many numbers, all finite, the words of length 1 or none, the same each time."""
    found = sketch(text)
    assert found.shape == (WIDTH,)
    assert np.isfinite(found).all()
    assert np.linalg.norm(found[:PLACES]) < 1.001
    assert (found == sketch(text)).all()


def test_like_texts_are_near() -> None:
    """Two sums are nearer to each other than to a question about a town."""
    first, second, other = sketches(
        ["What is 12 plus 30? Give the sum.", "What is 7 plus 9? Give the sum.", "Who ruled Siena when it fell?"]
    )[:, :PLACES]
    assert first @ second > first @ other + 0.2


def test_of_a_long_text_both_ends_count() -> None:
    """The end of a very long prompt changes its sketch, its middle does not."""
    filler = "word " * LONGEST
    assert (sketch(filler + "Translate this.") != sketch(filler + "Summarise it!")).any()
    half = LONGEST
    assert (sketch("a" * half + "b" + "a" * half) == sketch("a" * half + "c" + "a" * half)).all()


def test_no_texts() -> None:
    """Nothing asked, no rows."""
    assert sketches([]).shape == (0, WIDTH)

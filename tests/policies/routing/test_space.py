"""Where questions lie."""

import numpy as np
import pytest

from policies.routing.sketch import sketches
from policies.routing.space import Space, unit
from tests.policies.routing.questions import world


def test_kinds_of_questions_are_found_without_being_told() -> None:
    """Questions of a kind share their clusters; those of two kinds do not."""
    texts, kinds, _ = world(120)
    placed = Space.of(sketches(texts)).place(sketches(texts))
    assert np.allclose(np.linalg.norm(placed.point, axis=1), 1, atol=1e-4)
    together = placed.member @ placed.member.T
    same = np.array(kinds)[:, None] == np.array(kinds)[None, :]
    assert together[same].mean() > 3 * together[~same].mean()


def test_the_same_questions_give_the_same_space() -> None:
    """No dice: what is fitted twice places alike."""
    rows = sketches(world(40)[0])
    first, second = Space.of(rows).place(rows), Space.of(rows.copy()).place(rows)
    assert (first.point == second.point).all()
    assert (first.member == second.member).all()


def test_few_questions_have_no_clusters() -> None:
    """Two are enough for a space, not for clusters; one is not enough."""
    rows = sketches(["one", "two and more"])
    assert Space.of(rows).place(rows).member.shape == (2, 0)
    with pytest.raises(ValueError, match="two"):
        Space.of(rows[:1])


def test_rows_given_are_not_changed() -> None:
    """The caller's numbers stay what they were; a row of zeros has no direction."""
    rows = sketches(world(10)[0])
    before = rows.copy()
    Space.of(rows).place(rows)
    assert (rows == before).all()
    assert (unit(np.zeros((1, 3), np.float32)) == 0).all()

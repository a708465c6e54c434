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


def test_a_question_built_as_none_before_is_strange() -> None:
    """Known ones are familiar, nearly all; a page of Chinese in numbered lines is not."""
    rows = sketches(world(120)[0])
    space = Space.of(rows)
    assert space.place(rows).familiar.mean() >= 0.94
    page = "\n".join(f"{number}. \u8fd0\u884c\u4e2d\u53d8\u538b\u5668\u6e29\u5ea6" for number in range(40))
    assert not space.place(sketches([page])).familiar[0]


def test_a_strange_question_lies_where_its_embedding_puts_it() -> None:
    """Two strange texts of one embedding share a place; without embeddings their words decide."""
    texts = world(120)[0]
    meaning = unit(np.random.default_rng(5).normal(size=(len(texts), 16)).astype(np.float32))
    space = Space.of(np.hstack([sketches(texts), meaning]))
    strange = sketches(["\n".join(f"{sign}{number} = $\\{sign}$" * 9 for number in range(60)) for sign in "xy"])
    asked = np.hstack([strange, meaning[:1].repeat(2, axis=0)])
    placed = space.place(asked)
    assert not placed.familiar.any()
    assert np.allclose(placed.point[0], placed.point[1])
    alone = Space.of(sketches(texts)).place(strange)
    assert not np.allclose(alone.point[0], alone.point[1])

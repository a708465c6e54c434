"""What replies will cost: from what was paid for questions of the kind."""

import numpy as np
import pytest

from policies.routing.expenses import Spending
from policies.routing.sketch import sketches
from policies.routing.space import Space
from tests.policies.routing.questions import ARITHMETIC, CODE, world


def test_costs_are_foretold_by_the_kind_of_question() -> None:
    """Code is dear with one model, sums with another, one is free: told of other questions to a factor of
    two, where they differ by fifty; what is not known of one model takes nothing from the rest."""
    paid = {ARITHMETIC: (0.02, 0.001, 0.0), CODE: (0.001, 0.05, 0.0)}
    texts, kinds, _ = world(120)
    costs = np.array([paid.get(kind, (0.004, 0.004, 0.0)) for kind in kinds], np.float32)
    costs *= np.random.default_rng(1).uniform(0.8, 1.25, costs.shape).astype(np.float32)
    costs[::4, 1] = np.nan
    space = Space.of(sketches(texts))
    spending = Spending.of(space.place(sketches(texts)), costs)
    others, asked, _ = world(20, seed=4)
    expected = spending.costs(space.place(sketches(others)))
    for row, kind in zip(expected, asked, strict=True):
        away = row[:2] / np.array(paid.get(kind, (0.004, 0.004))[:2])
        assert (away > 0.5).all()
        assert (away < 2.0).all()
        assert row[2] == pytest.approx(0.0, abs=1e-8)


def test_nothing_paid_is_nothing_known() -> None:
    """A model that was never asked costs what the logarithm of nothing says: finite, and the same for all."""
    texts, _, _ = world(20)
    space = Space.of(sketches(texts))
    known = space.place(sketches(texts))
    spending = Spending.of(known, np.full((len(texts), 2), np.nan, np.float32))
    assert np.isfinite(spending.costs(known)).all()

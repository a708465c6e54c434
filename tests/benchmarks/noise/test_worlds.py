"""Random worlds, and samples of them."""

from itertools import pairwise
from math import exp

import numpy as np
import pytest

from benchmarks.noise.worlds import REGIMES, SHAPES, SIZES, Documents, World, drawn

MANY = 4_000


@pytest.mark.parametrize("shape", SHAPES)
def test_errors_grow_faster_than_the_length(shape: str) -> None:
    """Somewhere, whatever the shape; and never fall."""
    world = World("", 128_000, 0.95, shape, 30_000, 1.8, 0.0, 0.01, 1.0)
    losses = [world.losses(size).model for size in SIZES]
    assert losses == sorted(losses)
    grown = [after - losses[0] for after in losses[1:]]
    assert max(after / before for before, after in pairwise(grown) if before > 0.001) > 2


@pytest.mark.parametrize("regime", REGIMES)
def test_a_world_is_of_its_regime(regime: str) -> None:
    """Dividing pays, or it does not; the score is what the losses leave."""
    chance = np.random.default_rng(3)
    for _ in range(20):
        world = drawn(chance, regime)
        assert (world.best() == 0) == (regime == "task noise")
        for size in world.sizes:
            assert world.score(size) == pytest.approx(exp(-sum(world.losses(size))))
        assert world.score(0) == world.kept(world.tokens)


@pytest.mark.parametrize("unlike", [0.0, 0.6])
def test_samples_tell_what_is_true(unlike: float) -> None:
    """Of very many documents, at every size; few differ from that, and all sizes together."""
    chance = np.random.default_rng(5)
    world = drawn(chance, "model noise")
    tried, single = world.tried(chance, Documents(chance.normal(0, 1, MANY), 10, unlike))
    for each in tried:
        losses = world.losses(each.size)
        assert each.right / each.of == pytest.approx(losses.score, abs=0.02)
        assert each.found / each.of == pytest.approx(exp(-losses.model - losses.task), abs=0.02)
    assert [each.at for each in single] == [*world.sizes, world.tokens]
    assert single[-1].right / single[-1].of == pytest.approx(world.score(0), abs=0.02)


def test_a_hard_document_is_hard_at_every_size() -> None:
    """So that a comparison of sizes is about sizes."""
    chance = np.random.default_rng(7)
    hard, easy = (Documents(np.full(5, level), 400) for level in (-2.0, 2.0))
    assert all(hard.right(chance, share) < easy.right(chance, share) for share in (0.2, 0.5, 0.9))

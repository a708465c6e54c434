"""Whether to divide, read from a few tries."""

from math import exp, log

import pytest

from policies.divide.regimes import Choice, Count, Curve, Tried, chosen

SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000)
WHOLE = 128_000
OF = 200


def choice(comfort: float, task: float, put: float) -> Choice:
    """In a world without chance: a model that fails beyond its comfort, losses by dividing and by putting together."""

    def kept(tokens: float) -> float:
        return 0.97 * exp(-((tokens / comfort) ** 1.7))

    tried = []
    for size in SIZES:
        parts, found = WHOLE / size, OF * kept(size) * exp(-task)
        tried.append(Tried(size, parts, found, found * exp(-put * parts / (WHOLE / SIZES[0])), OF))
    single = [Count(length, OF * kept(length), OF) for length in (*SIZES, WHOLE)]
    return chosen(tried, single, WHOLE)


def test_a_model_that_fails_on_long_inputs() -> None:
    """Divided; nothing is lost by the task, and the model's loss at that size is told."""
    found = choice(comfort=40_000, task=0.0, put=0.1)
    assert found.regime == "model noise"
    assert 2_000 <= found.size <= 8_000
    assert found.whole < 0.1 < 0.85 < found.score
    assert found.losses.model == pytest.approx(-log(0.97) + (found.at / 40_000) ** 1.7, abs=0.02)
    assert found.losses.task < 0.03


def test_a_manager_that_drowns() -> None:
    """Fewer, larger parts; whose the loss is."""
    found = choice(comfort=80_000, task=0.0, put=3.0)
    assert found.regime == "aggregator noise"
    assert found.size >= 8_000


def test_a_task_that_does_not_divide() -> None:
    """Not divided, and it is said so."""
    found = choice(comfort=160_000, task=1.2, put=0.1)
    assert (found.size, found.regime) == (0, "task noise")
    assert "does not divide" in found.reason
    assert found.losses.task == pytest.approx(1.2, rel=0.2)


def test_nothing_to_be_gained() -> None:
    """A model that does well on the whole."""
    found = choice(comfort=4_000_000, task=0.0, put=0.2)
    assert (found.size, found.regime) == (0, "none")


def test_a_curve_is_never_sure_of_what_was_not_counted() -> None:
    """It falls, stays within 0 and 1, and with nothing counted knows nothing."""
    seen = Curve([Count(1_000, 95, 100), Count(64_000, 20, 100)])
    kept = [seen.kept(tokens) for tokens in (1_000, 8_000, 64_000, 128_000)]
    assert kept == sorted(kept, reverse=True)
    assert 0.9 < kept[0] < 1
    assert 0 < Curve([]).kept(5.0) < 1


def test_nothing_tried() -> None:
    """There is nothing to choose from."""
    with pytest.raises(ValueError, match="nothing was tried"):
        chosen([], [Count(1, 1, 1)], 5)

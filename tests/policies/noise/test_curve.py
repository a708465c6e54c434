"""How well it goes at what length, in numbers and in a sentence."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.noise.curve import ENOUGH, MOST, Point, counted, degrades, of, points, said, shown


def learned(*rows: tuple[float, float, int]) -> dict[str, list[float]]:
    """A curve of so many replies at a length, of which a share was good."""
    curve: dict[str, list[float]] = {}
    for tokens, share, count in rows:
        for place in range(count):
            curve = counted(curve, tokens, float(place < share * count))
    return json.loads(json.dumps(curve))  # type: ignore[no-any-return]


def test_points_are_in_order_of_length() -> None:
    """Each near the length that was counted, with bounds around its score."""
    found = points(learned((30_000, 0.5, 10), (1_000, 1.0, 20)))
    assert [(each.score, each.n) for each in found] == [(1.0, 20), (0.5, 10)]
    assert all(length / 1.5 < each.tokens < length * 1.5 for each, length in zip(found, (1_000, 30_000), strict=True))
    assert all(each.low < each.score <= each.high + 1e-9 for each in found)
    assert found[1].low == pytest.approx(0.237, abs=0.001)  # Wilson's bounds of 5 in 10
    assert found[1].high == pytest.approx(0.763, abs=0.001)


@given(st.floats(0, 1e7), st.floats(0, 1))
def test_every_length_has_a_bucket(tokens: float, score: float) -> None:
    """Whose middle is near it, from the smallest on."""
    (found,) = points(counted(None, tokens, score))
    assert found.n == 1
    assert tokens < 256 or tokens / 1.2 <= found.tokens <= tokens * 1.2
    assert 0 <= found.low <= found.high <= 1


def test_where_it_grows_worse() -> None:
    """The length that parts good from bad."""
    curve = learned((2_000, 0.95, 40), (8_000, 0.95, 40), (20_000, 0.9, 40), (40_000, 0.5, 40), (80_000, 0.4, 20))
    found = degrades(curve)
    assert found is not None
    assert 20_000 < found[0] < 40_000
    assert said(curve).startswith("degrades beyond 23k tokens: 0.47 of 60, 0.93 of 120")


def test_what_cannot_be_said() -> None:
    """Too few, one length, no difference."""
    assert said(None) == "too few to say: 0"
    assert said(learned((1_000, 1.0, 4), (50_000, 0.0, int(ENOUGH) - 1))).startswith("too few")
    assert said(learned((1_000, 0.9, 400))).startswith("too few to say")
    assert said(learned((1_000, 0.9, 40), (50_000, 0.9, 40))).startswith("no worse with length up to 55k tokens (80)")


def test_chance_is_rarely_taken_for_length() -> None:
    """A model that is as good at every length is said to degrade in few of many worlds."""
    dice = Random(7)
    worlds = 200
    false = 0
    for _ in range(worlds):
        curve: dict[str, list[float]] = {}
        for _ in range(80):
            curve = counted(curve, 500 * 2 ** dice.uniform(0, 8), float(dice.random() < 0.85))
        false += degrades(curve) is not None
    assert false <= 0.05 * worlds


def test_what_is_long_ago_counts_less() -> None:
    """A model that has grown better is seen to be."""
    curve = learned((1_000, 0.0, int(MOST)))
    for _ in range(int(MOST)):
        curve = counted(curve, 1_000, 1.0)
    (found,) = points(curve)
    assert found.n == pytest.approx(MOST)
    assert 0.6 < found.score < 0.7


def test_of_an_agent_and_its_model() -> None:
    """From the lesson, for whoever reads it; nothing where nothing is known."""
    curve = learned((1_000, 1.0, 3))
    lesson = {"curves": {"ann": {"m": curve}}}
    assert of(lesson, "ann", "m") == points(curve)
    assert of(lesson, "ben", "m") == of(lesson, "ann", "n") == of(None, "ann", "m") == of({}, "ann", "m") == []
    assert isinstance(of(lesson, "ann", "m")[0], Point)


def test_for_people() -> None:
    """JSON: a sentence, and the points."""
    told = json.loads(json.dumps(shown({"m": learned((1_000, 1.0, 3))})))
    assert told["m"]["said"] == "too few to say: 3"
    assert told["m"]["points"][0][1:3] == [1.0, 3]

"""Opinions made one."""

from policies.prefetch.mixing import mixed, reweighed


def test_the_better_opinion_comes_to_count() -> None:
    """Weights follow how well each foretells."""
    weights: dict[str, float] = {}
    for number in range(200):
        right = number % 2
        good = [0.9, 0.1] if right == 0 else [0.1, 0.9]
        bad = [0.5, 0.5] if number % 3 else [0.1, 0.9]
        weights = reweighed([("good 1", good), ("bad 1", bad)], weights, right, {})
    assert weights["good 1"] > 0.3 > weights["bad 1"]


def test_the_first_word_names_the_first_weight() -> None:
    """Before anything is learned."""
    opinions = [("good now", [0.9, 0.1])]
    assert mixed(opinions, {}, {"good": 1.0})[0] > mixed(opinions, {}, {})[0] > 0.5

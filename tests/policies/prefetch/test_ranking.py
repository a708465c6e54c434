"""Weights by which calls are ranked."""

from policies.prefetch.ranking import START, Ranking, softmax


def feature(place: int) -> list[float]:
    """One feature alone."""
    return [float(each == place) for each in range(len(START))]


def test_what_was_right_is_ranked_higher() -> None:
    """In tools of its kind, and more in the tool itself."""
    ranking = Ranking()
    for _ in range(10):
        ranking.learn("f", 1, [feature(6), feature(3)], 0)
    again = Ranking(ranking.json())
    assert START[6] < again.weights("g", 1)[6] < again.weights("f", 1)[6]
    assert list(again.weights("g", 2)) == list(START)


def test_nothing_right_teaches_nothing() -> None:
    """Nor does a single offer."""
    ranking = Ranking()
    ranking.learn("f", 1, [feature(6), feature(3)], -1)
    ranking.learn("f", 1, [feature(6)], 0)
    assert list(ranking.weights("f", 1)) == list(START)


def test_shares_add_up() -> None:
    """Large scores too."""
    assert abs(sum(softmax([1e6, -1e6, 3.0])) - 1) < 1e-9


def test_weights_for_other_features_are_learned_anew() -> None:
    """A lesson of another day is no fault."""
    old = Ranking({"shared": {"one": [1.0, 2.0]}, "own": {"f": [3.0]}})
    assert list(old.weights("f", 1)) == list(START)

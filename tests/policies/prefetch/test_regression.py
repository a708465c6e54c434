"""A regression learned one example at a time."""

import json

from policies.prefetch.regression import MOST_FEATURES, Regression

YES, NO = 0, 1


def test_it_learns_what_tells() -> None:
    """A feature that decides, beside one that does not."""
    regression = Regression()
    for _ in range(20):
        regression.learn([("sun", 1.0), ("day", 1.0)], 2, YES)
        regression.learn([("rain", 1.0), ("day", 1.0)], 2, NO)
    again = Regression(json.loads(json.dumps(regression.json())))
    assert again.shares([("sun", 1.0), ("day", 1.0)], 2)[YES] > 0.8
    assert again.shares([("rain", 1.0), ("day", 1.0)], 2)[NO] > 0.8
    assert again.shares([("snow", 1.0)], 2) == [0.5, 0.5]


def test_labels_may_come_later() -> None:
    """What was learned before stays."""
    regression = Regression()
    regression.learn([("sun", 1.0)], 2, YES)
    regression.learn([("sun", 1.0)], 3, 2)
    assert len(regression.shares([("sun", 1.0)], 3)) == 3
    assert len(regression.shares([("sun", 1.0)], 4)) == 4


def test_it_stays_small_and_keeps_what_taught_most() -> None:
    """However many features come by."""
    regression = Regression()
    for number in range(2 * MOST_FEATURES):
        regression.learn([("often", 1.0), (f"once {number}", 1.0)], 2, number % 2)
    assert len(regression.json()) <= MOST_FEATURES
    assert "often" not in regression.json()


def test_a_slow_one_follows_less() -> None:
    """The same example moves it less far."""
    fast, slow = Regression(), Regression(pace=0.05)
    for each in (fast, slow):
        each.learn([("sun", 1.0)], 2, YES)
    assert 0.5 < slow.shares([("sun", 1.0)], 2)[YES] < fast.shares([("sun", 1.0)], 2)[YES]

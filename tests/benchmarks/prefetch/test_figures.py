"""Figures made of what was measured."""

from benchmarks.prefetch.figures import averaged, by_chance, calibration, enough, percent


def test_calibration() -> None:
    """The distance between what was said and what came."""
    assert calibration([(0.75, True)] * 3 + [(0.75, False)]) == 0.0
    assert calibration([(0.95, False)] * 4) == 95.0
    assert calibration([]) == 0.0


def test_the_fewest_sessions_that_are_enough() -> None:
    """Nine tenths of the plateau."""
    assert enough({1: 10.0, 5: 44.0, 8: 46.0, 50: 50.0}) == 8


def test_means() -> None:
    """Of shares the mean, of mismatches the sum: not one may be hidden."""
    assert averaged([{"served": 40.0, "mismatches": 1}, {"served": 60.0, "mismatches": 0}]) == {
        "served": 50.0,
        "mismatches": 1,
    }
    assert percent(1, 0) == 0.0


def test_few_launches_stray_from_any_probability() -> None:
    """What chance alone would make of the calibration error: much of it with few, little with many."""
    few, many = [(0.5, True)] * 8, [(0.5, True)] * 4_000
    assert by_chance(few) > 8 > 3 > by_chance(many)
    assert by_chance([(1.0, True)] * 8) == 0.0
    assert by_chance([]) == 0.0

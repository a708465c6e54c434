"""The lexical baselines."""

import pytest

from benchmarks.noise.baselines import nearest, novel_pairs, novel_values, novel_words, recall


def test_baselines_see_what_they_are_meant_to_see() -> None:
    """Plain words and nothing else."""
    assert nearest(["the boat sank"], ["the boat sank", "a car"]) == [pytest.approx(1.0)]
    assert nearest(["the boat sank"], []) == [0.0]
    assert recall("the boat sank", {"the", "boat"}) == pytest.approx(2 / 3)
    assert novel_values("Ann sold 5 boats", "Ann sold 7 boats to Bob") == pytest.approx(2 / 3)
    assert novel_words("boats were sold", "boats were stolen") == pytest.approx(1 / 3)
    assert novel_pairs("a boat sank there", "boat sank fast") == pytest.approx(1 / 2)

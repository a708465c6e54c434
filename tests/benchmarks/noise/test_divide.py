"""Choices beside what is true."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.noise.divide import SAMPLE, Sample, by_regime, from_files, judged, measured
from benchmarks.noise.worlds import REGIMES, Documents, drawn
from policies.divide.regimes import Choice, chosen


def test_the_figures_are_of_worlds() -> None:
    """By regime and together; the same seed gives the same ones, another gives others."""
    found = measured(0, 30)
    assert {*REGIMES, "all"} < found.keys()
    assert found["all"]["near_best"] > 0.8
    assert found["task noise"]["refused"] == found["all"]["refused_in_task_noise"] > 0.8
    assert by_regime(0, 30, SAMPLE)["all"] == found["all"] != by_regime(1, 30, SAMPLE)["all"]


def test_larger_samples_tell_the_losses_better() -> None:
    """All three."""
    few, many = (by_regime(0, 60, Sample(documents))["all"] for documents in (3, 100))
    for loss in ("model", "task", "aggregator"):
        assert many[f"{loss}_close"] > few[f"{loss}_close"]


def test_a_bad_choice_is_seen() -> None:
    """A size that loses much, losses that are not the true ones, a division that should not have been."""
    chance = np.random.default_rng(1)
    world = drawn(chance, "task noise")
    tried, single = world.tried(chance, Documents(np.zeros(5), 40))
    good = chosen(tried, single, world.tokens)
    bad = good._replace(size=1_000, losses=good.losses._replace(task=good.losses.task * 2))
    assert judged(world, good, tried, single)["near_best"] == 1
    found = judged(world, bad, tried, single)
    assert (found["near_best"], found["refused"], found["task_close"]) == (0, 0, 0)
    assert isinstance(good, Choice)


def test_tries_of_ones_own(tmp_path: Path) -> None:
    """A line for each kind of input; the choice and its losses come back."""
    tried = [[size, 64_000 / size, 190, 185, 200] for size in (4_000, 8_000, 16_000)]
    single = [[size, right, 200] for size, right in ((4_000, 195), (16_000, 190), (64_000, 60))]
    file = tmp_path / "tries.jsonl"
    file.write_text(json.dumps({"tokens": 64_000, "tried": tried, "single": single}) + "\n")
    found = from_files([file])
    (name,) = (name for name in found if name != "all")
    assert name == "tries.jsonl:1 model noise"
    assert found[name]["size"] in (4_000, 8_000, 16_000)
    assert found[name]["score"] > 0.8 > 0.4 > found[name]["whole"]


@pytest.mark.parametrize("line", ["{}", "[]", "no", '{"tokens": 5, "tried": [], "single": [[1, 1, 1]]}'])
def test_what_are_no_tries(tmp_path: Path, line: str) -> None:
    """The file and the line are named."""
    file = tmp_path / "tries.jsonl"
    file.write_text(line)
    with pytest.raises(ValueError, match=r"tries.jsonl, line 1: no tries"):
        from_files([file])

"""Contributions of answers, exact Shapley values, order, edges, the centre: 40 recorded questions, five answers."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from policies.ensemble.contribution import central, contributions, edges, least_alike, order, shapley

FIXTURE = Path(__file__).parents[2] / "recordings/selforg.json.gz"
ITEMS = json.loads(gzip.decompress(FIXTURE.read_bytes()))["items"]
ROUNDING = 5e-5
"""The recorded vectors are rounded to four decimals."""


@pytest.mark.parametrize("item", ITEMS, ids=[item["q"] for item in ITEMS])
def test_recorded_answers(item: dict[str, Any]) -> None:
    """ψ and Shapley values to the rounding of the vectors; order, edges and choice exactly."""
    psi = contributions(item["emb"])
    assert psi == pytest.approx(item["psi"], abs=ROUNDING)
    assert shapley(item["emb"]) == pytest.approx(item["shapley"], abs=ROUNDING)
    assert order(psi) == item["order"]
    for threshold, pairs in item["edges"].items():
        assert edges(item["emb"], psi, float(threshold)) == [tuple(pair) for pair in sorted(pairs)]
    assert central(item["emb"], psi) == item["centroid_choice"]


def test_what_the_values_add_up_to() -> None:
    """Shapley values share out the worth of all, which is 1; an answer that says nothing contributes nothing."""
    rows = [[1.0, 0.0], [0.8, 0.6], [0.0, 0.0]]
    values = shapley(rows)
    assert sum(values) == pytest.approx(1)
    assert values[2] == pytest.approx(0, abs=1e-12)
    assert contributions(rows)[2] == 0


def test_edges_run_one_way_and_never_in_a_circle() -> None:
    """Every edge goes down the order."""
    for item in ITEMS:
        psi = contributions(item["emb"])
        ranks = {each: rank for rank, each in enumerate(order(psi))}
        assert all(ranks[source] < ranks[target] for source, target in edges(item["emb"], psi, 0.0))


def test_alike() -> None:
    """The least alike pair decides; one answer alone is alike."""
    assert least_alike([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]) == 0
    assert least_alike([[1.0, 0.0]]) == 1

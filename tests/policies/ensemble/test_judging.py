"""Judges' scores read, and the graph of Graph-of-Agents: its own code's results on 60 cases, and stranger judges."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.ensemble.judging import label, leniently, standing, strictly

FIXTURE = Path(__file__).parents[2] / "recordings/goa_edges.json.gz"
CASES = json.loads(gzip.decompress(FIXTURE.read_bytes()))["cases"]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_graph_is_that_of_the_papers_code(case: dict[str, object]) -> None:
    """Scores to six decimals, order, both edge lists and dropped judges."""
    count = int(str(case["k"]))
    texts = case["judge_outputs"]
    assert isinstance(texts, list)
    said = {judge: strictly(text, count - 1) for judge, text in enumerate(texts)}
    found = standing(said, range(count), float(str(case["threshold"])))
    if case["kind"] == "single":
        assert [f"answer {place}" for place in found.order] == [case["result"]]
        return
    sources = {str(one): [two for first, two in found.edges if first == one] for one in found.order[:-1]}
    targets = {str(two): [one for one, second in found.edges if second == two] for two in found.order[1:]}
    assert {str(each): round(score, 6) for each, score in found.scores.items()} == case["scores"]
    assert found.order == case["order"]
    assert sources == case["source_edges"]
    assert targets == case["target_edges"]
    assert list(found.dropped) == case["dropped_judges"]


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("[0.6, 0.41]", [0.6 / 1.01, 0.41 / 1.01]),
        ("Answer 1 deserves 60 and answer 2 deserves 40: [60, 40]", [0.6, 0.4]),
        ("Scores: 7, 3", [0.7, 0.3]),
        ("I have thought about all 5 criteria at length. 0.9, 0.1", [0.9, 0.1]),
        ("All of them are very good answers.", None),
        ("[0, 0]", None),
        ("0.5", None),
        ("", None),
    ],
)
def test_scores_in_other_dress_are_read(text: str, scores: list[float] | None) -> None:
    """A sum of 1.01, percentages and points are taken as shares; essays and zeros are not scores."""
    found = leniently(text, 2)
    assert found == (None if scores is None else pytest.approx(scores))


@given(st.text(), st.integers(0, 6))
def test_whatever_a_judge_says_is_read_or_dropped(text: str, count: int) -> None:
    """Never an exception; shares that add up to 1."""
    found = leniently(text, count)
    assert found is None or (len(found) == count and sum(found) == pytest.approx(1))


def test_nobody_left_and_nobody_judged() -> None:
    """All judges dropped: no answer stands."""
    found = standing({0: None, 1: None}, [0, 1], 0.05)
    assert found.order == []
    assert found.dropped == (0, 1)


def test_shares_of_the_sources_score_in_words() -> None:
    """What a target is told of a source's weight."""
    found = standing({0: [0.9, 0.1], 1: [0.8, 0.2], 2: [0.5, 0.5]}, [0, 1, 2], 0.05)
    assert sum(found.weights(found.order)) == pytest.approx(1)
    assert [label(weight) for weight in (0.71, 0.7, 0.4)] == ["high", "moderate", "low"]


def test_who_is_able_weighs_more() -> None:
    """Two weak judges that like each other do not outvote one that is known to be right."""
    said = {0: [0.5, 0.5], 1: [0.2, 0.8], 2: [0.2, 0.8]}
    assert standing(said, [0, 1, 2], 0.05).order[-1] == 0
    found = standing(said, [0, 1, 2], 0.05, {0: 0.9, 1: 0.1, 2: 0.1})
    assert found.order[0] == 0
    assert sum(found.scores.values()) == pytest.approx(1)

"""The command, on a small file of recorded scores."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.routing.__main__ import finite, main
from tests.policies.routing.questions import MODELS, world


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Three models on 450 questions, with costs and a split of the file's own."""
    texts, kinds, scores = world(150)
    path = tmp_path / "small.jsonl.gz"
    with gzip.open(path, "wt") as lines:
        lines.write(json.dumps({"models": MODELS}) + "\n")
        for place, (text, kind, score) in enumerate(zip(texts, kinds, scores.tolist(), strict=True)):
            row = {"id": str(place), "benchmark": kind, "question": text, "score": score, "cost": [3.0, 1.0, 2.0]}
            lines.write(json.dumps({**row, "split": "train" if place // 3 % 3 else "test"}) + "\n")
    return path


def told(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """The object in the last line."""
    main([str(path), "--json", "--seeds", "2", *more])
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_a_file_of_ones_own(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Accuracy, top three, cost and the baselines beside them; above the best single model on every seed."""
    found = told(recorded, capsys)
    assert found["accuracy"] > found["best_single"] + 0.1
    assert found["worst_gain"] > 0
    assert found["top3"] == pytest.approx(found["routers"]["oracle"]["accuracy"])
    assert 1.0 <= found["cost"] <= 3.0
    assert found["official"]["in"] > found["official_routers"]["single"]["in"]
    assert {"random", "single", "kNN 80", "label known", "ours"} <= found["routers"].keys()


def test_cards_and_feedback(recorded: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A card that tells the truth is followed; scores mend one that does not."""
    cards = tmp_path / "cards.yaml"
    cards.write_text("models:\n  - {name: general, card: The flagship.}\n  - {name: adder}\n  - {name: coder}\n")
    found = told(recorded, capsys, "--cards-only", "--cards", str(cards))
    assert found["accuracy"] == pytest.approx(found["best_single"], abs=0.02)
    cards.write_text("models:\n  - {name: adder, card: The flagship.}\n")
    lied = told(recorded, capsys, "--cards-only", "--cards", str(cards))
    mended = told(recorded, capsys, "--feedback", "200", "--cards", str(cards))
    assert mended["accuracy"] > lied["accuracy"] + 0.05


def test_embeddings_beside_the_file_are_used(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Row for row; one that does not fit is refused in words."""
    stored = recorded.with_name("small.minilm.npz")
    np.savez(stored, q=np.ones((3, 4), np.int8), scale=np.float32(1))
    with pytest.raises(SystemExit, match="3 embeddings for 450 questions"):
        main([str(recorded)])
    np.savez(stored, q=np.ones((450, 4), np.int8), scale=np.float32(1))
    main([str(recorded), "--seeds", "1"])
    assert "no embeddings" not in capsys.readouterr().out


def test_a_file_of_another_form(tmp_path: Path) -> None:
    """Said in words, without a trace."""
    path = tmp_path / "other.jsonl"
    path.write_text('{"id": 1}\n')
    with pytest.raises(SystemExit, match="the first line is to be"):
        main([str(path)])


def test_what_is_never_reached_is_null() -> None:
    """JSON has no word for it."""
    assert json.dumps(finite({"a": {"b": float("nan"), "c": 0.5}, "d": float("inf"), "e": None})) == (
        '{"a": {"b": null, "c": 0.5}, "d": null, "e": null}'
    )


def test_a_score_that_is_not_known_cannot_be_measured_by(tmp_path: Path) -> None:
    """Said in words, and with the question; on the road such a file is fine."""
    rows = [{"question": f"What is {number}?", "score": [1, None if number == 3 else 0]} for number in range(12)]
    path = tmp_path / "gaps.jsonl"
    path.write_text("\n".join(map(json.dumps, [{"models": ["a", "b"]}, *rows])))
    with pytest.raises(SystemExit, match="question 4: to measure, every score must be known"):
        main([str(path)])

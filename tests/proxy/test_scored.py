"""Files of scored questions: what is read, and what is said of those that cannot be."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.scored import FEWEST, read_rows, read_scored

HEAD = {"models": ["big", "small"]}
ROW = {"id": "1", "benchmark": "b", "question": "Where?", "score": [1, 0.5]}


def written(path: Path, lines: list[Any]) -> str:
    """A file of these lines."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return str(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_models_questions_and_scores(tmp_path: Path, name: str) -> None:
    """Gzipped or not; an empty line is no line, a score may be missing, and other members are left alone."""
    path = written(tmp_path / name, [HEAD, *[ROW] * FEWEST, "", {**ROW, "score": [None, 0]}])
    scored = read_scored(path)
    assert scored.models == ("big", "small")
    assert len(scored.questions) == FEWEST + 1
    assert (scored.scores[0], scored.scores[-1]) == ([1, 0.5], [None, 0])
    assert scored
    assert read_rows(Path(path))[1][0]["benchmark"] == "b"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], 'the first line is to be {"models"'),
        ([ROW] * 20, 'the first line is to be {"models"'),
        ([{"models": []}, *[ROW] * 20], 'the first line is to be {"models"'),
        (
            [HEAD, *[ROW] * 12, {**ROW, "score": [1]}],
            "question 13: `score` is to have a number for each of the 2 models",
        ),
        ([HEAD, *[ROW] * 12, {**ROW, "score": [1, 7]}], "a score is to be a number from 0 to 1, or null"),
        ([HEAD, *[ROW] * 12, {**ROW, "score": [1, "x"]}], "a score is to be a number from 0 to 1, or null"),
        ([HEAD, *[ROW] * 12, {"score": [1, 1]}], "`question` is to be a text"),
        ([HEAD, ROW, "{"], "line 3 is not JSON"),
        ([HEAD, ROW, "[]"], "line 3 is not a JSON object"),
        ([HEAD, ROW], "1 questions are too few to learn from, 10 the least"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, lines: list[Any], said: str) -> None:
    """Which line, and what stands there."""
    with pytest.raises(ValueError, match=r".") as caught:
        read_scored(written(tmp_path / "a.jsonl", lines))
    assert said in str(caught.value)


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    """Whatever of a gzipped file is missing or broken is said in words."""
    path = tmp_path / "a.jsonl.gz"
    whole = Path(written(path, [HEAD, *[ROW] * 400])).read_bytes()
    for told in (whole[:-20], whole[:15] + b"\xff" * 30 + whole[45:]):
        path.write_bytes(told)
        with pytest.raises((ValueError, OSError)):
            read_scored(str(path))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, told: bytes) -> None:
    """Nothing but `ValueError` comes of a file's content."""
    path = tmp_path_factory.mktemp("scored") / "a.jsonl"
    path.write_bytes(told)
    with pytest.raises(ValueError, match=r"."):
        read_scored(str(path))

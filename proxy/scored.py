"""Files of scored questions: what each of several models scored on each of them, read and checked.

It must not know what is learned from them.

A file is JSON lines, gzipped or not: first `{"models": ["big", "small"]}`, then for each question
`{"question": "…", "score": [1, 0]}`, a score from 0 to 1 for each model in that order, `null` where it is not known.
Other members are left alone.
"""

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

FEWEST = 10
"""Questions that a file is to hold."""


class Scored(NamedTuple):
    """What a file holds."""

    models: tuple[str, ...]
    questions: list[str]
    scores: list[list[float | None]]
    """Questions by models."""

    def __bool__(self) -> bool:
        """Whether it holds anything."""
        return bool(self.questions)


def read_scored(path: str) -> Scored:
    """The questions of a file. Raises `OSError`, and `ValueError` in words for the one who wrote it."""
    models, rows = read_rows(Path(path).expanduser())
    return Scored(models, [row["question"] for row in rows], [row["score"] for row in rows])


def read_rows(path: Path) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The models of a file, and its lines below as they stand there. Raises as `read_scored` does."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as lines:
            told = [_line(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    except (EOFError, zlib.error) as fault:
        raise ValueError(f"it cannot be unpacked: {fault}") from None
    models = told[0].get("models") if told else None
    if not isinstance(models, list) or not models or not all(isinstance(name, str) for name in models):
        raise ValueError('the first line is to be {"models": ["…", …]}')
    for number, row in enumerate(told[1:], 1):
        if wrong := _fault(row, len(models)):
            raise ValueError(f"question {number}: {wrong}")
    if len(told) <= FEWEST:
        raise ValueError(f"{len(told) - 1} questions are too few to learn from, {FEWEST} the least")
    return tuple(models), told[1:]


def _line(number: int, line: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except ValueError:
        raise ValueError(f"line {number} is not JSON") from None
    if not isinstance(told, dict):
        raise ValueError(f"line {number} is not a JSON object")  # noqa: TRY004
    return told


def _fault(row: Mapping[str, Any], models: int) -> str:
    scores = row.get("score")
    if not isinstance(row.get("question"), str):
        return "`question` is to be a text"
    if not isinstance(scores, list) or len(scores) != models:
        return f"`score` is to have a number for each of the {models} models"
    if any(score is not None and not _is_share(score) for score in scores):
        return "a score is to be a number from 0 to 1, or null"
    return ""


def _is_share(score: object) -> bool:
    return isinstance(score, int | float) and 0 <= score <= 1

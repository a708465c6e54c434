"""Recorded scores: files of questions with what each of several models scored, and their splits.

It must not know any router.

A file is JSON lines, gzipped or not: first `{"models": […]}`, then for each question `id, benchmark, question, score[]`
and maybe `cost[]` (US dollars) and `split`, in the order of the models. Beside it may lie `NAME.minilm.npz` with an
embedding for each question, row for row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from policies.routing.sketch import Rows, sketches
from proxy.scored import read_rows

LEARNED = 0.7
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Questions:
    """The questions of one file."""

    name: str
    models: tuple[str, ...]
    texts: list[str]
    labels: NDArray[np.str_]
    """The benchmark each is from; for splitting and for the baseline that knows it, never for the router."""
    scores: Rows
    costs: Rows
    """US dollars, questions by models; no columns where the file tells none."""
    parts: NDArray[np.str_]
    rows: Rows
    """Sketches, with embeddings behind them where there are any."""
    embedded: bool


def read(path: Path, *, embeddings: bool = True) -> Questions:
    """The questions of a file. Raises `OSError`, and `ValueError` in words for what is not of this form."""
    try:
        models, rows = read_rows(path)
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None
    if gaps := [number for number, row in enumerate(rows, 1) if None in row["score"]]:
        raise ValueError(f"{path}: question {gaps[0]}: to measure, every score must be known")
    texts = [row["question"] for row in rows]
    found = sketches(texts)
    meaning = _embeddings(path, len(rows)) if embeddings else None
    return Questions(
        path.name.partition(".")[0],
        models,
        texts,
        np.array([row.get("benchmark", "") for row in rows]),
        np.array([row["score"] for row in rows], np.float32),
        np.array([row.get("cost") or [] for row in rows], np.float32),
        np.array([row.get("split") or "" for row in rows]),
        found if meaning is None else np.hstack([found, meaning]),
        meaning is not None,
    )


def _embeddings(path: Path, count: int) -> Rows | None:
    stored = path.with_name(path.name.partition(".")[0] + ".minilm.npz")
    if not stored.exists():
        return None
    held = np.load(stored)
    vectors = held["q"].astype(np.float32) * np.float32(held["scale"])
    if len(vectors) != count:
        raise ValueError(f"{stored}: {len(vectors)} embeddings for {count} questions")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def splits(questions: Questions, seeds: int) -> Iterator[tuple[Places, Places]]:
    """Questions to learn from and questions to judge by: 70/30 within each benchmark, once for each seed."""
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        learned, judged = [], []
        for label in sorted(set(questions.labels.tolist())):
            places = chance.permutation(np.flatnonzero(questions.labels == label))
            cut = round(LEARNED * len(places))
            learned.append(places[:cut])
            judged.append(places[cut:])
        yield np.concatenate(learned), np.concatenate(judged)

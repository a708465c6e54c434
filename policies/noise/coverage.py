"""How much of what each worker found stands in the aggregate.

It must not know what coverage is too little, nor why something is missing. After the omission part of the noise
decomposition of Xu et al. (arXiv 2506.16411): similarity of TF-IDF vectors, statement by statement.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from policies.noise.statements import Statement, Statements
from policies.noise.text import Sentence


class Covered(NamedTuple):
    """How well a statement of a worker stands in the aggregate."""

    statement: Statement
    similarity: float
    """Of the sentence that is nearest, 0 to 1."""


def coverage(statements: Statements, aggregate: Sequence[Sentence]) -> list[Covered]:
    """Each statement that says anything, with its likeness to the nearest sentence of the aggregate."""
    places: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, sentence in enumerate(aggregate):
        for stem, weight in statements.vector(sentence.stems).items():
            places[stem].append((number, weight))
    found = []
    for statement in statements.each:
        if not statement.sentence.stems:
            continue
        likeness = [0.0] * len(aggregate)
        for stem, weight in statements.vector(statement.sentence.stems).items():
            for number, other in places.get(stem, ()):
                likeness[number] += weight * other
        found.append(Covered(statement, max(likeness, default=0.0)))
    return found


def by_worker(covered: Sequence[Covered], workers: int) -> list[float | None]:
    """The mean over each worker's statements; None for a worker who said nothing."""
    sums, counts = [0.0] * workers, [0] * workers
    for each in covered:
        sums[each.statement.worker] += each.similarity
        counts[each.statement.worker] += 1
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]

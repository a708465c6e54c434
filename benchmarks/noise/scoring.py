"""How well a score tells two kinds apart: AUC, F1 at a threshold, and what always saying yes would get.

It must not know what is scored.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Scored(NamedTuple):
    """A score, and whether it ought to be high."""

    score: float
    positive: bool


def auc(scored: Sequence[Scored]) -> float:
    """Probability that a positive one scores higher than a negative one; equal scores count half. 0.5 without both."""
    positive = sum(each.positive for each in scored)
    negative = len(scored) - positive
    if not positive or not negative:
        return 0.5
    ranks, place = 0.0, 0
    rows = sorted(scored)
    while place < len(rows):
        end = place
        while end < len(rows) and rows[end].score == rows[place].score:
            end += 1
        ranks += sum(row.positive for row in rows[place:end]) * (place + 1 + end) / 2
        place = end
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)


def f1(scored: Sequence[Scored], threshold: float) -> float:
    """F1 of saying yes from the threshold up."""
    hits = sum(each.positive for each in scored if each.score >= threshold)
    said = sum(each.score >= threshold for each in scored)
    positive = sum(each.positive for each in scored)
    return 2 * hits / (said + positive) if said + positive else 0.0


def always(scored: Sequence[Scored]) -> float:
    """F1 of always saying yes."""
    share = sum(each.positive for each in scored) / len(scored) if scored else 0.0
    return 2 * share / (1 + share)


def best_threshold(scored: Sequence[Scored]) -> float:
    """The threshold with the best F1."""
    positive = sum(each.positive for each in scored)
    best, threshold, hits = 0.0, 0.0, 0
    rows = sorted(scored, reverse=True)
    for said, row in enumerate(rows, 1):
        hits += row.positive
        last = said == len(rows) or rows[said].score != row.score
        if last and (reached := 2 * hits / (said + positive)) > best:
            best, threshold = reached, row.score
    return threshold

"""How much each answer contributes to what a team says together, and the order that follows.

It must not know what the vectors stand for. Source: SelfOrg (arXiv 2510.00685); the utility of a coalition is that of
CGSV, which the paper's error bound implies.
"""

import math
from collections.abc import Sequence
from itertools import combinations

Row = Sequence[float]
"""One answer's vector; all of a team have the same length."""


def cosine(one: Row, other: Row) -> float:
    """Cosine of two vectors; 0 where one has no length."""
    lengths = math.sqrt(sum(x * x for x in one)) * math.sqrt(sum(x * x for x in other))
    return sum(x * y for x, y in zip(one, other, strict=True)) / lengths if lengths else 0.0


def contributions(rows: Sequence[Row]) -> list[float]:
    """ψ of each answer: its cosine with the mean of all. Stands for the Shapley value at a hundredth of the work."""
    mean = _sum(rows, [1 / len(rows)] * len(rows))
    return [cosine(row, mean) for row in rows]


def shapley(rows: Sequence[Row]) -> list[float]:
    """The exact Shapley value of each answer where a coalition is worth the cosine of its sum with the sum of all.

    Takes 2^n sums: for a dozen answers at most.
    """
    count = len(rows)
    whole = _sum(rows, [1.0] * count)
    worth = {
        members: cosine(_sum([rows[each] for each in members], [1.0] * size), whole) if size else 0.0
        for size in range(count + 1)
        for members in combinations(range(count), size)
    }
    values = []
    for one in range(count):
        others = [each for each in range(count) if each != one]
        value = 0.0
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for members in combinations(others, size):
                value += weight * (worth[tuple(sorted((*members, one)))] - worth[members])
        values.append(value)
    return values


def order(psi: Sequence[float]) -> list[int]:
    """The answers by contribution, best first, of equal ones the later: a topological order of any graph of `edges`."""
    return sorted(range(len(psi)), key=lambda each: (psi[each], each), reverse=True)


def edges(rows: Sequence[Row], psi: Sequence[float], threshold: float) -> list[tuple[int, int]]:
    """Who is read by whom: m by n where they are at least `threshold` alike and m contributes more."""
    several = range(len(rows))
    return [(m, n) for m in several for n in several if psi[m] > psi[n] and cosine(rows[m], rows[n]) >= threshold]


def central(rows: Sequence[Row], psi: Sequence[float]) -> int:
    """The answer nearest to the mean of all, each weighing what it contributes."""
    middle = _sum(rows, psi)
    return max(range(len(rows)), key=lambda each: cosine(rows[each], middle))


def least_alike(rows: Sequence[Row]) -> float:
    """The smallest cosine of any two; 1 for fewer than two."""
    return min((cosine(one, two) for one, two in combinations(rows, 2)), default=1.0)


def _sum(rows: Sequence[Row], weights: Sequence[float]) -> list[float]:
    return [
        sum(weight * row[place] for weight, row in zip(weights, rows, strict=True)) for place in range(len(rows[0]))
    ]

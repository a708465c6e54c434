"""Weights of the judges, as `python -m benchmarks.noise fit` finds them.

It must not know how they are used.
"""

from policies.noise.logistic import Logistic

FOREIGN = Logistic(
    -1.647,
    {
        "whole": 7.577,
        "held": -9.979,
        "missing": 2.810,
        "mass": -1.748,
        "usual": 2.977,
    },
)
"""A sentence of nobody, in an aggregate that follows its workers one by one."""

SCATTERED = Logistic(
    -1.983,
    {
        "whole": 6.086,
        "held": -5.443,
        "missing": 3.195,
        "mass": -2.010,
        "usual": 3.310,
    },
)
"""The same, in an aggregate that mixes them."""

GROUNDLESS = Logistic(
    -3.809,
    {
        "words": 2.051,
        "pairs": 2.912,
        "self": 13.630,
        "asks": 4.306,
        "novel": 1.690,
    },
)
"""A reply without ground in its source."""

ALTERED = Logistic(
    -0.443,
    {
        "changed": 2.928,
        "names": 0.681,
        "denials": 1.099,
        "denied": 0.656,
        "opposites": 0.249,
        "outweighed": 0.582,
        "turned": 0.831,
        "exclusives": 0.306,
        "grim": 0.395,
        "novelty": -1.603,
    },
)
"""A retelling that changes what the source says."""

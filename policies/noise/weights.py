"""Weights of the judges, as `python -m benchmarks.noise fit` finds them.

It must not know how they are used.
"""

from policies.noise.logistic import Logistic

FOREIGN = Logistic(
    -1.631,
    {
        "whole": 7.683,
        "held": -10.128,
        "missing": 2.834,
        "mass": -1.770,
        "usual": 2.975,
    },
)
"""A sentence of nobody, in an aggregate that follows its workers one by one."""

SCATTERED = Logistic(
    -2.000,
    {
        "whole": 6.182,
        "held": -5.482,
        "missing": 3.222,
        "mass": -2.023,
        "usual": 3.274,
    },
)
"""The same, in an aggregate that mixes them."""

GROUNDLESS = Logistic(
    -3.812,
    {
        "words": 2.044,
        "pairs": 2.916,
        "self": 13.616,
        "asks": 4.306,
        "novel": 1.695,
    },
)
"""A reply without ground in its source."""

ALTERED = Logistic(
    -0.461,
    {
        "changed": 2.907,
        "names": 0.673,
        "denials": 1.102,
        "denied": 0.659,
        "opposites": 0.250,
        "outweighed": 0.598,
        "turned": 0.837,
        "exclusives": 0.311,
        "grim": 0.401,
        "novelty": -1.547,
    },
)
"""A retelling that changes what the source says."""

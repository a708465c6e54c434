"""Figures of policies: numbers that add up by name, those of one exchange and those of a session so far.

It must not know any policy, nor who shows the sums.
"""

from collections.abc import Mapping
from math import inf
from numbers import Real

ROAD = "road"
"""Under this name the road keeps its own memory of a session, beside those of the policies."""
ERRANDS = f"{ROAD}.errands_usd"
"""US dollars of the calls that errands made after their exchange was settled; in no exchange's cost."""


def counted(policy: str, figures: object) -> dict[str, float]:
    """What a policy asks to count, as `policy.name` -> number.

    What cannot be added up is left out: what is no number, a negative one, one that is not finite.
    """
    named = figures.items() if isinstance(figures, Mapping) else ()
    return {f"{policy}.{name}": number for name, value in named if (number := _number(value)) is not None}


def known(memory: Mapping[str, object]) -> dict[str, float]:
    """The sums in a session's memory; empty where nothing was counted."""
    own = memory.get(ROAD)
    figures = own.get("figures") if isinstance(own, Mapping) else None
    named = figures.items() if isinstance(figures, Mapping) else ()
    return {str(name): number for name, value in named if (number := _number(value)) is not None}


def summed(*many: Mapping[str, float]) -> dict[str, float]:
    """All of them added up, name by name."""
    total: dict[str, float] = {}
    for figures in many:
        for name, number in figures.items():
            total[name] = total.get(name, 0.0) + number
    return total


def remembered(memory: Mapping[str, object], figures: Mapping[str, float]) -> dict[str, object]:
    """The road's new memory of a session: these figures added to what `memory` holds."""
    return {"figures": summed(known(memory), figures)}


def _number(value: object) -> float | None:
    if not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if 0 <= number < inf else None

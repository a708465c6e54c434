"""Routing: a model for each question, by cards, prices, health and what came of earlier choices.

It must not know the road or any other policy. See `docs/policies/routing.md`.
"""

from policies.routing.policy import Routing, scored
from policies.routing.rehearsal import Verdict, rehearsed
from policies.routing.wishes import NAMES, Checks, Foreteller, Wishes

__all__ = ["NAMES", "Checks", "Foreteller", "Routing", "Verdict", "Wishes", "rehearsed", "scored"]

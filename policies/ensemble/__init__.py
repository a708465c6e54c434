"""Teams: several models that answer as one, with a graph that is decided for each question.

It must not know the road, nor any other policy.
"""

from policies.ensemble.asking import Limits
from policies.ensemble.feedback import scored
from policies.ensemble.member import Condition, Member
from policies.ensemble.policy import TEAMS, Company, Ensemble, unfit

__all__ = ["TEAMS", "Company", "Condition", "Ensemble", "Limits", "Member", "scored", "unfit"]

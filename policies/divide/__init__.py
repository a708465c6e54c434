"""Long inputs in parts: a planner, workers and a manager behind the name of one model; and what dividing costs.

It must not know the road. How the size of parts is chosen knows no requests either.
"""

from policies.divide.plan import Limits
from policies.divide.policy import NAME, Divide, Wishes
from policies.divide.sizing import Point

__all__ = ["NAME", "Divide", "Limits", "Point", "Wishes"]

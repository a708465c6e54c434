"""What gets lost, added and changed where several workers' outputs are made into one: checks, report, and the policy.

It must not know the road. The checks know no policy either, nor where the texts came from.
"""

from policies.noise.aggregation import checked
from policies.noise.curve import of as curve_of
from policies.noise.policy import Noise
from policies.noise.quotations import Output, Outputs, Quote, fresh
from policies.noise.report import Evidence, Finding, Report, examined
from policies.noise.wishes import Wishes

__all__ = [
    "Evidence",
    "Finding",
    "Noise",
    "Output",
    "Outputs",
    "Quote",
    "Report",
    "Wishes",
    "checked",
    "curve_of",
    "examined",
    "fresh",
]

"""What gets lost, added and changed where several workers' outputs are made into one: pure checks and their report.

It must not know the road or any policy, nor where the texts came from.
"""

from policies.noise.quotations import Output, Outputs, Quote, fresh
from policies.noise.report import Evidence, Finding, Report, examined

__all__ = ["Evidence", "Finding", "Output", "Outputs", "Quote", "Report", "examined", "fresh"]

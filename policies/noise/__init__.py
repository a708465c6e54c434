"""What gets lost, added and changed where several workers' outputs are made into one: pure checks and their report.

It must not know the road or any policy, nor where the texts came from.
"""

from policies.noise.report import Evidence, Finding, Report, examined

__all__ = ["Evidence", "Finding", "Report", "examined"]

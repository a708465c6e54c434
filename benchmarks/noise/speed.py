"""Processor time of a report: five workers of about 500 words and an aggregate of as many.

It must not know what is in a report.
"""

from collections.abc import Sequence
from statistics import median
from time import process_time

from benchmarks.noise.groups import Group
from policies.noise.report import examined

WORDS = 500
TURNS = 5


def measured(groups: Sequence[Group]) -> dict[str, float]:
    """Milliseconds of each group's report, its texts made up to their length from the other groups."""
    filler = [sentence for group in groups for sentence in group.aggregate()]
    took = []
    for place, group in enumerate(groups):
        workers = [filled(worker, filler[(place + 1 + who) * 40 :]) for who, worker in enumerate(group.workers)]
        aggregate = filled("\n".join(group.aggregate()), filler[place * 30 :])
        for _ in range(TURNS):
            begin = process_time()
            examined(workers, aggregate)
            took.append(1e3 * (process_time() - begin))
    took.sort()
    return {
        "ms_median": round(median(took), 2),
        "ms_p95": round(took[int(0.95 * (len(took) - 1))], 2),
        "words": 6 * WORDS,
        "reports": len(took),
    }


def filled(text: str, more: Sequence[str]) -> str:
    """The text, with sentences behind it until it has its length."""
    said = text.split()
    for sentence in more:
        if len(said) >= WORDS:
            break
        said += sentence.split()
    return " ".join(said[:WORDS]) if len(said) > WORDS else " ".join(said)

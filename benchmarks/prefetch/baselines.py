"""The baseline for names: a Markov chain over tool names with back-off to order 4, blended as PPM does.

It must not know arguments, nor what users say.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.prefetch.traces import Session

ORDER = 4


class Markov:
    """Counts of what followed the last 0 to 4 calls of a session."""

    def __init__(self, sessions: Iterable[Session]) -> None:
        self._counts: defaultdict[tuple[str, ...], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for session in sessions:
            names = called(session)
            for place, name in enumerate(names):
                for order in range(min(ORDER, place) + 1):
                    self._counts[tuple(names[place - order : place])][name] += 1

    def foretold(self, before: Sequence[str]) -> list[str]:
        """The names that may follow, the likeliest first."""
        shares: defaultdict[str, float] = defaultdict(float)
        left = 1.0
        for order in range(min(ORDER, len(before)), -1, -1):
            counts: Mapping[str, int] = self._counts.get(tuple(before[len(before) - order :]), {})
            total = sum(counts.values())
            for name, times in counts.items():
                shares[name] += left * times / (total + len(counts))
            left *= len(counts) / (total + len(counts)) if total else 1.0
        return sorted(shares, key=lambda name: (-shares[name], name))


def called(session: Session) -> list[str]:
    """The names of a session's calls, in order."""
    return [call.name for event in session.events for _, call in event.calls]


def right(sessions: Iterable[Session], markov: Markov) -> tuple[int, int]:
    """Calls whose name was foretold, and calls."""
    hits = total = 0
    for session in sessions:
        names = called(session)
        for place, name in enumerate(names):
            hits += markov.foretold(names[:place])[:1] == [name]
            total += 1
    return hits, total

"""Work that was done twice: workers who hand in the same text, or nearly.

It must not know why.
"""

from collections import defaultdict
from collections.abc import Sequence

from policies.noise.text import words

LONG = 5
"""Words of a shingle."""
SAME = 0.8
"""Share of the shorter text's shingles in the longer one, from which they are the same work."""
MOST = 64
"""Different texts that are compared; exact repetitions are found among any number."""


def repeats(workers: Sequence[str]) -> list[tuple[int, ...]]:
    """Groups of workers with the same work, each in order. A text without words repeats nothing."""
    texts: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for worker, text in enumerate(workers):
        said = tuple(words(text))
        if said:
            texts[said].append(worker)
    groups: list[list[int]] = []
    kept: list[set[tuple[str, ...]]] = []
    for said, who in texts.items():
        shingles = {said[place : place + LONG] for place in range(max(1, len(said) - LONG + 1))}
        same = next((place for place, other in enumerate(kept) if _share(shingles, other) >= SAME), None)
        if same is not None:
            groups[same] += who
            continue
        groups.append([*who])
        if len(kept) < MOST:
            kept.append(shingles)
    return [tuple(sorted(group)) for group in groups if len(group) > 1]


def _share(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / min(len(one), len(other))

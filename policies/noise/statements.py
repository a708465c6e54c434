"""What several workers said, made ready to be searched: statements, the weight of each word, who said what.

It must not know the aggregate, nor what is made of what is found.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot, log
from typing import NamedTuple

from policies.noise.text import Sentence, sentences

Vector = Mapping[str, float]
"""Weights by stem, of length 1."""


class Statement(NamedTuple):
    """A sentence of a worker."""

    worker: int
    sentence: Sentence


class Statements:
    """The statements of workers, by worker in the order given.

    A word's weight is its inverse document frequency over the statements: what all say weighs little, what nobody says
    weighs most.
    """

    def __init__(self, workers: Sequence[str]) -> None:
        self.workers = len(workers)
        self.each = [Statement(worker, sentence) for worker, text in enumerate(workers) for sentence in sentences(text)]
        counts = Counter(stem for _, sentence in self.each for stem in {*sentence.stems})
        self._unseen = log((len(self.each) + 1) / 0.5)
        self._weights = {stem: log((len(self.each) + 1) / (count + 0.5)) for stem, count in counts.items()}
        self._owners: list[int] = []
        self._windows: defaultdict[str, list[int]] = defaultdict(list)
        self._workers: defaultdict[str, set[int]] = defaultdict(set)
        self._index()

    def first(self, worker: int) -> Sentence:
        """The first sentence of a worker that says anything; of one who says something."""
        return next(sentence for by, sentence in self.each if by == worker and sentence.stems)

    def weight(self, stem: str) -> float:
        """How much a word tells."""
        return self._weights.get(stem, self._unseen)

    def mass(self, stems: Sequence[str]) -> float:
        """How much the different words of a sentence tell."""
        return sum(self.weight(stem) for stem in {*stems})

    def missing(self, stems: Sequence[str], worker: int) -> float:
        """How much of it the worker did not say."""
        return sum(self.weight(stem) for stem in {*stems} if worker not in self._workers.get(stem, ()))

    def shares(self, stems: Sequence[str]) -> tuple[list[float], list[float]]:
        """For each worker: the share of a sentence's weight that stands anywhere in what the worker said; and that
        stands in one statement of the worker or in two that follow each other."""
        whole, close = [0.0] * self.workers, [0.0] * self.workers
        mass = self.mass(stems)
        if not mass:
            return whole, close
        windows: defaultdict[int, float] = defaultdict(float)
        for stem in {*stems}:
            weight = self.weight(stem) / mass
            for worker in self._workers.get(stem, ()):
                whole[worker] += weight
            for window in self._windows.get(stem, ()):
                windows[window] += weight
        for window, share in windows.items():
            owner = self._owners[window]
            if share > close[owner]:
                close[owner] = share
        return whole, close

    def vector(self, stems: Sequence[str]) -> Vector:
        """The words weighted by TF-IDF, as a vector of length 1; of no words the empty one."""
        found = {stem: self._weights.get(stem, self._unseen) for stem in stems}
        if len(found) < len(stems):
            found = {stem: (1 + log(stems.count(stem))) * weight for stem, weight in found.items()}
        length = hypot(*found.values())
        return {stem: each / length for stem, each in found.items()} if length else {}

    def _index(self) -> None:
        """Each two statements of a worker that follow each other are a window, and the only one of a worker."""
        for (worker, one), (other, two) in pairwise(self.each):
            if worker == other:
                self._window(worker, {*one.stems, *two.stems})
        several = {*self._owners}
        for worker, sentence in self.each:
            for stem in sentence.stems:
                self._workers[stem].add(worker)
            if worker not in several:
                self._window(worker, {*sentence.stems})

    def _window(self, worker: int, stems: set[str]) -> None:
        for stem in stems:
            self._windows[stem].append(len(self._owners))
        self._owners.append(worker)

"""How much of a response its source does not carry: words of its own, and small changes that turn a statement.

It must not know which response is wrong, nor anything of the world. Two judges look at it: one for what has no ground
in the source at all, one for what was altered: values, names, negations, opposites.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log1p
from typing import NamedTuple

from policies.noise.lexicon import EMPTY_WORDS, EXCLUSIVES, GRIM, NEGATING, NEGATORS, OPPOSITES, SELF, TELLING
from policies.noise.logistic import squash
from policies.noise.names import names
from policies.noise.text import stem, words
from policies.noise.values import Deviation, deviations, given, values
from policies.noise.weights import ALTERED, GROUNDLESS

SHORT, LONG = 24, 36
"""Words up to which a response is a reply, and from which it retells, …"""
SHORTER, LONGER = 18, 26
"""… and where the source is much longer."""
ALIKE_LONG, MUCH_LONGER = 1.5, 3.0
"""Lengths of sources, in lengths of the response, up to which it is not and from which it is."""
MOST = 2
"""So many changes of a kind tell all there is to tell."""
AFTER = 4
"""Words behind a negator that it negates."""
_STEMMED = {stem(word): frozenset(map(stem, others)) for word, others in OPPOSITES.items()}
_GRIM = frozenset(map(stem, GRIM))


class Judged(NamedTuple):
    """What was found of a response beside its source."""

    groundless: Mapping[str, float]
    """Features: shares of what is not in the source."""
    altered: Mapping[str, float]
    """Features: how many changes of each kind."""
    abstract: float
    """0 to 1: from a short reply to a text long enough to retell the source in words of its own."""

    @property
    def score(self) -> float:
        """0 to 1: how much the response looks unsupported."""
        return squash(self.logit)

    @property
    def logit(self) -> float:
        """Log odds of it: of a short reply its ground decides, of a retelling its changes."""
        ground, changes = GROUNDLESS.logit(self.groundless), ALTERED.logit(self.altered)
        return (1 - self.abstract) * ground + self.abstract * changes


class Source:
    """A text that responses are held against."""

    def __init__(self, text: str) -> None:
        self.words = words(text)
        self.stems = Counter(map(stem, self.words))
        self.known = {*self.words, *self.stems}
        self.pairs = {*pairwise(self.words)}
        self.negated = {each for behind in _negated(self.words) for each in behind}
        self.values = given([text])

    def judged(self, response: str) -> Judged:
        """The features of a response."""
        said = words(response)
        return Judged(self._ground(said, "?" in response), self._changes(said, response), self._abstract(len(said)))

    def deviations(self, response: str) -> list[Deviation]:
        """Values of the response that the source does not have."""
        return deviations(self.values, values(response), 0)

    def _abstract(self, length: int) -> float:
        """How far a response of so many words is an abstract of the source, and no reply to it."""
        condensed = _between(len(self.words) / max(1, length), ALIKE_LONG, MUCH_LONGER)
        return max(_between(length, SHORT, LONG), condensed * _between(length, SHORTER, LONGER))

    def _ground(self, said: Sequence[str], asks: bool) -> Mapping[str, float]:
        """Shares of words and pairs that the source does not have."""
        content = [stem(word) for word in said if word not in EMPTY_WORDS]
        return {
            "words": _share([each not in self.stems for each in content]),
            "pairs": _share([pair not in self.pairs for pair in pairwise(said)]),
            "self": _share([word in SELF for word in said]),
            "asks": float(asks),
            "novel": log1p(sum(each not in self.stems for each in content)),
        }

    def _changes(self, said: Sequence[str], response: str) -> Mapping[str, float]:
        """Changes by kind, each counted up to `MOST`."""
        novel = [word for word in said if word not in self.known and stem(word) not in self.known]
        found = self.deviations(response)
        counted = {
            "changed": sum(each.changed for each in found),
            "names": len({part for name in names(response) for part in name.parts if not self._has(part)}),
            "denials": sum(word in NEGATORS or word.endswith("n't") for word in novel),
            "denied": sum(bool(behind) and not behind & self.negated for behind in _negated(said)),
            "opposites": sum(any(other in self.stems for other in _STEMMED.get(stem(word), ())) for word in novel),
            "outweighed": self._outweighed(said),
            "turned": sum(self._turned(word) for word in novel),
            "exclusives": sum(word in EXCLUSIVES for word in novel),
            "grim": sum(stem(word) in _GRIM for word in novel),
        }
        content = [word for word in novel if word not in EMPTY_WORDS and word not in TELLING]
        return {kind: float(min(MOST, count)) for kind, count in counted.items()} | {
            "novelty": len(content) / max(1, len(said))
        }

    def _has(self, word: str) -> bool:
        return word in self.known or stem(word) in self.known

    def _outweighed(self, said: Sequence[str]) -> int:
        """Words that the source has, whose opposite it has more often and the response has not."""
        own = {*map(stem, said)}
        return sum(
            any(other not in own and self.stems[other] > self.stems[each] for other in _STEMMED.get(each, ()))
            for each in own
            if each in self.stems
        )

    def _turned(self, word: str) -> bool:
        """Whether it is a word of the source with a negating beginning, or without the one it has there."""
        if any(
            word.startswith(each) and len(word) - len(each) > 3 and self._has(word[len(each) :]) for each in NEGATING
        ):
            return True
        return (word.endswith("less") and self._has(word[:-4])) or any(each + word in self.known for each in NEGATING)


def _negated(said: Sequence[str]) -> list[frozenset[str]]:
    """For each negator the stems of the words behind it."""
    return [
        frozenset(stem(each) for each in said[place + 1 : place + 1 + AFTER] if each not in EMPTY_WORDS)
        for place, word in enumerate(said)
        if word in NEGATORS or word.endswith("n't")
    ]


def _between(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight between them."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _share(flags: Sequence[bool]) -> float:
    """Share of those that are true; 0 of none."""
    return sum(flags) / len(flags) if flags else 0.0

"""The lexical baselines: TF-IDF of plain words, shares of words, numbers as they are written.

It must not know the checks that are measured beside them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt

_WORD = re.compile(r"\b\w\w+\b")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"\b[A-Z]\w+")


def tokens(text: str) -> list[str]:
    """Words of two characters or more in lower case."""
    return _WORD.findall(text.lower())


class TfIdf:
    """Smoothed TF-IDF over these sentences, vectors of length 1."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._sentences = len(sentences)
        self._counts = Counter(word for sentence in sentences for word in {*tokens(sentence)})

    def vector(self, sentence: str) -> Mapping[str, float]:
        """The sentence as a vector."""
        found = {
            word: count * (log((1 + self._sentences) / (1 + self._counts[word])) + 1)
            for word, count in Counter(tokens(sentence)).items()
        }
        length = sqrt(sum(each * each for each in found.values())) or 1.0
        return {word: each / length for word, each in found.items()}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of two vectors of length 1."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def nearest(sentences: Sequence[str], others: Sequence[str]) -> list[float]:
    """The highest TF-IDF similarity of each sentence to one of the others."""
    model = TfIdf([*sentences, *others])
    vectors = [model.vector(other) for other in others]
    return [max((cosine(model.vector(each), vector) for vector in vectors), default=0.0) for each in sentences]


def recall(sentence: str, words: Iterable[str]) -> float:
    """Share of the sentence's words that are among these."""
    known, found = {*words}, tokens(sentence)
    return sum(word in known for word in found) / len(found) if found else 0.0


def numbers(text: str) -> list[str]:
    """Runs of digits."""
    return _NUMBER.findall(text)


def novel_values(source: str, response: str) -> float:
    """Share of a response's numbers and capitalised words that the source lacks."""
    found = [*numbers(response), *_NAME.findall(response)]
    known = {*numbers(source), *(word.lower() for word in re.findall(r"\w+", source))}
    return sum(each.lower() not in known for each in found) / len(found) if found else 0.0


def novel_words(source: str, response: str) -> float:
    """Share of a response's words of four letters or more that the source lacks."""
    found = [word for word in tokens(response) if len(word) >= 4]
    known = {*tokens(source)}
    return sum(word not in known for word in found) / len(found) if found else 0.0


def novel_pairs(source: str, response: str) -> float:
    """Share of a response's pairs of neighbouring words that the source lacks."""
    one, other = tokens(source), tokens(response)
    known = {*pairwise(one)}
    found = [*pairwise(other)]
    return sum(pair not in known for pair in found) / len(found) if found else 0.0

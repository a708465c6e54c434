"""How near two texts are, without a model: hashed word counts, rare words weighing more.

It must not know what the texts are for. Where embeddings are installed their vectors take this one's place.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
STEMS = ("ations", "ation", "ings", "ing", "ies", "ics", "ic", "als", "al", "ed", "es", "s", "y")
SHORTEST = 4
SMALL = re.compile(
    r"a|an|and|are|as|at|be|by|can|do|does|for|from|give|has|have|how|i|if|in|into|is|it|its|many|me|much|"
    r"my|no|not|of|on|or|our|so|than|that|the|their|them|then|there|these|they|this|those|to|us|was|we|"
    r"were|what|when|where|which|who|whose|why|will|with|would|you|your"
)
"""Words that say nothing about a subject."""
BUCKETS = 1 << 18
MOST = 20_000
"""Characters of a text that are read: its end, where an answer stands."""

Vector = Mapping[int, float]
"""A sparse vector of length 1, or empty."""


def vectors(texts: Sequence[str]) -> list[Vector]:
    """One vector for each text; a word counts by how few of these texts have it (log(1 + n/df)).

    Sublinear counts (1 + log), cosine by `cosine`. Source of the weighting: Salton and Buckley 1988.
    """
    counts = [_counts(text[-MOST:]) for text in texts]
    seen = Counter(bucket for count in counts for bucket in count)
    return [_unit({b: (1 + math.log(n)) * math.log(1 + len(texts) / seen[b]) for b, n in c.items()}) for c in counts]


def cosine(one: Vector, other: Vector) -> float:
    """Cosine of two vectors of length 1; 0 where one is empty."""
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(bucket, 0.0) for bucket, weight in one.items())


def dense(rows: Sequence[Vector]) -> list[list[float]]:
    """The same vectors over the words that occur in any of them."""
    places = {bucket: place for place, bucket in enumerate(sorted({bucket for row in rows for bucket in row}))}
    return [[row.get(bucket, 0.0) for bucket in places] for row in rows]


def _unit(weights: Mapping[int, float]) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {bucket: weight / length for bucket, weight in weights.items()} if length else {}


@lru_cache(maxsize=512)
def _counts(text: str) -> Mapping[int, int]:
    words = [_stem(word) for word in WORD.findall(text.lower()) if not SMALL.fullmatch(word)]
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    return Counter(map(_bucket, (*words, *pairs)))


def _stem(word: str) -> str:
    for ending in STEMS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=16_384)
def _bucket(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big") % BUCKETS

"""Which sentences of an aggregate no worker stands behind.

It must not know whether such a sentence is true. A sentence is looked for in statements of the workers; how much of it
must be there follows from how much it says, and from the passage: an aggregate that follows worker 3 for four
sentences seldom has one of nobody between them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from policies.noise.statements import Statements
from policies.noise.text import Sentence
from policies.noise.weights import FOREIGN, SCATTERED

REACH = 3
"""Sentences to each side that make a passage."""

ELSEWHERE = 0.3
"""A sentence of a worker whom the passage does not follow is held by so much less."""
ORDERED = 0.77
"""An aggregate keeps to an order of workers where the neighbours' hold this share of what the best ones hold."""

Features = Mapping[str, float]


class Supported(NamedTuple):
    """How far workers stand behind a sentence of the aggregate."""

    sentence: Sentence
    worker: int
    """The one whose statements hold most of it."""
    foreign: float
    """0 to 1: how much it looks like a sentence of nobody."""
    features: Features


class _Share(NamedTuple):
    """What of a sentence each worker said: anywhere, and in one place."""

    whole: Sequence[float]
    close: Sequence[float]

    def best(self) -> int:
        """The worker who said most of it."""
        return max(range(len(self.whole)), key=lambda worker: (self.whole[worker] + self.close[worker], -worker))


def supported(statements: Statements, aggregate: Sequence[Sentence]) -> list[Supported]:
    """Each sentence of the aggregate that says anything, with what stands behind it."""
    telling = [sentence for sentence in aggregate if sentence.stems]
    if not statements.workers:
        return []
    shares = [_Share(*statements.shares(sentence.stems)) for sentence in telling]
    near = _neighbours(shares)
    judge = FOREIGN if near else SCATTERED
    best = [max(share.close) for share in shares]
    found = []
    for place, (sentence, share) in enumerate(zip(telling, shares, strict=True)):
        usual = (sum(best) - best[place]) / (len(best) - 1) if len(best) > 1 else best[place]
        features = _features(statements, sentence, share, near[place] if near else [share.best()]) | {"usual": usual}
        found.append(Supported(sentence, share.best(), judge(features), features))
    return found


def _features(statements: Statements, sentence: Sentence, own: _Share, near: Sequence[int]) -> dict[str, float]:
    """What tells a sentence of nobody from one of the workers' own."""
    return {
        "whole": max(own.whole),
        "held": max(max(own.close[worker] for worker in near), max(own.close) - ELSEWHERE),
        "missing": statements.missing(sentence.stems, own.best()) / 10,
        "mass": statements.mass(sentence.stems) / 10,
    }


def _neighbours(shares: Sequence[_Share]) -> list[Sequence[int]]:
    """For each sentence the workers whom the passages before and after it follow; empty where the aggregate keeps to no
    order of workers and a passage says nothing."""
    found: list[Sequence[int]] = []
    for place, own in enumerate(shares):
        left = _leader(shares[max(0, place - REACH) : place][::-1])
        right = _leader(shares[place + 1 : place + 1 + REACH])
        found.append([worker for worker in (left, right) if worker is not None] or [own.best()])
    kept = sum(max(own.close[worker] for worker in near) for own, near in zip(shares, found, strict=True))
    whole = sum(max(own.close) for own in shares)
    return found if kept > ORDERED * whole else []


def _leader(passage: Sequence[_Share]) -> int | None:
    """The worker whom a passage follows, its nearest sentence first; None of no passage."""
    if not passage:
        return None
    workers = range(len(passage[0].whole))
    votes = [
        sum((share.whole[w] ** 2 + share.close[w] ** 2) / 2**far for far, share in enumerate(passage)) for w in workers
    ]
    return max(workers, key=lambda worker: votes[worker])

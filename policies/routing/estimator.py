"""How well each model will do on a question: shrunken regressions and neighbours' votes, mixed by cross-validation, and
moved where that makes the choice better.

It must not know where questions and scores come from, nor what a model costs.

What is estimated are deviations from a prior: with nothing known the estimate is the prior, with a few scores a model's
level moves, with many it depends on the question. Scores may be missing (NaN): of outcomes in use nearly all are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.routing.choosing import ASCENTS, Ascent, moved
from policies.routing.outcomes import LEVEL
from policies.routing.regression import Sums, sparse_path
from policies.routing.sketch import Rows
from policies.routing.space import Placed, features
from policies.routing.votes import votes

JOINT, LINEAR = (3.0, 10.0, 30.0, 60.0, 120.0), (10.0, 30.0, 100.0, 200.0, 400.0)
PRUDENT = 30.0
"""The joint penalty where there is nothing to choose it by."""
VOICES = (0.0, 0.5)
"""Weights of the votes beside a regression."""
FOLDS = 4
FEWEST = 200
"""Questions with all scores known, below which nothing is chosen by cross-validation."""
MARGINS = (0.0, 0.01, 0.02, 0.05)
CERTAIN = 1.0
"""Standard errors by which choosing must beat the best single model, or that one is always taken."""


class Candidate(NamedTuple):
    """One way to estimate."""

    joint: bool
    penalty: float
    voice: float


ALL = tuple(
    Candidate(joint, penalty, voice)
    for joint, penalties in ((True, JOINT), (False, LINEAR))
    for penalty in penalties
    for voice in VOICES
)
PRUDENTLY = (Candidate(True, PRUDENT, 0.5),)


@dataclass(frozen=True, slots=True)
class Estimator:
    """Fitted estimates for the models of a set, in its order."""

    level: Rows
    """Each model's deviation from its prior, whatever the question."""
    joint: Rows
    linear: Rows
    """Weights of the two regressions, already mixed over their candidates."""
    voice: float
    """Share of the votes."""
    known: Placed
    heard: Rows
    """Deviations that vote."""
    single: int
    """The best single model."""
    push: Rows
    """Weights of what the choice adds to the scores, where it is right more often so."""
    margin: float
    """What a model must promise above that one to be taken in its place; infinite: none is."""

    def scores(self, asked: Placed, prior: Rows) -> Rows:
        """The estimated score of each model (columns) for each question (rows)."""
        found: Rows = prior + self.level + features(asked) @ self.joint + asked.point @ self.linear
        if self.voice and len(self.known.point):
            found = found + self.voice * votes(self.known.point, self.heard, asked.point)
        return np.asarray(found, np.float32)

    def chosen(self, asked: Placed, scores: Rows) -> NDArray[np.int64]:
        """The model to take for each question, given its estimates, cost aside: the best that clearly beats the best
        single one. What the choice adds, and what is clear, was learned from questions that are built alike: for
        strange ones the best estimate counts."""
        pushed = picked(scores + features(asked) @ self.push, self.single, self.margin)
        plain = picked(scores, self.single, 0.0 if np.isfinite(self.margin) else self.margin)
        return np.where(asked.familiar, pushed, plain)


def fit(
    known: Placed, scores: Rows, prior: Rows, certain: float = CERTAIN, ascents: Sequence[Ascent] = ASCENTS
) -> Estimator:
    """Learns from scores (questions by models, NaN where unknown) and what was believed of them before.

    `certain`: standard errors by which choosing must beat the best single model. `ascents`: ways to move the estimates
    towards a better choice, of which none is taken that does not show one.
    """
    present = ~np.isnan(scores)
    away = scores - prior
    level = (np.nansum(away, 0) / (present.sum(0) + LEVEL)).astype(np.float32)
    rest = (away - level).astype(np.float32)
    single = int((prior.mean(0) + level).argmax()) if len(prior) else 0
    if len(scores) >= FEWEST and present.all():
        found, unseen, parts = _chosen_by_trial(known, scores, prior + level, rest, level, single)
        push, unseen = _pushed(features(known), unseen, scores, parts, ascents)
        margin = _margin(unseen, scores, single, certain)
        return replace(found, push=push, margin=margin)
    paths = {True: sparse_path(features(known), rest, JOINT), False: sparse_path(known.point, rest, LINEAR)}
    return _mixed(known, rest, level, paths, PRUDENTLY, [1.0], single)


def picked(scores: Rows, single: int, margin: float) -> NDArray[np.int64]:
    """The column to take for each row."""
    best = scores.argmax(1)
    clear = scores.max(1) - scores[:, single] > margin
    return np.where(clear, best, single)


def _chosen_by_trial(
    known: Placed, scores: Rows, believed: Rows, rest: Rows, level: Rows, single: int
) -> tuple[Estimator, Rows, NDArray[np.int64]]:
    """All candidates are tried on questions they have not seen, and mixed by how likely each is to be the best. With
    the mixture what it would have said of each question unseen, and the part that each was in."""
    parts = np.arange(len(scores)) % FOLDS
    np.random.default_rng(len(scores)).shuffle(parts)
    heard = votes(known.point, rest, known.point, np.stack([parts, parts]))
    tried: dict[Candidate, Rows] = {}
    paths: dict[bool, list[Rows]] = {}
    for joint, penalties in ((True, JOINT), (False, LINEAR)):
        rows = features(known) if joint else known.point
        whole, unseen = _unseen(rows, rest, parts, penalties)
        paths[joint] = whole
        for penalty, guess in zip(penalties, unseen, strict=True):
            for voice in VOICES:
                tried[Candidate(joint, penalty, voice)] = believed + guess + voice * heard
    weights = _likelihoods([_gained(guess, scores) for guess in tried.values()])
    together = np.asarray(
        sum(weight * guess for weight, guess in zip(weights, tried.values(), strict=True)), np.float32
    )
    return _mixed(known, rest, level, paths, tuple(tried), weights, single), together, parts


def _pushed(
    rows: Rows, guess: Rows, scores: Rows, parts: NDArray[np.int64], ascents: Sequence[Ascent]
) -> tuple[Rows, Rows]:
    """Weights that move unseen guesses towards a better choice, mixed, with staying among them, by how likely each is
    to be the best; and the guesses, moved by what was learned from the other parts."""
    tried = [guess]
    for ascent in ascents:
        there = guess.copy()
        for part in range(FOLDS):
            own, other = parts == part, parts != part
            there[own] += rows[own] @ moved(rows[other], guess[other], scores[other], ascent)
        tried.append(there)
    weights = _likelihoods([_gained(each, scores) for each in tried])
    push = np.zeros((rows.shape[1], scores.shape[1]), np.float32)
    for weight, ascent in zip(weights[1:], ascents, strict=True):
        push += np.float32(weight) * moved(rows, guess, scores, ascent)
    return push, np.asarray(sum(weight * each for weight, each in zip(weights, tried, strict=True)), np.float32)


def _unseen(
    rows: Rows, rest: Rows, parts: NDArray[np.int64], penalties: Sequence[float]
) -> tuple[list[Rows], list[Rows]]:
    """The weights learned from everything, and for each penalty what would have been said of each row unseen."""
    pieces = [Sums.of(rows[parts == part], rest[parts == part]) for part in range(FOLDS)]
    whole = Sums(np.sum([piece.gram for piece in pieces], axis=0), np.sum([piece.moment for piece in pieces], axis=0))
    unseen = [np.zeros_like(rest) for _ in penalties]
    for part, piece in enumerate(pieces):
        for guess, weights in zip(unseen, whole.without(piece).path(penalties), strict=True):
            guess[parts == part] = rows[parts == part] @ weights
    return whole.path(penalties), unseen


def _gained(guess: Rows, scores: Rows) -> Rows:
    """What taking the best guess brings on each question."""
    return np.asarray(scores[np.arange(len(scores)), guess.argmax(1)], np.float32)


def _likelihoods(gains: Sequence[Rows]) -> list[float]:
    """A weight for each candidate: 1 for the best, falling with its distance in standard errors; their sum is 1."""
    means = [float(gain.mean()) for gain in gains]
    best = gains[int(np.argmax(means))]
    found = []
    for gain in gains:
        lost = best - gain
        error = float(lost.std()) / np.sqrt(len(lost)) or 1.0
        found.append(float(np.exp(-0.5 * (float(lost.mean()) / error) ** 2)))
    return [weight / sum(found) for weight in found]


def _margin(guess: Rows, scores: Rows, single: int, certain: float) -> float:
    """The margin that did best; infinite where choosing did not clearly beat the best single model."""
    alone = scores[:, single]
    gains = [scores[np.arange(len(scores)), picked(guess, single, margin)] - alone for margin in MARGINS]
    best = int(np.argmax([gain.mean() for gain in gains]))
    gain = gains[best]
    error = float(gain.std()) / np.sqrt(len(gain))
    return MARGINS[best] if gain.mean() > certain * error else float("inf")


def _mixed(
    known: Placed,
    rest: Rows,
    level: Rows,
    paths: Mapping[bool, Sequence[Rows]],
    candidates: Sequence[Candidate],
    weights: Sequence[float],
    single: int,
) -> Estimator:
    """Regressions are linear, so a mixture of them is one."""
    joint, linear = np.zeros_like(paths[True][0]), np.zeros_like(paths[False][0])
    voice = 0.0
    for each, weight in zip(candidates, weights, strict=True):
        if each.joint:
            joint += np.float32(weight) * paths[True][JOINT.index(each.penalty)]
        else:
            linear += np.float32(weight) * paths[False][LINEAR.index(each.penalty)]
        voice += weight * each.voice
    return Estimator(level, joint, linear, voice, known, rest, single, np.zeros_like(joint), 0.0)

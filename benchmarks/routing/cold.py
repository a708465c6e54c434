"""The cold start: routing from cards alone, and after some feedback, one score at a time.

It must not know how the estimator learns, nor how figures are shown.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.routing.figures import Figures, averaged
from benchmarks.routing.questions import Places, Questions, splits
from policies.routing.estimator import Estimator, fit
from policies.routing.prior import Belief, share, topics
from policies.routing.prior import read as read_belief
from policies.routing.sketch import Rows
from policies.routing.space import Space
from policies.routing.trio import likeliest
from proxy.roster import Card
from proxy.upstreams.models import parse_models

CARDS = Path(__file__).with_name("cards.yaml")
AGAIN = 10
"""Scores after which the estimate is made anew."""
CURIOSITY = 0.5
"""Standard deviations of a model's level that count for it while scores are gathered."""


def beliefs(models: Sequence[str], cards: Path = CARDS) -> list[Belief]:
    """What the cards say of the models; of one without a card, its name."""
    told = parse_models(cards.read_text(encoding="utf-8"))
    return [read_belief(name, told[name].card if name in told else Card()) for name in models]


def cold(questions: Questions, seeds: int, count: int, cards: Path = CARDS) -> dict[str, Figures]:
    """The means over splits: random, best single, from cards alone, and after `count` scores, if that is not 0."""
    many: list[dict[str, Figures]] = []
    for learned, judged in splits(questions, seeds):
        truth = questions.scores[judged]
        best = int(questions.scores[learned].mean(0).argmax())
        prior = _believed(questions, judged, cards)
        found = {
            "random": {"accuracy": float(truth.mean())},
            "single": _judged(questions, judged, np.full(len(judged), best), None),
            "cards": _judged(questions, judged, prior.argmax(1), prior),
        }
        if count:
            estimator, estimated = after(questions, learned, judged, count, cards)
            found["feedback"] = _judged(questions, judged, estimator.chosen(estimated), estimated)
        span = found["single"]["accuracy"] - found["random"]["accuracy"]
        found["cards"]["way"] = (found["cards"]["accuracy"] - found["random"]["accuracy"]) / (span or 1.0)
        many.append(found)
    return averaged(many)


def _believed(questions: Questions, places: Places, cards: Path) -> Rows:
    known = beliefs(questions.models, cards)
    asked = [topics(questions.texts[place]) for place in places]
    return np.array([[share(belief, those) for belief in known] for those in asked], np.float32)


def _judged(questions: Questions, judged: Places, chosen: Places, estimated: Rows | None) -> Figures:
    truth, rows = questions.scores[judged], np.arange(len(judged))
    found = {"accuracy": float(truth[rows, chosen].mean())}
    if estimated is not None:
        found["top3"] = float(np.take_along_axis(truth, likeliest(estimated), 1).max(1).mean())
    if questions.costs.size:
        found["cost"] = float(questions.costs[judged][rows, chosen].mean())
    return found


def after(
    questions: Questions, learned: Places, judged: Places, count: int, cards: Path = CARDS
) -> tuple[Estimator, Rows]:
    """What is learned from so many scores, each of one model on one question: of the model that the router would take,
    were it a little curious about those it knows less. With it the estimates for the questions to judge by."""
    asked = np.random.default_rng(count).choice(learned, min(count, len(learned)), replace=False)
    prior = _believed(questions, asked, cards)
    scores = np.full_like(prior, np.nan)
    space = Space.of(questions.rows[asked])
    placed = space.place(questions.rows[asked])
    estimate = prior
    for step, place in enumerate(asked):
        taken = _curious(estimate[step], scores)
        scores[step, taken] = questions.scores[place, taken]
        if (step + 1) % AGAIN == 0:
            estimate = fit(placed, scores, prior).scores(placed, prior)
    final = fit(placed, scores, prior)
    return final, final.scores(space.place(questions.rows[judged]), _believed(questions, judged, cards))


def _curious(estimate: Rows, scores: Rows) -> int:
    seen = (~np.isnan(scores)).sum(0)
    return int((estimate + CURIOSITY * np.sqrt(0.25 / (seen + 4))).argmax())

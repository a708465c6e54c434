"""The cold start: routing from cards alone, and after some feedback, one score at a time.

It must not know how figures are shown. What is measured is what is asked on the road, not the estimator.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.routing.figures import Figures, averaged
from benchmarks.routing.questions import Places, Questions, splits
from policies.routing.outcomes import Outcome, fold, harder, quality
from policies.routing.prior import Belief, share, topics
from policies.routing.prior import read as read_belief
from policies.routing.sketch import Rows
from policies.routing.trio import likeliest
from proxy.roster import Card
from proxy.upstreams.models import parse_models

CARDS = Path(__file__).with_name("cards.yaml")
ORDERS = 10
"""In which the questions come, for each split: which models the first of them fall to decides much."""


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
            orders = [after(questions, learned, judged, count, order, cards) for order in range(ORDERS)]
            judgements = [{"feedback": _judged(questions, judged, each.argmax(1), each)} for each in orders]
            found |= averaged(judgements)
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
    questions: Questions, learned: Places, judged: Places, count: int, order: int = 0, cards: Path = CARDS
) -> Rows:
    """What is expected of each model on the questions to judge by, after so many scores, each of the model that was
    taken for one question: the best by what was known then, as on the road."""
    asked = np.random.default_rng([count, order]).choice(learned, min(count, len(learned)), replace=False)
    known, lesson = beliefs(questions.models, cards), None
    for place in asked:
        kinds = topics(questions.texts[place])
        taken = int(np.argmax(_expected(questions.models, known, lesson, kinds)))
        score = float(questions.scores[place, taken])
        lesson = fold(lesson, [Outcome(questions.models[taken], tuple(sorted(kinds)), score).told()])
    kinds = [topics(questions.texts[place]) for place in judged]
    return np.array([_expected(questions.models, known, lesson, each) for each in kinds], np.float32)


def _expected(models: Sequence[str], known: Sequence[Belief], lesson: Any, kinds: frozenset[str]) -> list[float]:
    shift = harder(lesson, {model: belief.level for model, belief in zip(models, known, strict=True)})
    return [
        quality(lesson, model, kinds, share(belief, kinds) + shift)[0]
        for model, belief in zip(models, known, strict=True)
    ]

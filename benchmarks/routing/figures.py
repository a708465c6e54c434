"""The figures of routing: learned on some questions, judged on others, averaged over splits.

It must not know files, nor how figures are shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from benchmarks.routing.baselines import ROUTERS, labelled
from benchmarks.routing.frontier import aiq, cost_at, expected, hull, routed, singles
from benchmarks.routing.questions import Places, Questions, splits
from policies.routing.estimator import Estimator, fit
from policies.routing.expenses import Spending
from policies.routing.sketch import Rows
from policies.routing.space import Placed, Space
from policies.routing.trio import likeliest, sets

Figures = dict[str, float]
KEPT = (0.98, 0.95)
"""Shares of the best single model's quality at which its cost is compared."""


@dataclass(frozen=True)
class Trial:
    """One split: what a router may see, and what it is judged by."""

    rows: Rows
    scores: Rows
    asked: Rows
    truth: Rows

    @classmethod
    def of(cls, questions: Questions, learned: Places, judged: Places) -> "Trial":
        """The split of a set of questions."""
        return cls(questions.rows[learned], questions.scores[learned], questions.rows[judged], questions.scores[judged])


@dataclass(frozen=True)
class Ours:
    """What our router says of the questions of a trial."""

    estimated: Rows
    chosen: NDArray[np.int64]
    trios: NDArray[np.int64]
    known: Placed
    asked: Placed

    def costs(self, paid: Rows) -> Rows:
        """What it expects them to cost, having seen what was paid for those it learned from."""
        return Spending.of(self.known, paid).costs(self.asked)


def ours(trial: Trial) -> Ours:
    """Learns from a trial's questions, all scores known, nothing believed beforehand."""
    space = Space.of(trial.rows)
    known, asked = space.place(trial.rows), space.place(trial.asked)
    estimator = fit(known, trial.scores, flat(trial.scores))
    estimated = estimator.scores(asked, flat(trial.truth))
    trios = team(known, trial.scores, asked) if trial.scores.shape[1] >= 3 else likeliest(estimated)
    return Ours(estimated, estimator.chosen(asked, estimated), trios, known, asked)


def team(known: Placed, scores: Rows, asked: Placed) -> NDArray[np.int64]:
    """For each question the three models of which one is most likely right."""
    groups, together = sets(scores)
    estimator: Estimator = fit(known, together, flat(together), certain=0.0, ascents=())
    likely = estimator.scores(asked, np.full((len(asked.point), len(groups)), np.float32(0.5)))
    return np.asarray(groups[estimator.chosen(asked, likely)])


def flat(scores: Rows) -> Rows:
    """A prior that knows nothing."""
    return np.full_like(scores, 0.5)


def measured(questions: Questions, learned: Places, judged: Places) -> dict[str, Figures]:
    """Each router's figures on one split, by its name."""
    trial = Trial.of(questions, learned, judged)
    found = {"random": {"accuracy": float(trial.truth.mean())}}
    costs = _costs(questions, learned, judged)
    for name, router in ROUTERS.items():
        estimated = router(trial.rows, trial.scores, trial.asked)
        found[name] = of_estimates(estimated, estimated.argmax(1), likeliest(estimated), trial.truth, costs)
    known = labelled(questions.labels[learned], trial.scores, questions.labels[judged])
    found["label known"] = of_estimates(known, known.argmax(1), likeliest(known), trial.truth, costs)
    groups, _ = sets(trial.scores)
    found["best set of 3"] = {"top3": float(trial.truth[:, groups[0]].max(1).mean())}
    us = ours(trial)
    costs = costs and (us.costs(questions.costs[learned]), costs[1])
    found["ours"] = of_estimates(us.estimated, us.chosen, us.trios, trial.truth, costs)
    found["oracle"] = {"accuracy": float(trial.truth.max(1).mean())}
    return found


def of_estimates(
    estimated: Rows, chosen: NDArray[np.int64], trios: NDArray[np.int64], truth: Rows, costs: tuple[Rows, Rows] | None
) -> Figures:
    """The figures of what was chosen."""
    rows = np.arange(len(truth))
    found = {
        "accuracy": float(truth[rows, chosen].mean()),
        "top3": float(np.take_along_axis(truth, trios, 1).max(1).mean()),
    }
    if costs is None:
        return found
    expected_costs, true_costs = costs
    found["cost"] = float(true_costs[rows, chosen].mean())
    alone = singles(truth, true_costs)
    best = max(alone, key=lambda point: point[1])
    points = [*routed(estimated, expected_costs, truth, true_costs)]
    least, most = min(cost for cost, _ in alone), max(cost for cost, _ in alone)
    found["aiq"] = aiq(points, least, most)
    for share in KEPT:
        found[f"cost_at_{share * 100:.0f}"] = cost_at(points, share * best[1]) / best[0]
    return found


def of_singles(questions: Questions, judged: Places) -> Figures:
    """What mixing single models reaches, the cheapest edge of them."""
    truth, costs = questions.scores[judged], questions.costs[judged]
    points = singles(truth, costs)
    best = max(points, key=lambda point: point[1])
    least, most = min(cost for cost, _ in points), max(cost for cost, _ in points)
    kept = {f"cost_at_{share * 100:.0f}": cost_at(hull(points), share * best[1]) / best[0] for share in KEPT}
    return {"aiq": aiq(points, least, most), **kept}


def _costs(questions: Questions, learned: Places, judged: Places) -> tuple[Rows, Rows] | None:
    if not questions.costs.size:
        return None
    lengths = np.array([len(text) for text in questions.texts], np.float32)
    guess = expected(questions.costs[learned], lengths[learned], lengths[judged])
    return guess, questions.costs[judged]


def averaged(many: Sequence[Mapping[str, Figures]]) -> dict[str, Figures]:
    """The means over splits, router by router; of the ones at hand for a figure that one split lacks."""
    return {
        name: {figure: round(mean(each[name][figure] for each in many), 4) for figure in many[0][name]}
        for name in many[0]
    }


def over_splits(
    questions: Questions, seeds: int, told: Callable[[int, Mapping[str, Figures]], None] = lambda _seed, _found: None
) -> tuple[dict[str, Figures], list[Mapping[str, Figures]]]:
    """The means over splits, and each split's own."""
    many: list[Mapping[str, Figures]] = []
    for seed, (learned, judged) in enumerate(splits(questions, seeds)):
        found = measured(questions, learned, judged)
        if questions.costs.size:
            found["singles"] = of_singles(questions, judged)
        told(seed, found)
        many.append(found)
    return averaged(many), many


def official(questions: Questions) -> dict[str, Figures] | None:
    """Learned from the questions that the file marks `train`; the means over benchmarks, of those it marks `test` and
    that were learned from, and of those it marks `ood`. None where it marks none."""
    learned = np.flatnonzero(questions.parts == "train")
    judged = np.flatnonzero((questions.parts == "test") | (questions.parts == "ood"))
    if not len(learned) or not len(judged):
        return None
    trial = Trial.of(questions, learned, judged)
    labels, parts = questions.labels[judged], questions.parts[judged]
    known = set(questions.labels[learned].tolist())
    apart = {
        "in": [label for label in sorted(known) if (labels[parts == "test"] == label).any()],
        "out": sorted(set(labels[parts == "ood"].tolist()) - known),
    }
    choices = {name: router(trial.rows, trial.scores, trial.asked).argmax(1) for name, router in ROUTERS.items()}
    choices["label known"] = labelled(questions.labels[learned], trial.scores, labels).argmax(1)
    choices["ours"] = ours(trial).chosen
    found: dict[str, Figures] = {}
    for name, chosen in choices.items():
        gained = trial.truth[np.arange(len(chosen)), chosen]
        found[name] = {
            part: round(mean(float(gained[labels == label].mean()) for label in those), 4)
            for part, those in apart.items()
            if those
        }
    return found

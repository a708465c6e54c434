"""Finding the one worker of five whom the aggregate dropped.

It must not know how coverage is measured.
"""

from collections.abc import Iterator, Sequence

from benchmarks.noise.baselines import nearest, recall, tokens
from benchmarks.noise.groups import Group
from benchmarks.noise.scoring import Scored, always, auc, best_threshold, f1
from policies.noise import examined
from policies.noise.coverage import by_worker, coverage
from policies.noise.statements import Statements
from policies.noise.text import sentences

ENOUGH = 0.3
"""Similarity from which the baseline takes a finding for kept."""


def measured(groups: Sequence[Group]) -> dict[str, float]:
    """Each worker of each group is dropped in turn."""
    rows: dict[str, list[Scored]] = {}
    first = named = wrong = clean = 0
    for group in groups:
        statements = Statements(group.workers)
        clean += bool(examined(group.workers, "\n".join(group.aggregate())).alarms)
        for gone in range(len(group.workers)):
            aggregate = group.aggregate(gone)
            found = by_worker(coverage(statements, sentences("\n".join(aggregate))), len(group.workers))
            said = accused(group, aggregate)
            named, wrong = named + (gone in said), wrong + bool(said - {gone})
            missing = [1 - (each or 0.0) for each in found]
            first += max(range(len(missing)), key=missing.__getitem__) == gone
            scores = {"auc": missing, **baselines(group, aggregate)}
            for name, values in scores.items():
                rows.setdefault(name, []).extend(Scored(each, who == gone) for who, each in enumerate(values))
    ours = rows["auc"]
    turns = len(ours) / len(groups[0].workers)
    return {
        **{name: round(auc(each), 4) for name, each in rows.items()},
        "lowest": round(first / turns, 4),
        "alarm_right": round(named / turns, 4),
        "alarm_wrong": round(wrong / turns, 4),
        "alarm_clean": round(clean / len(groups), 4),
        "f1": round(f1(ours, best_threshold(ours)), 4),
        "f1_always": round(always(ours), 4),
        "groups": len(groups),
        "workers": len(ours),
    }


def accused(group: Group, aggregate: Sequence[str]) -> set[int | None]:
    """The workers of whom the report says that they were dropped."""
    report = examined(group.workers, "\n".join(aggregate))
    return {each.evidence[0].worker for each in report.alarms if each.kind == "dropped"}


def baselines(group: Group, aggregate: Sequence[str]) -> dict[str, list[float]]:
    """What the lexical baselines say of each worker: the higher, the more is missing."""
    findings = [worker.splitlines() for worker in group.workers]
    near = iter(nearest([each for worker in findings for each in worker], aggregate))
    likeness = [[next(near) for _ in worker] for worker in findings]
    words = {word for sentence in aggregate for word in tokens(sentence)}
    return {
        "tfidf_auc": [1 - mean(each) for each in likeness],
        "tfidf_kept_auc": [1 - mean(value > ENOUGH for value in each) for each in likeness],
        "recall_auc": [1 - mean(recall(each, words) for each in worker) for worker in findings],
    }


def mean(values: Sequence[float] | Iterator[float]) -> float:
    """Of values, of which there are some."""
    found = [*values]
    return sum(found) / len(found)

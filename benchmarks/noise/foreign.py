"""Finding a sentence in the aggregate that no worker stands behind.

It must not know what tells it. The foreign sentences come from other summaries of the same conversation, so that names
and subjects are the same; each is put at a random place of a clean aggregate, one at a time.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from benchmarks.noise.baselines import nearest, recall, tokens
from benchmarks.noise.groups import Group, conversations
from benchmarks.noise.scoring import Scored, always, auc, best_threshold, f1
from policies.noise.logistic import Logistic, fitted
from policies.noise.statements import Statements
from policies.noise.support import Features, supported
from policies.noise.text import Sentence, content

TIMES = 10
"""Foreign sentences for a group."""


class Row(NamedTuple):
    """What is said of a sentence."""

    conversation: str
    foreign: bool
    score: float
    features: Features
    near: float
    """The baseline: similarity of the nearest finding."""
    recall: float


def measured(groups: Sequence[Group], seed: int = 0) -> dict[str, float]:
    """With the weights as they stand, and with weights fitted on the other conversations."""
    found, shuffled = rows(groups, seed), rows(groups, seed, shuffle=True)
    ours = [Scored(row.score, row.foreign) for row in found]
    several = len(conversations(groups)) > 1
    return {
        "auc": round(auc(ours), 4),
        **({"auc_unseen_conversations": round(auc(unseen(found)), 4)} if several else {}),
        "auc_shuffled": round(auc([Scored(row.score, row.foreign) for row in shuffled]), 4),
        **({"auc_unseen_shuffled": round(auc(unseen(shuffled)), 4)} if several else {}),
        "tfidf_auc": round(auc([Scored(1 - row.near, row.foreign) for row in found]), 4),
        "recall_auc": round(auc([Scored(1 - row.recall, row.foreign) for row in found]), 4),
        "f1": round(f1(ours, best_threshold(ours)), 4),
        "f1_always": round(always(ours), 4),
        "foreign": sum(row.foreign for row in found),
        "sentences": len(found),
    }


def rows(groups: Sequence[Group], seed: int = 0, shuffle: bool = False) -> list[Row]:
    """Every sentence of every aggregate with one foreign sentence in it."""
    dice = Random(seed)
    found: list[Row] = []
    for group in groups:
        statements = Statements(group.workers)
        own = group.aggregate()
        findings = [finding for worker in group.workers for finding in worker.splitlines()]
        words = {word for finding in findings for word in tokens(finding)}
        elsewhere = [each for each in group.elsewhere if each not in own]
        strange = [dice.choice(elsewhere) for _ in range(TIMES if elsewhere else 0)]
        likeness = nearest([*own, *strange], findings)
        near = dict(zip([*own, *strange], likeness, strict=True))
        for guest in strange:
            told = [whole(each) for each in own]
            if shuffle:
                dice.shuffle(told)
            stranger = whole(guest)
            told.insert(dice.randrange(len(told) + 1), stranger)
            for each in supported(statements, told):
                text, foreign = each.sentence.text, each.sentence is stranger
                said = recall(text, words)
                found.append(Row(group.conversation, foreign, each.foreign, each.features, near[text], said))
    return found


def whole(text: str) -> Sentence:
    """A sentence as it was cut by the benchmark."""
    return Sentence(text, 0, len(text), content(text))


def fit(found: Sequence[Row]) -> Logistic:
    """The judge that fits these rows best."""
    return fitted([row.features for row in found], [row.foreign for row in found], [*found[0].features])


def unseen(found: Sequence[Row]) -> list[Scored]:
    """What judges say who were fitted on the other conversations."""
    said: list[Scored] = []
    for name in dict.fromkeys(row.conversation for row in found):
        judge = fit([row for row in found if row.conversation != name])
        said += [Scored(judge.logit(row.features), row.foreign) for row in found if row.conversation == name]
    return said

"""Telling responses that their source supports from those it does not.

It must not know how they are told apart. A file has a response a line: `task` (the set it belongs to), `src`,
`resp` and `unsupported`, 1 or 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from benchmarks.noise.baselines import nearest, novel_pairs, novel_values, novel_words
from benchmarks.noise.groups import lines, parted
from benchmarks.noise.scoring import Scored, always, auc, best_threshold, f1
from policies.noise.faithful import Judged, Source
from policies.noise.logistic import Logistic, fitted
from policies.noise.weights import ALTERED, GROUNDLESS

REPLIES = "BEGIN"
"""Sets of replies; all others are sets of abstracts. Each kind teaches its own judge."""


class Response(NamedTuple):
    """A response and what is known of it."""

    task: str
    source: str
    text: str
    unsupported: bool


class Row(NamedTuple):
    """What is said of a response."""

    response: Response
    judged: Judged


def read(files: Iterable[Path]) -> list[Response]:
    """The responses of all files. Raises `ValueError` for a line of another form."""
    found = []
    for path in files:
        for number, row in enumerate(lines(path), 1):
            try:
                found.append(Response(str(row["task"]), row["src"], row["resp"], bool(row["unsupported"])))
            except (KeyError, TypeError) as fault:
                wanted = "a response with task, src, resp and unsupported"
                raise ValueError(f"{path.name} line {number}: expected {wanted}: {fault!r}") from fault
    return found


def rows(responses: Sequence[Response]) -> list[Row]:
    """Each response beside its source."""
    sources: dict[str, Source] = {}
    found = []
    for each in responses:
        if each.source not in sources:
            sources[each.source] = Source(each.source)
        found.append(Row(each, sources[each.source].judged(each.text)))
    return found


def measured(responses: Sequence[Response]) -> dict[str, dict[str, float]]:
    """The figures of each set, and of all together as `all`."""
    found = rows(responses)
    tasks = list(dict.fromkeys(row.response.task for row in found))
    apart = unseen(found)
    figures = {task: of_set([row for row in found if row.response.task == task], apart[task]) for task in tasks}
    everything = of_set(found, [each for task in tasks for each in apart[task]])
    return figures | {"all": everything | {"auc_lowest": min(each["auc"] for each in figures.values())}}


def of_set(found: Sequence[Row], apart: Sequence[Scored]) -> dict[str, float]:
    """Ours and the baselines."""
    ours = [Scored(row.judged.logit, row.response.unsupported) for row in found]
    plain = {
        "values_auc": novel_values,
        "tfidf_auc": least_alike,
        "words_auc": novel_words,
        "pairs_auc": novel_pairs,
    }
    baselines = {
        name: round(auc([Scored(score(each.source, each.text), each.unsupported) for each, _ in found]), 4)
        for name, score in plain.items()
    }
    learned = [crc32(row.response.source.encode()) % 2 for row in found]
    half = [each for each, known in zip(ours, learned, strict=True) if known]
    rest = [each for each, known in zip(ours, learned, strict=True) if not known]
    return {
        "auc": round(auc(ours), 4),
        **({"auc_unseen_sets": round(auc(apart), 4)} if apart else {}),
        **baselines,
        "f1": round(f1(rest, best_threshold(half)), 4),
        "f1_always": round(always(rest), 4),
        "responses": len(found),
    }


def least_alike(source: str, response: str) -> float:
    """How far the sentence of the response that is least like the source is from it, by TF-IDF."""
    return 1 - min(nearest(parted(response), parted(source)), default=0.0)


def unseen(found: Sequence[Row]) -> Mapping[str, list[Scored]]:
    """For each set, what judges say who were fitted on the other sets of the file; nothing where there are too few."""
    said: dict[str, list[Scored]] = {}
    for task in dict.fromkeys(row.response.task for row in found):
        others = [row for row in found if row.response.task != task]
        own = [row for row in found if row.response.task == task]
        ground, changes = judges(others)
        said[task] = [
            Scored(
                (1 - row.judged.abstract) * (ground or GROUNDLESS).logit(row.judged.groundless)
                + row.judged.abstract * (changes or ALTERED).logit(row.judged.altered),
                row.response.unsupported,
            )
            for row in own
        ]
        if not ground and not changes:
            said[task] = []
    return said


def judges(found: Sequence[Row]) -> tuple[Logistic | None, Logistic | None]:
    """The judge of ground, fitted on replies, and the judge of changes, fitted on abstracts; None without such."""
    replies = [row for row in found if row.response.task.startswith(REPLIES)]
    abstracts = [row for row in found if not row.response.task.startswith(REPLIES)]
    return (
        _fitted(replies, [row.judged.groundless for row in replies]),
        _fitted(abstracts, [row.judged.altered for row in abstracts]),
    )


def _fitted(found: Sequence[Row], features: Sequence[Mapping[str, float]]) -> Logistic | None:
    labels = [row.response.unsupported for row in found]
    return fitted(features, labels, [*features[0]]) if 0 < sum(labels) < len(labels) else None

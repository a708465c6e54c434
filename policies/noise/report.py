"""What the checks say of an aggregation, as a value: coverage of each worker, findings with evidence, who lost what.

It must not know where the texts came from, nor what is done about it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple, Self

from policies.noise.applicable import doubts
from policies.noise.conflicts import Conflict, conflicts
from policies.noise.coverage import by_worker, coverage
from policies.noise.fields import plain
from policies.noise.repeats import repeats
from policies.noise.statements import Statements
from policies.noise.support import Supported, supported
from policies.noise.text import Sentence, sentences
from policies.noise.values import Deviation, deviations, given, values

AGGREGATOR, WORKER, SCHEMA = "aggregator", "worker", "schema"
DROPPED = 0.6
"""A worker is dropped whose coverage is below this share of the others' median, …"""
LITTLE = 0.25
"""… and below this itself."""
RETOLD = 0.2
"""Median coverage below which an aggregate retells nobody, and is an instruction, say, or an answer."""
TELLING = 10
"""Content words of a worker below which there is too little to miss."""
MANY = 1 / 3
"""Where more of the workers than this are little covered, the aggregate condenses, and nobody was dropped."""
FOREIGN = 0.95
"""From here on a sentence of the aggregate is named as one of nobody."""


class Evidence(NamedTuple):
    """A place in a text."""

    worker: int | None
    """Whose text; None for the aggregate."""
    text: str
    begin: int
    end: int

    @classmethod
    def of(cls, worker: int | None, sentence: Sentence) -> Self:
        """A sentence of a text."""
        return cls(worker, sentence.text, sentence.begin, sentence.end)


class Finding(NamedTuple):
    """Something that was lost, added or changed."""

    kind: str
    """`dropped`, `changed`, `majority_lost`, `conflict`, `repeated`, `condensed`, `foreign` or `unseen`."""
    by: str
    """Who did it: `aggregator`, `worker` or `schema`, the way in which the work was cut."""
    alarm: bool
    """Whether it is as good as sure; else it is a remark for whoever looks."""
    evidence: tuple[Evidence, ...]
    said: str = ""
    """What is to be told of it, without content of the texts."""


class Report(NamedTuple):
    """Of one aggregation."""

    applicable: bool
    doubts: Mapping[str, str]
    """Why something was not checked, by check."""
    coverage: tuple[float | None, ...] = ()
    """Of each worker, 0 to 1; None where the worker said nothing, empty where it was not measured."""
    foreign: tuple[float, ...] = ()
    """Of each sentence of the aggregate that says anything: how much it looks like one of nobody."""
    findings: tuple[Finding, ...] = ()

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """What is as good as sure."""
        return tuple(each for each in self.findings if each.alarm)

    @property
    def attribution(self) -> str:
        """Who lost something: the aggregator, a worker, or the schema; empty where nothing is sure."""
        by = {each.by for each in self.alarms}
        return next((who for who in (AGGREGATOR, WORKER, SCHEMA) if who in by), "")


def examined(workers: Sequence[str], aggregate: str) -> Report:
    """The report of an aggregation: the workers' outputs, in any order, and what was made of them. Texts that are JSON
    are read as lines of `name: value`, and the evidence points into those."""
    read = [plain(worker) for worker in workers]
    whole, is_json = plain(aggregate)
    texts = [text for text, _ in read]
    why = doubts(texts, whole, is_json or any(fielded for _, fielded in read))
    if "all" in why:
        return Report(False, why)
    known, own = given(texts), values(whole)
    told = sentences(whole)
    statements = Statements(texts)
    findings = [*_repeated(repeats(texts), texts), *_contradicted(conflicts(texts, known, whole, own))]
    findings += map(_deviating, deviations(known, own, len(texts)))
    covered: tuple[float | None, ...] = ()
    if "coverage" not in why:
        covered = tuple(by_worker(coverage(statements, told), len(texts)))
        findings += _dropped(covered, statements)
    behind = [] if "support" in why else supported(statements, told)
    findings += [_foreign(each) for each in behind if each.foreign >= FOREIGN]
    findings.sort(key=lambda each: not each.alarm)
    return Report(True, why, covered, tuple(each.foreign for each in behind), tuple(findings))


def _dropped(covered: Sequence[float | None], statements: Statements) -> Iterator[Finding]:
    """Workers of whom little is left where most is left of the others."""
    there = [each for each in covered if each is not None]
    if median(there) < RETOLD:
        return
    said = Counter(each.worker for each in statements.each for _ in each.sentence.stems)
    few = [
        worker
        for worker, each in enumerate(covered)
        if each is not None and each < min(LITTLE, DROPPED * _middle(covered, worker)) and said[worker] >= TELLING
    ]
    if len(few) > max(1, MANY * len(there)):
        yield Finding("condensed", SCHEMA, False, (), f"little is left of {len(few)} of {len(there)} workers")
        return
    for worker in few:
        share = f"coverage {covered[worker]:.2f}, {_middle(covered, worker):.2f} of the others"
        yield Finding("dropped", AGGREGATOR, True, (Evidence.of(worker, statements.first(worker)),), share)


def _middle(covered: Sequence[float | None], without: int) -> float:
    """The median coverage of the others."""
    others = [each for worker, each in enumerate(covered) if worker != without and each is not None]
    return median(others) if others else 0.0


def _deviating(found: Deviation) -> Finding:
    """A value that no worker gave."""
    here = Evidence(None, found.quantity.text, found.quantity.begin, found.quantity.end)
    if found.instead is None:
        return Finding("unseen", AGGREGATOR, False, (here,), f"a {found.quantity.kind} that no worker gave")
    there = Evidence(found.worker, found.instead.text, found.instead.begin, found.instead.end)
    return Finding("changed", AGGREGATOR, True, (here, there), f"another {found.quantity.kind} than the worker gave")


def _contradicted(found: Sequence[Conflict]) -> Iterator[Finding]:
    """Workers who say different things, and what became of the majority."""
    for each in found:
        evidence = tuple(Evidence(min(side.workers), side.text, side.begin, side.end) for side in each.sides)
        votes = " against ".join(str(len(side.workers)) for side in each.sides)
        if each.majority_lost:
            yield Finding("majority_lost", AGGREGATOR, True, evidence, f"{votes} workers, and the fewer were kept")
        else:
            yield Finding("conflict", WORKER, False, evidence, f"{votes} workers")


def _repeated(found: Sequence[Sequence[int]], workers: Sequence[str]) -> Iterator[Finding]:
    """Work that was done more than once."""
    for group in found:
        evidence = tuple(Evidence(worker, workers[worker][:80], 0, len(workers[worker])) for worker in group[:8])
        yield Finding("repeated", SCHEMA, False, evidence, f"{len(group)} workers handed in the same")


def _foreign(found: Supported) -> Finding:
    """A sentence that no worker stands behind."""
    said = f"like nothing of any worker, {found.foreign:.2f}"
    return Finding("foreign", AGGREGATOR, False, (Evidence.of(None, found.sentence),), said)

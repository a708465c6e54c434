"""What an aggregator is asked when its reply lost something, and which of two replies is the better one.

It must not know how it is asked. What is missing or false is named exactly, and nothing else is asked for.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policies.inner.bodies import PRIVATE
from policies.inner.splicing import changed
from policies.noise.coverage import coverage
from policies.noise.fields import plain
from policies.noise.report import Evidence, Finding, Report, examined
from policies.noise.statements import Statements
from policies.noise.text import sentence_at, sentences
from proxy.exchange import Request

MISSING = 0.3
"""Likeness to the nearest sentence of the reply, below which a statement is not in it."""
MOST_FINDINGS, MOST_STATEMENTS, MOST_SAID = 8, 8, 300
"""Findings that are named, statements of one worker, and characters of one."""
HEAD = "Your answer above is not faithful to the outputs it was made of:"
TAIL = (
    "Write the whole answer again with these points put right. Change nothing else, keep its form and its length as "
    "far as you can, and do not speak of this correction."
)
MARGIN = 0.02
"""Mean coverage by which a reply with as many alarms must be better."""


class Judged(NamedTuple):
    """A reply, and what the checks say of it."""

    text: str
    report: Report


def judged(workers: Sequence[str], made: str) -> Judged:
    """A reply, examined."""
    return Judged(made, examined(workers, made))


def asked_again(request: Request, workers: Sequence[str], first: Judged) -> Request:
    """The request with the reply behind it, and what is to be put right. Raises `ValueError` for a body that cannot be
    changed."""
    headers = tuple(pair for pair in request.headers if pair[0] not in PRIVATE)
    said = (("assistant", first.text), ("user", correction(workers, first)))
    return changed(request.but(headers=headers), {}, said)


def correction(workers: Sequence[str], first: Judged) -> str:
    """What is to be put right, a line for each point."""
    lines = [line for each in first.report.alarms[:MOST_FINDINGS] for line in _points(each, workers, first.text)]
    return "\n".join((HEAD, *dict.fromkeys(lines), TAIL))


def better(first: Judged, second: Judged) -> bool:
    """Whether the second reply is: by fewer alarms, or by as many and more that is covered. One of which less can be
    judged, or that is of another form, is not."""
    if not second.report.applicable or {*second.report.doubts} - {*first.report.doubts}:
        return False
    if plain(first.text)[1] != plain(second.text)[1]:
        return False
    alarms = len(first.report.alarms) - len(second.report.alarms)
    return alarms > 0 or (alarms == 0 and _mean(second.report) > _mean(first.report) + MARGIN)


def _mean(report: Report) -> float:
    known = [each for each in report.coverage if each is not None]
    return sum(known) / len(known) if known else 0.0


def _points(found: Finding, workers: Sequence[str], made: str) -> Iterator[str]:
    here = next((each for each in found.evidence if each.worker is None), None)
    given = [each for each in found.evidence if each.worker is not None]
    if found.kind == "dropped" and given:
        yield from (f"- it leaves out: {_short(each)}" for each in missing(workers, given[0].worker or 0, made))
    elif found.kind == "changed" and here and given:
        told = _around(workers, given[0])
        yield f"- it says {here.text!r} where the output says {given[0].text!r}: {_short(told)}"
    elif found.kind == "majority_lost" and given:
        others = ", ".join(repr(each.text[:MOST_SAID]) for each in given[1:])
        told = _around(workers, given[0])
        yield f"- most outputs say {given[0].text[:MOST_SAID]!r} and not {others}: {_short(told)}"


def missing(workers: Sequence[str], worker: int, made: str) -> list[str]:
    """What one worker said and the reply does not, in the worker's words: the first of it."""
    texts = [plain(text)[0] for text in workers]
    covered = coverage(Statements(texts), sentences(plain(made)[0]))
    own = [each for each in covered if each.statement.worker == worker and each.similarity < MISSING]
    return [each.statement.sentence.text for each in own[:MOST_STATEMENTS]]


def _around(workers: Sequence[str], place: Evidence) -> str:
    """The sentence of a worker in which something stands."""
    return sentence_at(plain(workers[place.worker or 0])[0], place.begin) or place.text


def _short(text: str) -> str:
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}…"

"""Dear checks: the same aggregator asked again, as it was and with its workers in reverse order, and what comes out
differently.

It must not know when that is done, nor what it costs. What differs between equal questions is chance, what differs with
the order is the order's doing or chance: so it is a remark and never an alarm.
"""

from collections.abc import Iterator, Sequence

from policies.inner.bodies import body_of, with_body
from policies.noise.conflicts import contradictions
from policies.noise.coverage import by_worker, coverage
from policies.noise.fields import plain
from policies.noise.permuting import reversed_order
from policies.noise.report import AGGREGATOR, Evidence, Finding
from policies.noise.statements import Statements
from policies.noise.text import sentences
from proxy.exchange import Request

SAMPLE = "sample"
"""The purpose of such a call."""
APART = 0.4
"""Coverage of a worker by which two replies differ, …"""
LITTLE = 0.3
"""… where one of them has less than this of it."""
ASIDE = ("stream", "stream_options", "n", "background")
"""Fields of how a reply is sent."""


def samples(request: Request, workers: Sequence[str]) -> list[tuple[str, Request]]:
    """The requests to be sent again, with a word for each: as it was, and in another order where that can be made."""
    moved = reversed_order(request, workers)
    asked = [("asked again", request), *([("asked in another order", moved)] if moved else [])]
    return [(why, _whole(each)) for why, each in asked]


def unstable(workers: Sequence[str], made: str, others: Sequence[tuple[str, str]]) -> list[Finding]:
    """Findings on replies to the same question: `made` and others, each with a word for how it was asked."""
    texts = [plain(text)[0] for text in workers]
    statements = Statements(texts)
    first = _covered(statements, made, len(texts))
    return [
        found
        for why, other in others
        for found in (
            *_coverage(first, _covered(statements, other, len(texts)), why, statements),
            *_values(made, other, why),
        )
    ]


def _covered(statements: Statements, made: str, workers: int) -> list[float | None]:
    return by_worker(coverage(statements, sentences(plain(made)[0])), workers)


def _coverage(
    one: Sequence[float | None], other: Sequence[float | None], why: str, statements: Statements
) -> Iterator[Finding]:
    for worker, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine is None or theirs is None or abs(mine - theirs) < APART or min(mine, theirs) >= LITTLE:
            continue
        evidence = (Evidence.of(worker, statements.first(worker)),)
        yield Finding("unstable", AGGREGATOR, False, evidence, f"{why}: coverage {theirs:.2f} after {mine:.2f}")


def _values(made: str, other: str, why: str) -> Iterator[Finding]:
    """The same attribute with other values in two replies. The evidence's worker is None for both: neither is one."""
    for each in contradictions((made, other)):
        evidence = tuple(Evidence(None, side.text, side.begin, side.end) for side in each.sides)
        yield Finding("unstable", AGGREGATOR, False, evidence, f"{why}: another value")


def _whole(request: Request) -> Request:
    """The request for a reply in one piece, of which its provider keeps nothing."""
    body = {name: value for name, value in body_of(request).items() if name not in ASIDE}
    if request.form == "responses":
        body["store"] = False
    return with_body(request, body)

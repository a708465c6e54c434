"""The aggregations in recordings, each with its report.

It must not know how quotations are recognised, nor what is checked.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policies.noise import Finding, Outputs, Report, examined, fresh
from proxy.cli.sessions import Unreadable, read_records
from proxy.cli.sheet import OUT
from proxy.cli.speak import refuse
from proxy.exchange import header
from proxy.record import Record
from proxy.wire import Malformed
from proxy.wire.forms import Forms

SHOWN = 60
"""Characters of a piece of evidence that are printed."""


class Aggregation(NamedTuple):
    """A reply that was made of several earlier ones."""

    exchange: str
    session: str
    agent: str
    workers: tuple[str, ...]
    """Exchanges whose replies its request quotes, in the order in which they stand there."""
    by: tuple[str, ...]
    """Their agents, or sessions where an agent has no name."""
    report: Report

    def json(self) -> dict[str, Any]:
        """As it is printed with `--json`."""
        findings = [
            each._asdict() | {"evidence": [place._asdict() for place in each.evidence]} for each in self.report.findings
        ]
        report = self.report._asdict() | {"doubts": dict(self.report.doubts), "findings": findings}
        return self._asdict() | {"report": report | {"attribution": self.report.attribution}}


def tell(files: Sequence[Path], *, as_json: bool) -> None:
    """Reads the recordings and prints the report of each aggregation."""
    try:
        records = read_records(files)
    except (Unreadable, OSError) as error:
        refuse([str(error)])
    found = [*aggregations(records)]
    if as_json:
        print(json.dumps([each.json() for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        show(each)
    alarmed = sum(bool(each.report.alarms) for each in found)
    OUT.print(f"Exchanges: {len(records)}. Aggregations: {len(found)}, with an alarm: {alarmed}.")


def aggregations(records: Iterable[Record]) -> Iterator[Aggregation]:
    """The aggregations in the order of their requests. A reply can be quoted once it has ended."""
    forms, outputs, told = Forms(0), Outputs(), dict[str, Record]()
    moments = [(each.at, 1, each) for each in records if not each.parent]
    moments += [(at + each.completion.total_s, 0, each) for at, _, each in moments if each.completion]
    texts: dict[str, str] = {}
    for now, asks, record in sorted(moments, key=lambda moment: moment[:2]):
        if not asks:
            told[record.id], texts[record.id] = record, reply(forms, record)
            outputs.add(record.id, record.session.id, texts[record.id], now)
            continue
        quotes = outputs.quoted(asked(forms, record), now, record.session.id)
        if len(quotes) < 2 or not (made := reply(forms, record)):
            continue
        workers = tuple(quote.output.id for quote in quotes)
        by = tuple(told[each].session.agent or told[each].session.id for each in workers)
        report = examined([texts[each] for each in workers], made)
        yield Aggregation(record.id, record.session.id, record.session.agent, workers, by, report)


def asked(forms: Forms, record: Record) -> str:
    """What the request tells its model for the first time; nothing where it cannot be read."""
    try:
        conversation = forms.of(record.request.method, record.request.path).read(record.request.body).conversation
    except Malformed:
        return ""
    return fresh(conversation.turns) if conversation is not None else ""


def reply(forms: Forms, record: Record) -> str:
    """What the model said; nothing where it cannot be read."""
    if record.completion is None or not record.completion.body:
        return ""
    events = header(record.completion.headers, b"content-type").startswith("text/event-stream")
    outcome = forms.of(record.request.method, record.request.path).fold(record.completion.body, events=events)
    return "\n".join(turn.text for turn in outcome.turns if turn.text)


def show(found: Aggregation) -> None:
    """One aggregation for a person."""
    report = found.report
    OUT.print(f"{found.agent or found.session}, exchange {found.exchange}, of {len(found.by)}: {', '.join(found.by)}")
    if report.coverage:
        shares = ", ".join("nothing said" if each is None else f"{each:.2f}" for each in report.coverage)
        OUT.print(f"  coverage {shares}")
    for what, why in report.doubts.items():
        OUT.print(f"  not checked ({what}): {why}")
    for each in report.findings:
        OUT.print(f"  {line(each, found.by)}", markup=False)
    if report.applicable and not report.findings:
        OUT.print("  nothing found")


def line(finding: Finding, by: Sequence[str]) -> str:
    """One finding with its evidence."""
    places = [
        f"{'aggregate' if place.worker is None else by[place.worker]}: {' '.join(place.text.split())[:SHOWN]!r}"
        for place in finding.evidence
    ]
    return (
        f"{'ALARM' if finding.alarm else 'remark'} {finding.kind} ({finding.by}): {finding.said}. {'; '.join(places)}"
    )

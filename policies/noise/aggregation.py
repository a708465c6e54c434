"""An aggregation as it is seen on the road: what a request quotes of a journal of outputs, and the report on its reply.

It must not know the road. All of it is JSON-able, and pure: it runs in a thread, beside the client.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policies.noise.quotations import Outputs, Quote
from policies.noise.report import Finding, Report, examined
from policies.noise.text import places

LEAST = 2
"""Outputs that are quoted in an aggregation."""
MOST_FINDINGS, MOST_PLACES, MOST_SHOWN = 12, 4, 200
"""Findings that are kept of a report, places of each, characters of each."""

Json = dict[str, Any]


class Reading(NamedTuple):
    """A request that was answered, as far as it may have quoted somebody."""

    exchange: str
    session: str
    agent: str
    run: str
    at: float
    """Epoch seconds of the request: what was said later cannot have been quoted."""
    told: str
    """What the request told its model for the first time."""
    made: str
    """The reply; empty as long as there is none."""
    named: tuple[str, ...] = ()
    """Exchanges or sessions that the request itself calls its workers."""


class Team(NamedTuple):
    """Whose outputs a request was made of."""

    workers: tuple[Json, ...]
    """Exchange, session, agent, and share of the output that stands in the request. Those that are only named come
    last, with a share of 0."""
    texts: tuple[str, ...]
    """What stands there, of the first of them."""
    doubts: Mapping[str, str]
    """What is not known of the others."""


def noted(reading: Reading, ended: float) -> Json | None:
    """The entry of a reply in the journal: hashes of what was said, who said it, and nothing of the words. None for one
    that is too short to be known again."""
    outputs = Outputs()
    outputs.add(reading.exchange, reading.session, reading.made, ended)
    known = outputs.json()
    return {"output": known[0], "agent": reading.agent, "run": reading.run} if known else None


def team_of(entries: Sequence[Json], reading: Reading) -> Team | None:
    """The earlier outputs of its caller that a request quotes (of its run) or names (of any); None where they are fewer
    than two. Their texts are those that the request holds: what it left out, its model never saw."""
    there = [each for each in entries if _may_be_quoted(each, reading)]
    by = {each["output"][0]: each for each in there}
    quotes = Outputs(each["output"] for each in there).quoted(reading.told, reading.at, reading.session)
    rows = [_row(by[quote.output.id], quote.share) for quote in quotes]
    rows, strange = _with_named(rows, there, reading)
    if len(rows) < LEAST:
        return None
    return Team(tuple(rows), tuple(quoted(reading.told, quotes)), _doubts(len(rows) - len(quotes), strange))


def aggregation(entries: Sequence[Json], reading: Reading) -> Json | None:
    """A request that was made of others' outputs, and what was lost on the way; None for any other."""
    team = team_of(entries, reading)
    return None if team is None else reported(team, reading, examined(team.texts, reading.made))


def reported(team: Team, reading: Reading, report: Report) -> Json:
    """An aggregation with its report, as it is remembered."""
    found = told(report)
    if found["coverage"]:
        found["coverage"] += [None] * (len(team.workers) - len(team.texts))
    found["doubts"] |= team.doubts
    return {
        "exchange": reading.exchange,
        "agent": reading.agent,
        "at": reading.at,
        "workers": [dict(each) for each in team.workers],
    } | found


def quoted(text: str, quotes: Sequence[Quote]) -> list[str]:
    """The passages of a text that were quoted."""
    spans = places(text)
    return [text[spans[each.begin][0] : spans[min(each.end, len(spans)) - 1][1]] for each in quotes]


def counted(found: Json) -> dict[str, float]:
    """An aggregation in numbers, to be added up."""
    figures = {"aggregations": 1.0, "workers": float(len(found["workers"]))}
    if found["attribution"]:
        figures[f"lost_by_{found['attribution']}"] = 1.0
    for each in found["findings"]:
        figures[each["kind"]] = figures.get(each["kind"], 0.0) + 1.0
    return figures


def checked(workers: Sequence[str], made: str) -> Json:
    """The report on what was made of texts, as it is remembered."""
    return told(examined(list(workers), made))


def told(report: Report) -> Json:
    """A report, as it is remembered: its first findings, each with its first places."""
    covered = [None if each is None else round(each, 2) for each in report.coverage]
    return {
        "coverage": covered,
        "doubts": dict(report.doubts),
        "attribution": report.attribution,
        "findings": [as_json(each) for each in report.findings[:MOST_FINDINGS]],
    }


def _may_be_quoted(entry: Json, reading: Reading) -> bool:
    id, by, ended, *_ = entry["output"]
    same = not reading.run or not entry["run"] or reading.run == entry["run"] or bool({id, by} & {*reading.named})
    return same and id != reading.exchange and ended <= reading.at


def _row(entry: Json, share: float) -> Json:
    id, by, *_ = entry["output"]
    return {"exchange": id, "session": by, "share": round(share, 2), "agent": entry["agent"]}


def _with_named(rows: list[Json], there: Sequence[Json], reading: Reading) -> tuple[list[Json], int]:
    """The workers, and those that are named beside them: of a session what it said last. And how many names nobody
    has: they are of somebody else's, or of one who said too little or too long ago."""
    strange = 0
    for name in reading.named:
        if any(name in (each["exchange"], each["session"]) for each in rows):
            continue
        said = [each for each in there if name in each["output"][:2] and each["output"][1] != (reading.session or None)]
        rows += [_row(each, 0.0) for each in said[-1:]]
        strange += not said
    return rows, strange


def _doubts(absent: int, strange: int) -> dict[str, str]:
    found = {}
    if absent:
        found["named"] = f"{absent} of the workers named do not stand in the request word for word: not checked"
    if strange:
        found["unknown"] = f"{strange} of the workers named are not known"
    return found


def as_json(found: Finding) -> Json:
    """A finding, as it is remembered."""
    evidence: list[Mapping[str, Any]] = [
        each._replace(text=each.text[:MOST_SHOWN])._asdict() for each in found.evidence[:MOST_PLACES]
    ]
    return {"kind": found.kind, "by": found.by, "alarm": found.alarm, "said": found.said, "evidence": evidence}

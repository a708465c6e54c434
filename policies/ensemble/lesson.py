"""What teams learn across sessions: how members are doing, who agrees with whom in the end.

It must not know a plan. Told after each exchange, folded into one JSON document that every plan begins with.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from policies.ensemble.member import Condition, Member, Past, Record, edge_name
from policies.ensemble.repertoire import fold as fold_templates
from policies.ensemble.topology import learned
from proxy.conversation import EMPTY
from proxy.roster import Card, Roster

NEWEST = 0.2
"""How much the newest call counts in the moving averages of failures and latency."""
MOST_MEMBERS, MOST_EDGES = 100, 1_000
LEAST_PEERS = 2
NO_CARD = Card()

Json = dict[str, Any]


def outcome(facts: Mapping[str, Any], final: str) -> Json:
    """One run as it is told: calls by member, who was of one mind with the others, which readings came to the end.

    A member is held against the others' first answers and never against what the team said in the end: who has the last
    word would always agree with itself. `final` is the final answer's digest; it tells of edges alone.
    """
    read = facts.get("read", ())
    edges = {edge_name(source, target): after == final for source, target, after in read if after and final}
    return {"members": facts.get("members", {}), "agreed": of_one_mind(facts.get("said", {})), "edges": edges}


def of_one_mind(said: Mapping[str, str]) -> dict[str, bool]:
    """Whether each member's answer is the one that most of the others gave, by their digests.

    It is asked only where two others at least agree: where all differ nobody is shown to be wrong, least of all the one
    expert among them. Who gave no answer that can be compared is left out.
    """
    told = {name: mark for name, mark in said.items() if mark}
    found = {}
    for name, mark in told.items():
        others = Counter(other for each, other in told.items() if each != name)
        most = max(others.values(), default=0)
        if most >= LEAST_PEERS:
            found[name] = others[mark] == most
    return found


def fold(lesson: Any, told: Sequence[Any]) -> Json:
    """The lesson with runs added."""
    known: Json = lesson if isinstance(lesson, dict) else {}
    calls = {name: list(row) for name, row in known.get("calls", {}).items()}
    past = past_of(known)
    for run in told:
        _count(calls, run["members"])
        past = learned(past, run["agreed"], run["edges"])
    return {
        "calls": _most_used(calls, MOST_MEMBERS),
        "members": _most_used(past.members, MOST_MEMBERS),
        "edges": _most_used(past.edges, MOST_EDGES),
        "templates": fold_templates(
            known.get("templates", EMPTY), [run["template"] for run in told if run.get("template")]
        ),
    }


def past_of(lesson: Any) -> Past:
    """Outcomes of earlier runs."""
    if not isinstance(lesson, dict):
        return Past()
    return Past(_records(lesson.get("members", EMPTY)), _records(lesson.get("edges", EMPTY)))


def present(members: Iterable[Member], lesson: Any, roster: Roster, now: float) -> list[Member]:
    """The members as the roster has them (card, price, tools), in the condition they are in: what was learned of each,
    and how its upstream is doing."""
    calls = lesson.get("calls", EMPTY) if isinstance(lesson, dict) else EMPTY
    return [_in_condition(member, calls.get(member.name), roster, now) for member in members]


def _in_condition(member: Member, row: Sequence[float] | None, roster: Roster, now: float) -> Member:
    model = roster.models.get(member.name)
    member = _carded(member, model.card) if model else member
    health = roster.health.get(model.upstream) if model else None
    resting = "upstream rests" if health and health.open_until > now else member.condition.resting
    failing, latency_s = (row[1], row[2]) if row else (member.condition.failure_rate, member.condition.latency_s)
    condition = Condition(failing, latency_s, resting)
    if condition == member.condition:
        return member
    return replace(member, condition=condition)


def _carded(member: Member, card: Card) -> Member:
    """The member with what its card says; what the card does not say stays."""
    if card == NO_CARD:
        return member
    price = (card.price.input + card.price.output) / 2 if card.price else member.price
    told = " ".join(filter(None, (card.text, *card.skills)))
    return replace(member, card=told or member.card, price=price, tools=member.tools and card.tools is not False)


def _count(calls: dict[str, list[float]], members: Mapping[str, Sequence[float]]) -> None:
    """Adds how members did in one run: calls, whether one failed, seconds to the first byte."""
    for name, (asked, failed, latency_s) in members.items():
        used, rate, average = calls.get(name, (0, 0.0, 0.0))
        rate += NEWEST * (failed - rate)
        if latency_s:
            average = latency_s if not average else average + NEWEST * (latency_s - average)
        calls[name] = [used + asked, round(rate, 4), round(average, 4)]


def _records(rows: Mapping[str, Sequence[float]]) -> dict[str, Record]:
    return {name: Record(*row) for name, row in rows.items()}


def _most_used(rows: Mapping[str, Sequence[float]], most: int) -> dict[str, list[float]]:
    kept = sorted(rows, key=lambda name: -rows[name][0])[:most]
    return {name: list(rows[name]) for name in kept}

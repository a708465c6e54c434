"""Who sits in a team and who reads whom: a function of the question, the cards and the live condition alone.

It must not know a plan, a clock or what was answered. The same team under another condition (a member gone, slow, dear,
without a tool, or with a new card) gives another graph, and says why. After CARD (arXiv 2603.01089) without its trained
encoders: an edge's probability is a logistic function of capability, relevance, price, failures and past outcomes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from policies.ensemble.member import NO_RECORD, Member, Past, Record, edge_name
from policies.ensemble.relevance import cosine, vectors
from proxy.conversation import EMPTY

FIT, FAILURE, PRICE, LATENCY = 2.5, 4.0, 0.35, 0.35
"""Weights in the logistic function: of relevance (0 to 1), failure rate (0 to 1), doublings of price and of latency."""
LEAST_EDGE = 0.2
"""Edges less likely to help than this are left out."""
LEAST_FIT = 0.05
"""Cosine of question and card from which the best card fits fully."""
SURE = 0.98
GENERALIST = 0.5
"""Fit of a member that has no card."""


class Edge(NamedTuple):
    """One member reads another's answer."""

    source: str
    target: str
    score: float
    """How likely that is to help, 0 to 1."""


class Seat(NamedTuple):
    """A member in a team."""

    member: Member
    score: float
    """How likely it is to be right, 0 to 1, less what it costs and how it is doing."""
    able: float
    """How likely it is to be right, whatever it costs: what its vote weighs."""
    fit: float
    """How well its card fits the question, 0 to 1."""
    why: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Who sits in a team, best first, and who reads whom."""

    seats: tuple[Seat, ...]
    edges: tuple[Edge, ...]
    """From a better member to a lesser one, so never in a circle."""
    left_out: Mapping[str, str]
    """Why every other member of the pool is not in it, by name."""

    @property
    def members(self) -> tuple[Member, ...]:
        """Those in it, best first."""
        return tuple(seat.member for seat in self.seats)

    def able(self, name: str) -> float:
        """How likely a member of it is to be right."""
        return next(seat.able for seat in self.seats if seat.member.name == name)

    def joins(self, source: str, target: str) -> bool:
        """Whether the target may read the source, in either direction."""
        pair = {source, target}
        return any({edge.source, edge.target} == pair for edge in self.edges)

    @property
    def reason(self) -> str:
        """The graph in a line, for people."""
        told = ", ".join(
            f"{seat.member.name} {seat.score:.2f}{f' ({seat.why})' if seat.why else ''}" for seat in self.seats
        )
        absent = ", ".join(f"{name}: {why}" for name, why in self.left_out.items())
        return f"{told or 'nobody'} | {len(self.edges)} edges" + (f" | left out {absent}" if absent else "")


def topology(
    question: str,
    pool: Sequence[Member],
    *,
    seats: int,
    past: Past | None = None,
    gone: Mapping[str, str] = EMPTY,
    tools: bool = False,
    threshold: float = LEAST_EDGE,
) -> Topology:
    """The team of at most `seats` members for a question.

    `gone` says who cannot be asked now, by name and reason; `tools`: whoever sits must be able to call tools. Members
    of equal score stand in the order of the pool. A pool in which everybody rests is used as it is: to try is better
    than to refuse.
    """
    past = past or Past()
    left_out = {member.name: why for member in pool if (why := _missing(member, gone, tools=tools))}
    able = [member for member in pool if member.name not in left_out]
    rests = {member.name: member.condition.resting for member in able if member.condition.resting}
    if len(rests) < len(able):
        left_out |= rests
        able = [member for member in able if member.name not in rests]
    fits = fitting(question, able)
    scored = [_seat(member, fit, able, past) for member, fit in zip(able, fits, strict=True)]
    ranked = sorted(scored, key=lambda seat: -seat.score)
    chosen = tuple(ranked[:seats])
    left_out |= {
        seat.member.name: f"{seat.score:.2f} is less{f', {seat.why}' if seat.why else ''}" for seat in ranked[seats:]
    }
    return Topology(chosen, _edges(chosen, past, threshold), left_out)


def fitting(question: str, pool: Sequence[Member]) -> list[float]:
    """How well each member fits the question, 0 to 1: what a router has said, else its card beside the others'."""
    asked, *cards = vectors([question, *(member.card for member in pool)])
    near = [cosine(asked, card) for card in cards]
    most = max(near, default=0.0)
    return [
        member.relevance
        if member.relevance is not None
        else each / max(most, LEAST_FIT)
        if most and member.card
        else GENERALIST
        for member, each in zip(pool, near, strict=True)
    ]


def most_able(pool: Sequence[Member], past: Past | None = None) -> Member | None:
    """The member most likely to be right whatever is asked, of those that are well; of equals the first."""
    well = [member for member in pool if not member.condition.resting] or pool
    known = (past or Past()).members
    return max(well, key=lambda member: known.get(member.name, NO_RECORD).share(member.skill), default=None)


def _missing(member: Member, gone: Mapping[str, str], *, tools: bool) -> str:
    if member.name in gone:
        return gone[member.name]
    return "cannot call tools" if tools and not member.tools else ""


def _seat(member: Member, fit: float, pool: Sequence[Member], past: Past) -> Seat:
    skill = past.members.get(member.name, NO_RECORD).share(member.skill)
    condition = member.condition
    dear = _doublings(member.price, [other.price for other in pool])
    slow = _doublings(condition.latency_s or None, [other.condition.latency_s or None for other in pool])
    able = _logit(skill) + FIT * (fit - GENERALIST)
    logit = able - FAILURE * condition.failure_rate - PRICE * dear - LATENCY * slow
    told = (
        ("dear" if dear > 1 else ""),
        ("slow" if slow > 1 else ""),
        (f"fails {condition.failure_rate:.0%}" if condition.failure_rate >= 0.05 else ""),
    )
    return Seat(member, _share(logit), _share(able), fit, ", ".join(filter(None, told)))


def _edges(seats: Sequence[Seat], past: Past, threshold: float) -> tuple[Edge, ...]:
    found = []
    for place, source in enumerate(seats):
        for target in seats[place + 1 :]:
            record = past.edges.get(edge_name(source.member.name, target.member.name), NO_RECORD)
            score = source.score * 2 * record.share(0.5)
            found.append(Edge(source.member.name, target.member.name, min(1.0, score)))
    return tuple(edge for edge in found if edge.score > threshold)


def _doublings(value: float | None, all_values: Sequence[float | None]) -> float:
    """How many times over the pool's median, in doublings; 0 below it or where nothing is known."""
    known = sorted(each for each in all_values if each)
    if not value or not known:
        return 0.0
    return max(0.0, math.log2(value / known[(len(known) - 1) // 2]))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _logit(share: float) -> float:
    share = min(SURE, max(1 - SURE, share))
    return math.log(share / (1 - share))


def learned(past: Past, members: Mapping[str, float], edges: Mapping[str, float], most: float = 200.0) -> Past:
    """The past with one run's outcomes added, of members and of edges by name.

    Counts are halved past `most`, so that a model that has changed is believed anew.
    """

    def added(known: Mapping[str, Record], new: Mapping[str, float]) -> dict[str, Record]:
        merged = dict(known)
        for name, good in new.items():
            used, was = merged.get(name, NO_RECORD)
            half = 0.5 if used >= most else 1.0
            merged[name] = Record(used * half + 1, was * half + good)
        return merged

    return Past(added(past.members, members), added(past.edges, edges))

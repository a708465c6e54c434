"""Who may sit in a team: a member with its card, its price and how it is doing, as plain values.

It must not know where these come from: a setting, a roster or a benchmark fills them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from proxy.conversation import EMPTY


class Condition(NamedTuple):
    """How a member is doing now."""

    failure_rate: float = 0.0
    """Share of its last calls that failed, 0 to 1."""
    latency_s: float = 0.0
    """Seconds to its first byte; 0: not known."""
    resting: str = ""
    """Why it is left alone for now (`rate limited`, `failing`); empty: it is not."""


WELL = Condition()


@dataclass(frozen=True, slots=True)
class Member:
    """A model that may sit in a team."""

    name: str
    card: str = ""
    """What it is good at, in words. Without one it is taken for a generalist."""
    skill: float = 0.5
    """Share of right answers expected of it, 0 to 1, where somebody knows; else 0.5."""
    relevance: float | None = None
    """How well it fits the question, 0 to 1, where a router has said so; None: read from the card."""
    price: float | None = None
    """US dollars per million tokens, prompt and answer alike; None: not known."""
    tools: bool = True
    """Whether it can call tools."""
    condition: Condition = WELL


class Record(NamedTuple):
    """How something did in earlier runs: a member, or an edge between two."""

    used: float = 0.0
    good: float = 0.0

    def share(self, prior: float, weight: float = 8.0) -> float:
        """Share of good outcomes; `prior` counts as much as `weight` outcomes."""
        return (self.good + prior * weight) / (self.used + weight)


class Past(NamedTuple):
    """Outcomes of earlier runs."""

    members: Mapping[str, Record] = EMPTY
    """By name: how often its answer could be compared with others', and was the one that most of them gave."""
    edges: Mapping[str, Record] = EMPTY
    """By `source>target`: how often a target had read a source, and then said what the team did in the end."""


NO_RECORD = Record()


def edge_name(source: str, target: str) -> str:
    """The key of an edge in `Past.edges`."""
    return f"{source}>{target}"

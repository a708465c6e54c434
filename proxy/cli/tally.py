"""What came back from playing sessions, counted: for each agent, and for recovery as a whole.

It must not know how the sessions were played, nor how the figures are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from proxy.cli.heard import Heard
from proxy.cli.sessions import Recorded

Costs = Mapping[str, tuple[float | None, bool]]
"""By agent: US dollars, and whether that is all of it."""


@dataclass(frozen=True, slots=True)
class AgentTally:
    """One agent's figures; `cost` in US dollars and `overhead_*_ms` in milliseconds, None when not told."""

    agent: str
    sessions: int
    requests: int
    prompt: int
    completion: int
    cached: int
    cost: float | None
    cost_known: bool
    """False: the price of some of its requests is not known, and `cost` is of the rest."""
    overhead_p50_ms: float | None
    overhead_p99_ms: float | None

    @property
    def cached_share(self) -> float:
        """Share of the prompt tokens that the provider had cached, 0 to 1."""
        return self.cached / self.prompt if self.prompt else 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Everything that is to be told of one run."""

    agents: tuple[AgentTally, ...]
    all: AgentTally
    wrong: tuple[str, ...]
    """Ids of recorded sessions that the proxy did not tell apart as recorded."""
    faults: tuple[str, ...]
    """What failed, each fault once."""
    failed: int
    """Requests without an answer."""


def tally(sessions: Sequence[Recorded], heard: Sequence[Heard], costs: Costs) -> Tally:
    """Counts what was `heard`."""
    answers = [answer for answer in heard if not answer.error]
    names = sorted({answer.agent for answer in answers})
    agents = tuple(
        _count(name, [answer for answer in answers if answer.agent == name], costs.get(name, (None, False)))
        for name in names
    )
    priced = [agent.cost for agent in agents if agent.cost is not None]
    cost = (sum(priced) if priced else None, all(agent.cost_known for agent in agents))
    faults = [answer.error for answer in heard if answer.error]
    return Tally(
        agents=agents,
        all=_count("all", answers, cost),
        wrong=recovered_wrongly(sessions, heard),
        faults=tuple(dict.fromkeys(faults)),
        failed=len(faults),
    )


def recovered_wrongly(sessions: Sequence[Recorded], heard: Sequence[Heard]) -> tuple[str, ...]:
    """Ids of the recorded sessions that the proxy did not tell apart as recorded: split, merged or not named at all.

    The proxy's sessions, each the requests it holds, must be the recorded ones as a multiset: sessions that are
    byte-identical so far are exchangeable.
    """
    found: dict[str, list[bytes]] = {}
    for answer in heard:
        found.setdefault(answer.session, []).append(answer.step.digest)
    found.pop("", None)
    held = [sorted(steps) for steps in found.values()]
    wrong = []
    for session in sessions:
        wanted = sorted(step.digest for step in session.steps)
        if wanted in held:
            held.remove(wanted)
        else:
            wrong.append(session.id)
    return tuple(wrong)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all values do not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def _count(name: str, answers: Sequence[Heard], cost: tuple[float | None, bool]) -> AgentTally:
    overheads = [answer.overhead_ms for answer in answers if answer.overhead_ms is not None]
    return AgentTally(
        agent=name,
        sessions=len({answer.session for answer in answers}),
        requests=len(answers),
        prompt=sum(answer.prompt for answer in answers),
        completion=sum(answer.completion for answer in answers),
        cached=sum(answer.cached for answer in answers),
        cost=cost[0],
        cost_known=cost[1],
        overhead_p50_ms=quantile(overheads, 0.5),
        overhead_p99_ms=quantile(overheads, 0.99),
    )

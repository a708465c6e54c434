"""What came back from playing sessions, counted: for each agent, and for recovery as a whole.

It must not know how the sessions were played, nor how the figures are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from proxy.cli.heard import Heard
from proxy.cli.sessions import Recorded
from proxy.conversation import EMPTY
from proxy.figures import summed

SAVED, SPENT = "consolidate.saved_usd", ("consolidate.extra_usd", "consolidate.maker_usd")
"""Figures in US dollars: what was not paid, and what was paid for it."""


class Account(NamedTuple):
    """What the proxy remembers of an agent's sessions."""

    cost: float | None = None
    """US dollars; None when not told."""
    cost_known: bool = False
    """False: the price of some of its requests is not known, and `cost` is of the rest."""
    figures: Mapping[str, float] = EMPTY
    """What policies counted, by `policy.name`."""


Accounts = Mapping[str, Account]
"""By agent."""


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
    figures: Mapping[str, float]
    """What policies counted, by `policy.name`; empty when nothing was."""
    overhead_p50_ms: float | None
    overhead_p99_ms: float | None

    @property
    def saved(self) -> float | None:
        """US dollars that were not paid, less what was paid for that; None where nobody counted."""
        if not self.figures.keys() & {SAVED, *SPENT}:
            return None
        return self.figures.get(SAVED, 0.0) - sum(self.figures.get(name, 0.0) for name in SPENT)

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


def tally(sessions: Sequence[Recorded], heard: Sequence[Heard], accounts: Accounts) -> Tally:
    """Counts what was `heard`."""
    answers = [answer for answer in heard if not answer.error]
    names = sorted({answer.agent for answer in answers})
    agents = tuple(
        _count(name, [answer for answer in answers if answer.agent == name], accounts.get(name, Account()))
        for name in names
    )
    priced = [agent.cost for agent in agents if agent.cost is not None]
    figures = summed(*(agent.figures for agent in agents))
    account = Account(sum(priced) if priced else None, all(agent.cost_known for agent in agents), figures)
    faults = [answer.error for answer in heard if answer.error]
    return Tally(
        agents=agents,
        all=_count("all", answers, account),
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


def _count(name: str, answers: Sequence[Heard], account: Account) -> AgentTally:
    overheads = [answer.overhead_ms for answer in answers if answer.overhead_ms is not None]
    return AgentTally(
        agent=name,
        sessions=len({answer.session for answer in answers}),
        requests=len(answers),
        prompt=sum(answer.prompt for answer in answers),
        completion=sum(answer.completion for answer in answers),
        cached=sum(answer.cached for answer in answers),
        cost=account.cost,
        cost_known=account.cost_known,
        figures=dict(account.figures),
        overhead_p50_ms=quantile(overheads, 0.5),
        overhead_p99_ms=quantile(overheads, 0.99),
    )

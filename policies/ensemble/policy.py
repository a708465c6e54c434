"""The guest that answers to the names of teams, each a plan over several models.

It must not know the road. What a team did is in the notes; from there `relay` takes the bill and `learn` the outcome.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from policies.ensemble.asking import Account, Limits
from policies.ensemble.cascade import cascade
from policies.ensemble.extraction import answer
from policies.ensemble.feedback import remembered, scored
from policies.ensemble.graph_of_agents import graph_of_agents
from policies.ensemble.lesson import fold, outcome, past_of, present
from policies.ensemble.member import Member
from policies.ensemble.rectified import rectified
from policies.ensemble.repertoire import key
from policies.ensemble.self_organising import self_organising
from policies.ensemble.sitting import Ending, Sitting, digest
from policies.ensemble.topology import most_able
from policies.inner.bodies import COUNTED, named, question, readable
from policies.inner.headers import FEEDBACK
from policies.inner.telling import billed, told
from proxy.exchange import Exchange
from proxy.policy import Decision, Policy, Refusal

TEAMS: Mapping[str, Callable[[Sitting], Ending]] = {
    "goa": graph_of_agents,
    "goa-mean": partial(graph_of_agents, mean=True),
    "selforg": self_organising,
    "cascade": cascade,
    "mas2": rectified,
}
"""The virtual models, and the plan of each."""
CHOSEN = ("auto", "divide")
"""Virtual models of other policies, which choose a model or ask it often: no members of a team."""
LEAST = 2
"""Members that make a team."""


class Company(NamedTuple):
    """What teams are made of."""

    members: Sequence[Member] = ()
    """The pool, best first. Without one there are no teams, and a model called `goa` is somebody else's."""
    limits: Limits = Limits()
    judge: str = ""
    """Model that `goa` asks who sits; empty: its members' cards are read without one."""


class Ensemble(Policy):
    """Virtual models (`TEAMS`), each with members of the client's choice behind a colon: `goa:one,two`."""

    name = "ensemble"
    slow_s = 0.05
    """A body of some megabytes is read and written once: that is no fault."""

    def __init__(self, company: Company | None = None) -> None:
        """Raises `ValueError` for a pool that no team can be made of."""
        self._company = company or Company()
        names = [member.name for member in self._company.members]
        if wrong := unfit(names) if names else "":
            raise ValueError(f"OUTRIDER_TEAM: {wrong}")
        self.models = tuple(TEAMS) if names else ()

    def prepare(self, exchange: Exchange) -> Decision | None:
        """The request as the most able member would get it: what is sent if the team cannot even begin."""
        request = exchange.request
        if not self.answers(request.model) or request.header(b"content-encoding"):
            return None
        pool = self._pool(request.model, exchange)
        best = most_able(pool, past_of(exchange.shared.get(self.name))) if pool else None
        if best is None or not request.body:
            return None
        return Decision(f"{best.name} stands by", request=named(request, best.name), quiet=True)

    def answer(self, exchange: Exchange) -> Decision | None:
        """The team's plan, or what is wrong with the request."""
        asked = (exchange.asked or exchange.request).model
        if not self.answers(asked) or exchange.request.path in COUNTED:
            return None
        team, _, own = asked.partition(":")
        pool = self._pool(asked, exchange)
        wrong = unfit(_split(own)) if own else ""
        if wrong or not pool:
            message = f"the model {asked!r}: {wrong or 'no members are named'}. Write it as {team}:model-1,model-2"
            return Decision("refused: no such team", answer=Refusal(message, "invalid_team"))
        if not readable(exchange.request):
            message = f"{team} is a team of models: it answers chat completions, responses and messages"
            return Decision("refused: not a conversation", answer=Refusal(message, "unsupported_by_team"))
        past = past_of(exchange.shared.get(self.name))
        lesson = exchange.shared.get(self.name)
        kept = (lesson or {}).get("templates", {}).get(self._kind(exchange), ())
        sitting = Sitting(team, exchange.request, pool, Account(self._company.limits), past, self._company.judge, kept)
        return Decision(f"{team} of {len(pool)}", answer=TEAMS[team](sitting))

    def relay(self, exchange: Exchange) -> Decision | None:
        """Puts all calls on the bill that the client is shown."""
        return billed(exchange, self.name)

    def learn(self, exchange: Exchange) -> Decision | None:
        """How the members did, and whose answer was the team's."""
        facts = told(exchange, self.name).facts
        asked = exchange.asked or exchange.request
        given = scored(exchange.memory.get(self.name), asked.header(FEEDBACK))
        if exchange.completion is None or not (facts or given):
            return None
        if not facts:
            return Decision("scored", memory={}, tell=[given], quiet=True)
        final = answer(exchange.completion.turns, question(exchange.request))
        spent = facts["spent"]
        figures = {
            "team_calls": float(spent[0]),
            "team_tokens": float(spent[1] + spent[2]),
            "members_failed": float(sum(failed for _, failed, _ in facts["members"].values())),
            "malformed": float(facts["malformed"]),
        }
        run = outcome(facts, digest(final))
        if facts.get("template"):
            run["template"] = [self._kind(exchange), *facts["template"]]
        tell = [run, *filter(None, [given])]
        memory = remembered(facts, digest(final))
        return Decision("learned", memory=memory, tell=tell, figures=figures, quiet=True)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """See `policies.ensemble.lesson.fold`."""
        return fold(lesson, [run for each in told for run in each])

    def answers(self, model: str) -> bool:
        """Whether the name is a team's."""
        return bool(self.models) and model.partition(":")[0] in TEAMS

    def _kind(self, exchange: Exchange) -> str:
        return key(question(exchange.asked or exchange.request), exchange.request.caller)

    def _pool(self, model: str, exchange: Exchange) -> list[Member]:
        """The members of the team of that name, in the condition they are in."""
        _, colon, own = model.partition(":")
        known = {member.name: member for member in self._company.members}
        members = [known.get(name, Member(name)) for name in _split(own)] if colon else known.values()
        return present(members, exchange.shared.get(self.name), exchange.roster, exchange.now)


def unfit(names: Sequence[str]) -> str:
    """Why no team can be made of these models; empty where one can."""
    heads = {name: re.split("[:/]", name, maxsplit=1)[0] for name in names}
    if teams := [name for name, head in heads.items() if head in TEAMS]:
        return f"{', '.join(teams)} is a team itself, and a team cannot sit in a team"
    if chosen := [name for name, head in heads.items() if head in CHOSEN]:
        return f"{', '.join(chosen)} is no single model, and cannot sit in a team"
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return f"{', '.join(twice)} is named twice"
    return f"a team has {LEAST} members or more" if len(names) < LEAST else ""


def _split(names: str) -> list[str]:
    return [name for name in map(str.strip, names.split(",")) if name]

"""What every team's plan works with: the request, the pool, what is known of it, and how a plan ends.

It must not know any single team's graph.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from policies.ensemble.asking import Account, Asked, ask_members
from policies.ensemble.extraction import Answer, answer, options
from policies.ensemble.member import Member, Past
from policies.ensemble.repertoire import Rows
from policies.ensemble.topology import Topology, most_able, topology
from policies.inner.bodies import has_tools, inner, named, question
from policies.inner.spent import Spent, text_of
from proxy.conversation import EMPTY, Turn
from proxy.exchange import Completion, Request, Usage
from proxy.policy import Call, Say, Wish, ask

Ending = Generator[Wish, Any, Completion | Call]


@dataclass(slots=True)
class Sitting:
    """One question before one team."""

    team: str
    request: Request
    """The client's request, as the policies before have left it."""
    pool: Sequence[Member]
    account: Account
    past: Past = field(default_factory=Past)
    judge: str = ""
    """Model that reads the cards and says who sits; empty: nobody is asked."""
    templates: Rows = ()
    """Of earlier runs with such questions; see `policies.ensemble.repertoire`."""

    @property
    def question(self) -> str:
        """The user's last words."""
        return question(self.request)

    @property
    def tools(self) -> bool:
        """Whether the client offers tools."""
        return has_tools(self.request)

    def topology(self, seats: int, *, tools: bool = False, about: str = "") -> Topology:
        """Who sits, and who reads whom, as things stand now; for the question, or what it is `about`."""
        return topology(
            about or self.question, self.pool, seats=seats, past=self.past, gone=self.account.gone, tools=tools
        )

    def opening(self, member: Member) -> Request:
        """The first question to a member. Where the client offers no tools it is the client's own, so that the reply
        can be given to the client as it is."""
        return inner(self.request, member.name) if self.tools else named(self.request, member.name)

    def extracted(self, completion: Completion) -> Answer | None:
        """The answer in a reply that can be compared, if there is one."""
        return answer(completion.turns, self.question)

    def misses(self, completion: Completion) -> bool:
        """Whether the question offers choices, and the reply names none of them: it is no answer, however it reads."""
        return bool(options(self.question)) and self.extracted(completion) is None

    def comparable(self, text: str) -> Answer | None:
        """The same in a text."""
        return answer((Turn("assistant", text),), self.question)

    def best(self, *, but: Collection[str] = ()) -> Member:
        """The member to ask alone: the most able of those that have not failed and are not among `but`, or of all."""
        well = [member for member in self.pool if member.name not in {*self.account.gone, *but}]
        found = most_able(well or self.pool, self.past)
        assert found is not None
        return found

    def alone(self, why: str) -> Ending:
        """The best healthy single model answers, and it is said why."""
        best = self.best()
        others = tuple(named(self.request, member.name) for member in self.pool if member is not best)
        yield from self._say(f"{why} | {best.name} answers alone", self.account.spent, {}, last=1)
        return Call(named(self.request, best.name), instead=others)

    def call(self, request: Request, why: str, said: Mapping[str, Any] = EMPTY) -> Ending:
        """The last call: it streams to the client. Should it fail, single models are asked, the best first."""
        best = self.best()
        others = [best, *(member for member in self.pool if member is not best)]
        yield from self._say(why, self.account.spent, said, last=1)
        return Call(
            request, instead=tuple(named(self.request, each.name) for each in others if each.name != request.model)
        )

    def give(self, completion: Completion, why: str, said: Mapping[str, Any] = EMPTY) -> Ending:
        """A member's reply goes to the client as it is; the usage is that of all calls."""
        rest = self.account.spent.less(completion.usage or Usage())
        yield from self._say(why, rest, said)
        return completion

    def _say(self, why: str, bill: Spent, said: Mapping[str, Any], last: int = 0) -> Generator[Wish, Any, None]:
        account = self.account
        failed = ", ".join(f"{name} {reason}" for name, reason in account.gone.items())
        told = f"{self.team}: {why} | {account.spent.calls + last} calls" + (f" | failed: {failed}" if failed else "")
        facts = {**account.facts(), "team": self.team, "bill": list(bill), **said}
        yield from ask(Say(told, facts))


def seated(sitting: Sitting, seats: int) -> Generator[Wish, Any, tuple[Topology, dict[str, Completion]]]:
    """The team, and the first reply of each of its members by name. For members that fail, others sit down once."""
    replies: dict[str, Completion] = {}
    team = sitting.topology(seats)
    for _ in range(2):
        fresh = [member for member in team.members if member.name not in replies]
        calls = [(member, sitting.opening(member)) for member in fresh]
        found = yield from ask_members(sitting.account, calls, "node")
        replies |= {each.name: reply for each, reply in zip(fresh, found, strict=True) if reply is not None}
        changed = sitting.topology(seats)
        if all(member.name in replies for member in changed.members):
            return changed, replies
        team = changed
    return sitting.topology(seats), replies


def digest(found: Answer | None) -> str:
    """An answer's mark: equal answers have equal ones, and nothing can be read from it. Empty for no answer."""
    return "" if found is None else blake2b(f"{found.kind}:{found.value}".encode(), digest_size=6).hexdigest()


__all__ = ["Asked", "Ending", "Sitting", "digest", "seated", "text_of"]

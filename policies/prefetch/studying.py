"""What is done beside a session's own steps so that a model can write behaviour programs: its history kept, in its turn
the model asked.

It must not know how programs are written, checked or tried, nor what else the policy does.
"""

from typing import Any, NamedTuple

from policies.prefetch.history import masked
from policies.prefetch.lesson import Agent
from policies.prefetch.masking import Mask
from policies.prefetch.model import Model
from policies.prefetch.studies import asking, author, come_to_rest, going_on, history, outcome
from policies.prefetch.wishes import Wishes
from policies.prefetch.words import words
from policies.prefetch.written import Written, written
from proxy.exchange import Exchange
from proxy.policy import Decision, Failure, Plan, Work, ask

NAME = "prefetch"
TURN = "turn"
"""In the session's memory: the turn that it has used."""
OFTEN = 4
"""Messages in which a word stood that tells nothing of one user."""


class Scholar(NamedTuple):
    """One exchange, as far as the programs of its agent are concerned."""

    exchange: Exchange
    agent: Agent
    model: Model
    wishes: Wishes
    used: float
    """The turn that its session has used."""
    turn: float
    """The turn that it has now; 0 for none."""

    @property
    def memory(self) -> dict[str, Any]:
        """To be remembered of the session: each turn is used once."""
        used = self.turn or self.used
        return {TURN: used} if used else {}

    @property
    def told(self) -> dict[str, Any]:
        """To be told with the step. Only a session that will go on, since a result is to come, may get the turn."""
        told = {} if self.rests else going_on(self.exchange.session.id, self.exchange.now)
        return told | asking(self.exchange.now) if self.turn else told

    @property
    def rests(self) -> bool:
        """Whether the session has come to a reply to its user."""
        completion = self.exchange.completion
        return completion is not None and not any(turn.calls for turn in completion.turns)

    def after(self, earlier: Plan | None) -> Plan | None:
        """The errand, behind another one; None where neither has anything to do."""
        return self._plan(earlier) if self.rests or self.turn else earlier

    def _plan(self, earlier: Plan | None) -> Plan:
        if earlier is not None:
            yield from earlier
        told: dict[str, Any] = {}
        if self.rests:
            trace = yield from ask(Work(self._trace))
            told = {} if isinstance(trace, Failure) else come_to_rest(trace)
        came = Written()
        if self.turn:
            kept = yield from ask(Work(history, (self.exchange.shared.get(NAME), self.agent.key)))
            traces = [] if isinstance(kept, Failure) else kept
            request = self.exchange.asked or self.exchange.request
            came = yield from written(request, self.wishes.writer, self.model, traces)
            told |= outcome(came.particles)
        lesson = [self.agent.key, [], [], told] if told else None
        return lambda _memory: Decision("studied", tell=lesson, figures=came.figures(), quiet=True)

    def _trace(self) -> Any:
        request, completion = self.exchange.asked or self.exchange.request, self.exchange.completion
        turns = request.conversation.turns if request.conversation else ()
        turns += completion.turns if completion else ()
        return masked(self.exchange.session.id, turns, self._mask(), self.wishes.may)

    def _mask(self) -> Mask:
        """What many users say, and what a tool is mostly called with, stays."""
        said = self.model.names.words
        kept = {word for word, counts in said.items() if sum(counts.values()) >= OFTEN and word.isalpha()}
        tools = self.model.tools.values()
        constants = (value for tool in tools for each in tool.arguments.values() for value, _ in each.constants())
        kept |= {word.casefold() for value in constants for word in words(value)}
        return Mask(f"{self.agent.key}{self.exchange.session.id}", kept)


def scholar(exchange: Exchange, agent: Agent, model: Model, wishes: Wishes) -> Scholar:
    """The exchange in this light."""
    memory, stands = exchange.memory.get(NAME), author(exchange.shared.get(NAME), agent.key)
    used = float(memory.get(TURN, 0.0)) if isinstance(memory, dict) else 0.0
    has = stands.may_ask(exchange.session.id, exchange.now) and used != stands.turn_at
    return Scholar(exchange, agent, model, wishes, used, stands.turn_at if has else 0.0)

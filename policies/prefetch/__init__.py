"""The guest that foretells an agent's tool calls, so that results can be there before they are asked for.

It must not know the road or any other policy. After Speculative Actions (arXiv 2510.04371) and ROTE (arXiv 2510.01272).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.draft import Draft
from policies.prefetch.early import Early
from policies.prefetch.lesson import Agent, Told, beliefs, fold, known, tell
from policies.prefetch.model import Model
from policies.prefetch.rehearsal import Gain, rehearsed
from policies.prefetch.retelling import MOST_REREAD, Reply, hear, mark_of, replied, retold, untold
from policies.prefetch.studying import scholar
from policies.prefetch.subject import agent_of, readable
from policies.prefetch.watch import Step, Taught, Watch
from policies.prefetch.wishes import Wishes, sounds_like_reading
from proxy.exchange import Exchange, Request
from proxy.policy import Decision, Failure, Plan, Policy, Tool, Work, ask, ask_all

ANSWERED = 200
THINKING, TYPING = "thinking", "typing"
PATIENCE_S = 30.0
"""Seconds that launches may wait for their turn behind others."""


class Outcome(NamedTuple):
    """A step foretold, and what came."""

    step: Step
    reply: Reply
    served: int
    """Calls whose results would have been there."""
    reads: int

    def figures(self) -> dict[str, float]:
        """What this step adds to the policy's sums."""
        first = self.reply.calls[0][1] if self.reply.calls else None
        calls = self.step.forecast.calls
        counted = {
            "steps": 1,
            "call_steps": int(first is not None),
            "right_name": int(first is not None and self.step.likeliest == first.name),
            "right_call": int(first is not None and bool(calls) and calls[0].call.key == first.key),
            "reads": self.reads,
            "would_serve": self.served,
            "would_launch": len(self.step.launched),
        }
        return {name: float(number) for name, number in counted.items() if number}


class Prefetch(Policy):
    """Foretells calls, has those made ahead that are worth it, and accounts for it; see `docs/policies/prefetch.md`."""

    name = "prefetch"
    slow_s = 0.05  # the first look at a long history reads all of it; no client waits for it

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()

    def meanwhile(self, exchange: Exchange) -> Decision | None:
        """What the model will probably call is called while it still thinks. The forecast is made in a thread."""
        request = exchange.asked or exchange.request
        if not readable(request) or not self._launches(exchange, THINKING):
            return None
        return Decision("foretells", errand=self._thinking(exchange), quiet=True)

    def learn(self, exchange: Exchange) -> Decision | None:
        """What was foretold, or in shadow would have been, compared with what came. All of it is done when the client
        has its answer; the forecast is the one of `meanwhile`, made again from the same."""
        request = exchange.asked or exchange.request
        completion = exchange.completion
        if not readable(request) or completion is None or not completion.whole or completion.status != ANSWERED:
            return None
        reply = replied(completion.turns)
        if reply is None or self._wishes.mode_of(request, exchange.session.agent) == "off":
            return None
        agent, model, watch = self._before(exchange)
        step = self._step(exchange, watch, model)
        taught, outcome = self._came(exchange, watch, model, step, reply)
        typing = self._typing(exchange, watch, model) if not reply.calls else []
        turns = request.conversation.turns if request.conversation else ()
        memory = {"watch": watch.json(), "told": len(turns), "mark": mark_of(turns)}
        lesson = tell(agent, taught)
        figures = outcome.figures() | ({"launched_typing": float(len(typing))} if typing else {})
        said = f"foretold {int(outcome.served)} of {outcome.reads} reads" if outcome.reads else "foretold"
        errand = ahead(typing, TYPING) if typing else None
        if self._wishes.writer:
            studies = scholar(exchange, agent, model, self._wishes)
            memory, lesson, errand = memory | studies.memory, [*lesson, studies.told], studies.after(errand)
        return Decision(said, memory=memory, tell=lesson, figures=figures, quiet=True, errand=errand)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """What the agents do, learned from every step that was told."""
        return fold(lesson, told)

    def _launches(self, exchange: Exchange, window: str) -> bool:
        return self._wishes.launches(exchange.asked or exchange.request, exchange.session.agent, window)

    def _thinking(self, exchange: Exchange) -> Plan:
        calls = yield from ask(Work(self._foretold, (exchange,)))
        if not isinstance(calls, Failure):  # `learn` makes the same forecast, and is asked by the guard
            yield from ahead(calls, THINKING)

    def _foretold(self, exchange: Exchange) -> list[Call]:
        """The calls to make ahead of the exchange's reply, the likeliest first."""
        _, model, watch = self._before(exchange)
        return [each.call for each in self._step(exchange, watch, model).launched]

    def _before(self, exchange: Exchange) -> tuple[Agent, Model, Watch]:
        """Who asks, what is known of it, and its session up to the request."""
        request = exchange.asked or exchange.request
        agent = agent_of(exchange)
        model = known(exchange.shared.get(self.name), agent) or Model()
        return agent, model, self._watch(exchange.memory.get(self.name), request)

    def _watch(self, memory: object, request: Request) -> Watch:
        """The session up to the request: as remembered, with what is new, or read again."""
        turns = request.conversation.turns if request.conversation else ()
        if isinstance(memory, Mapping) and "watch" in memory:
            rest = untold(turns, int(memory.get("told", 0)), str(memory.get("mark", "")))
            if rest is not None:
                watch = Watch(memory["watch"])
                for turn in rest:
                    hear(watch.state, turn)
                return watch
        watch = Watch(model=request.model)
        watch.state.began(request.conversation.system if request.conversation else "")
        retold(watch.state, turns[-MOST_REREAD:], self._wishes.may)
        return watch

    def _step(self, exchange: Exchange, watch: Watch, model: Model) -> Step:
        """What the reply will say. What has expired while the user was silent may be fetched again; in shadow nothing
        expires."""
        request = exchange.asked or exchange.request
        if self._wishes.mode_of(request, exchange.session.agent) == "on" and self._wishes.windows:
            if watch.state.after_user:
                watch.forget(exchange.now - self._wishes.ttl_s)
            step = watch.foretell(model, self._wishes.may, self._wishes.gate)
            return step if self._launches(exchange, THINKING) else step._replace(launched=[])
        return watch.foretell(model, self._wishes.may, self._wishes.gate)

    def _came(self, exchange: Exchange, watch: Watch, model: Model, step: Step, reply: Reply) -> tuple[Taught, Outcome]:
        """What came is taken in."""
        may = self._wishes.may
        taught = Taught([], watch.launch(step, exchange.now))
        served = 0
        for id, call in reply.calls:
            one, hit = watch.call(model, call, may, id)
            taught = taught.then(one)
            served += hit
        taught = taught.then(watch.end(model, reply.text, called=bool(reply.calls)))
        return taught, Outcome(step, reply, served, sum(may(call.name) for _, call in reply.calls))

    def _typing(self, exchange: Exchange, watch: Watch, model: Model) -> list[Call]:
        """The calls to make ahead of what the user is typing: those that are likely whatever it will be."""
        if not self._launches(exchange, TYPING):
            return []
        now = exchange.now + (exchange.completion.total_s if exchange.completion else 0.0)
        watch.forget(now - self._wishes.ttl_s)
        then = Watch(watch.json())
        then.state.heard_user("")
        step = then.foretell(model, self._wishes.may, self._wishes.typing)
        watch.launch(step._replace(found=[]), now)
        return [each.call for each in step.launched]


def ahead(calls: Sequence[Call], window: str) -> Plan:
    """The calls are made ahead, in this order; the results wait where the agent's own calls will find them."""
    wishes = [Tool(call.name, call.values(), window=window) for call in calls]
    if wishes:
        yield from ask_all(*wishes, patience_s=PATIENCE_S)


__all__ = ["Draft", "Early", "Gain", "Prefetch", "Told", "Wishes", "beliefs", "rehearsed", "sounds_like_reading"]

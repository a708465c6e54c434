"""The guest that foretells an agent's tool calls, so that results can be there before they are asked for.

It must not know the road or any other policy. After Speculative Actions (arXiv 2510.04371) and ROTE (arXiv 2510.01272).
So far it rides in shadow: it foretells and accounts as if, and launches nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policies.prefetch.lesson import Agent, Told, beliefs, fold, known, tell
from policies.prefetch.model import Model
from policies.prefetch.rehearsal import Gain, rehearsed
from policies.prefetch.retelling import MOST_REREAD, Reply, hear, mark_of, replied, retold, untold
from policies.prefetch.watch import Step, Taught, Watch
from policies.prefetch.wishes import Wishes, sounds_like_reading
from proxy.conversation import Turn
from proxy.exchange import Exchange, Request
from proxy.policy import Decision, Policy

FORMS = ("chat", "responses", "messages")
ANSWERED = 200


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
    """Foretells calls and accounts for it; see `docs/policies/prefetch.md`."""

    name = "prefetch"
    slow_s = 0.05  # the first look at a long history reads all of it; no client waits for it

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()

    def learn(self, exchange: Exchange) -> Decision | None:
        """What would have been foretold, compared with what came. All of it is done when the client has its answer."""
        request = exchange.asked or exchange.request
        completion = exchange.completion
        if not readable(request) or completion is None or not completion.whole or completion.status != ANSWERED:
            return None
        reply = replied(completion.turns)
        if reply is None or self._wishes.mode_of(request, exchange.session.agent) == "off":
            return None
        turns = request.conversation.turns if request.conversation else ()
        agent = agent_of(exchange, request)
        model = known(exchange.shared.get(self.name), agent) or Model()
        watch = self._watch(exchange.memory.get(self.name), turns, request.model)
        taught, outcome = self._came(watch, model, reply)
        memory = {"watch": watch.json(), "told": len(turns), "mark": mark_of(turns)}
        said = f"foretold {int(outcome.served)} of {outcome.reads} reads" if outcome.reads else "foretold"
        return Decision(said, memory=memory, tell=tell(agent, taught), figures=outcome.figures(), quiet=True)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """What the agents do, learned from every step that was told."""
        return fold(lesson, told)

    def _watch(self, memory: object, turns: Sequence[Turn], model: str) -> Watch:
        """The session up to the request: as remembered, with what is new, or read again."""
        if isinstance(memory, Mapping) and "watch" in memory:
            rest = untold(turns, int(memory.get("told", 0)), str(memory.get("mark", "")))
            if rest is not None:
                watch = Watch(memory["watch"])
                for turn in rest:
                    hear(watch.state, turn)
                return watch
        watch = Watch(model=model)
        retold(watch.state, turns[-MOST_REREAD:], self._wishes.may)
        return watch

    def _came(self, watch: Watch, model: Model, reply: Reply) -> tuple[Taught, Outcome]:
        """The step is foretold, and what came is taken in."""
        may = self._wishes.may
        step = watch.foretell(model, may, self._wishes.gate)
        taught = Taught([], watch.launch(step))
        served = 0
        for id, call in reply.calls:
            one, hit = watch.call(model, call, may, id)
            taught = taught.then(one)
            served += hit
        taught = taught.then(watch.end(model, reply.text, called=bool(reply.calls)))
        return taught, Outcome(step, reply, served, sum(may(call.name) for _, call in reply.calls))


def readable(request: Request) -> bool:
    """Whether the request holds its whole history and offers tools."""
    conversation = request.conversation
    if request.form not in FORMS or conversation is None or not conversation.tools:
        return False
    return not any(conversation.fields.get(name) for name in ("previous_response_id", "conversation"))


def agent_of(exchange: Exchange, request: Request) -> Agent:
    """Whose sessions teach this one."""
    tools = request.conversation.tools if request.conversation else ()
    return Agent(request.caller, exchange.session.agent, tools)


__all__ = ["Gain", "Prefetch", "Told", "Wishes", "beliefs", "rehearsed", "sounds_like_reading"]

"""The guest that asks a fast model what the slow one will call, and has the calls made that are worth it.

It must not know the road or any other policy. After Speculative Actions (arXiv 2510.04371), whose own form this is;
what counting foretells is the policy beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.prefetch.agreement import AGAIN, Agreement
from policies.prefetch.calls import Call
from policies.prefetch.hurried import hurried, may_hurry
from policies.prefetch.retelling import replied
from policies.prefetch.subject import agent_of, readable
from policies.prefetch.wishes import Wishes
from proxy.exchange import Completion, Exchange, Request
from proxy.policy import Call as Asking
from proxy.policy import Decision, Failure, Plan, Policy, Then, Tool, Work, ask, ask_all

PURPOSE = WINDOW = "draft"
THINKING = "thinking"
ANSWERED = 200
PATIENCE_S = 30.0
MOST_OF_SESSION = 200
"""Drafts of one session."""
MOST_CALLS = 8
MOST_AGENTS = 256
DAY_S = 86_400


class Draft(Policy):
    """Asks a fast model beside the slow one; see `docs/policies/prefetch.md`."""

    name = "draft"

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()

    def meanwhile(self, exchange: Exchange) -> Decision | None:
        """The fast model is asked while the slow one thinks."""
        agreement = self._agreement(exchange)
        if agreement is None or not self._asks(exchange, agreement):
            return None
        return Decision(f"asks {self._wishes.drafter} what will be called", errand=self._errand(exchange, agreement))

    def learn(self, exchange: Exchange) -> Decision | None:
        """What the slow model said is remembered, for the draft to be held against it, and how long things took."""
        agreement, completion = self._agreement(exchange), exchange.completion
        if agreement is None or completion is None or not completion.whole or completion.status != ANSWERED:
            return None
        reply = replied(completion.turns)
        if reply is None:
            return None
        before = self._memory(exchange)
        took = {"reply": completion.total_s}
        if before.get("called") and exchange.now > before["ended"]:
            took["tool"] = exchange.now - before["ended"]
        memory = {
            "exchange": exchange.id,
            "called": [call.key for _, call in reply.calls],
            "ended": exchange.now + completion.total_s,
            "asked": before.get("asked", 0) + self._asks(exchange, agreement),
        }
        tell = [agent_of(exchange).key, {"took": took}]
        return Decision("remembered", memory=memory, tell=tell, quiet=True)

    def fold(self, lesson: Any, told: Sequence[Any]) -> dict[str, Any]:
        """How far the fast model is right, agent by agent, and what it has cost today."""
        known = lesson if isinstance(lesson, dict) else {}
        agents, (day, usd) = dict(known.get("agents", {})), known.get("spent", (0, 0.0))
        for key, said in told:
            agreement = Agreement.read(agents.pop(key, None))
            if "took" in said:
                agreement = agreement._replace(times=agreement.times.then(**said["took"]))
            if "calls" in said:
                agreement = agreement.scored(said["calls"], said["usd"], said["seconds"])
            elif "failed" in said:
                agreement = agreement.failed()
            if "day" in said:
                day, usd = (said["day"], said["usd"]) if said["day"] > day else (day, usd + said["usd"])
            agents[key] = agreement.json()
        while len(agents) > MOST_AGENTS:
            del agents[next(iter(agents))]
        return {"agents": agents, "spent": [day, usd]}

    def _agreement(self, exchange: Exchange) -> Agreement | None:
        """What is known of the drafts for the exchange's agent; None where none may be asked for."""
        request, wishes = exchange.asked or exchange.request, self._wishes
        if not wishes.drafter or THINKING not in wishes.windows or not readable(request) or not may_hurry(request):
            return None
        if wishes.mode_of(request, exchange.session.agent) == "off" or request.model == wishes.drafter:
            return None
        tools = request.conversation.tools if request.conversation else ()
        if not any(map(wishes.may, tools)):
            return None
        agents = self._lesson(exchange).get("agents", {})
        return Agreement.read(agents.get(agent_of(exchange).key))

    def _asks(self, exchange: Exchange, agreement: Agreement) -> bool:
        """Whether one is asked for; `learn` finds the same."""
        day, usd = self._lesson(exchange).get("spent", (0, 0.0))
        if (usd if day == exchange.now // DAY_S else 0.0) >= self._wishes.usd_a_day:
            return False
        if self._memory(exchange).get("asked", 0) >= MOST_OF_SESSION:
            return False
        return agreement.pays(self._wishes.second_usd) or exchange.draw(PURPOSE) < AGAIN

    def _errand(self, exchange: Exchange, agreement: Agreement) -> Plan:
        request = yield from ask(Work(hurried, (exchange.asked or exchange.request, self._wishes.drafter)))
        if not isinstance(request, Request):
            return None
        answer = yield from ask(Asking(request, PURPOSE, PATIENCE_S))
        calls = drafted(answer)
        chosen = self._chosen(calls, agreement, answer)
        wishes = [Tool(call.name, call.values(), window=WINDOW) for call in chosen]
        came = (yield from ask_all(*wishes, patience_s=PATIENCE_S)) if wishes else ()
        made = sum(not isinstance(each, Failure) for each in came)
        return self._scored(exchange, answer, calls, made)

    def _chosen(self, calls: Sequence[Call], agreement: Agreement, answer: Completion | Failure) -> list[Call]:
        """The calls that are made ahead."""
        if isinstance(answer, Failure):
            return []
        cost, took = self._wishes.gate.cost, answer.total_s
        worth = [call for call in calls if self._wishes.may(call.name) and agreement.launches(call.name, cost, took)]
        return worth[:MOST_CALLS]

    def _scored(self, exchange: Exchange, answer: Completion | Failure, calls: Sequence[Call], launched: int) -> Then:
        """The draft held against what the slow model said, once that is remembered."""
        completion = answer.completion if isinstance(answer, Failure) else answer
        usd = (completion.cost or 0.0) if completion else 0.0
        key, day = agent_of(exchange).key, exchange.now // DAY_S
        spent = {"day": day, "usd": usd}

        def then(memory: Any) -> Decision:
            figures = {"asked": 1.0, "calls": float(len(calls)), "launched": float(launched), "usd": usd}
            if isinstance(answer, Failure):
                return Decision("no draft", tell=[key, {"failed": True, **spent}], figures=figures | {"failed": 1.0})
            if not isinstance(memory, Mapping) or memory.get("exchange") != exchange.id:
                return Decision("a draft without a reply", tell=[key, spent], figures=figures)
            made = memory["called"]
            scores = [(call.name, self._wishes.may(call.name), call.key in made) for call in calls]
            figures["right"] = float(sum(right for *_, right in scores))
            told = {"calls": scores, "seconds": answer.total_s, **spent}
            return Decision("a draft", tell=[key, told], figures=figures)

        return then

    def _lesson(self, exchange: Exchange) -> Mapping[str, Any]:
        lesson = exchange.shared.get(self.name)
        return lesson if isinstance(lesson, Mapping) else {}

    def _memory(self, exchange: Exchange) -> Mapping[str, Any]:
        memory = exchange.memory.get(self.name)
        return memory if isinstance(memory, Mapping) else {}


def drafted(answer: Completion | Failure) -> list[Call]:
    """The calls of a draft, each once; none of one that failed, or cannot be read."""
    reply = None if isinstance(answer, Failure) else replied(answer.turns)
    return list({call.key: call for _, call in reply.calls}.values()) if reply else []

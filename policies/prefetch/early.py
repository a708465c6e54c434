"""The guest that has an agent's next model request sent as soon as the results of its last calls are there.

It must not know the road or any other policy, nor how replies are held. Off unless it is asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.handwriting import Answered, Ways, replies, results
from policies.prefetch.subject import agent_of, readable
from policies.prefetch.trail import Guess, Trail, grown, trail, written
from policies.prefetch.wager import Wager
from policies.prefetch.wishes import Wishes
from proxy.conversation import ToolCall
from proxy.exchange import Completion, Exchange, Request
from proxy.policy import Decision, Failure, Got, Plan, Policy, Result, Work, ask, ask_all
from proxy.policy import Early as Wish

FORMS = ("chat", "messages")
"""The Responses form keeps replies at the provider, and refers to them: sending such a request twice is no harmless
thing."""
ANSWERED = 200
PATIENCE_S = 60.0
MOST_OF_SESSION = 200
"""Requests sent early for one session."""
MOST_CALLS = 16
MOST_AGENTS = 256
DAY_S = 86_400
ONCE = (b"idempotency-key", b"x-idempotency-key")


class Expected(NamedTuple):
    """What the next request may look like."""

    guess: Guess
    replies: Ways
    results: Ways


class Early(Policy):
    """Sends requests early where that pays; see `docs/policies/prefetch.md`."""

    name = "early"

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()

    def learn(self, exchange: Exchange) -> Decision | None:
        """Is the request the one that was expected? And what will be the next? All of it beside the client."""
        request, completion = exchange.asked or exchange.request, exchange.completion
        if not self._wishes.next or not readable(request) or request.form not in FORMS:
            return None
        if self._wishes.mode_of(request, exchange.session.agent) == "off":
            return None
        if completion is None or not completion.whole or completion.status != ANSWERED:
            return None
        if any(request.header(name) for name in ONCE) or request.header(b"content-encoding") not in ("", "identity"):
            return None
        return Decision("looks ahead", errand=self._errand(exchange, request, completion), quiet=True)

    def fold(self, lesson: Any, told: Sequence[Any]) -> dict[str, Any]:
        """How often the next request was as expected, agent by agent, and what was spent in vain today."""
        known = lesson if isinstance(lesson, dict) else {}
        agents, (day, usd) = dict(known.get("agents", {})), known.get("spent", (0, 0.0))
        for key, said in told:
            agents[key] = list(Wager.read(agents.pop(key, None)).then(said))
            if "wasted" in said:
                day, usd = (said["day"], said["wasted"]) if said["day"] > day else (day, usd + said["wasted"])
        while len(agents) > MOST_AGENTS:
            del agents[next(iter(agents))]
        return {"agents": agents, "spent": [day, usd]}

    def _errand(self, exchange: Exchange, request: Request, completion: Completion) -> Plan:
        mark = yield from ask(Work(trail, (request.body,)))
        if not isinstance(mark, Trail):
            return None
        calls = [call for turn in completion.turns for call in turn.calls]
        expected = (yield from self._expected(exchange, mark, calls)) if 0 < len(calls) <= MOST_CALLS else None
        wished: Any = None
        if expected and mark.harmless and (ways := self._ways(exchange)):
            early = yield from ask(Work(_grown, (request, expected, ways)))
            wished = (yield from ask(Wish(early))) if isinstance(early, Request) else None
        told, figures = self._cost(exchange, completion, wished)

        def then(memory: Any) -> Decision:
            return self._judged(exchange, memory, mark, expected, (told, figures))

        return then

    def _expected(self, exchange: Exchange, mark: Trail, calls: Sequence[ToolCall]) -> Plan:
        """The next request, in all ways in which it may be written, once all results are there; None if one will not
        be."""
        wishes = [_wish(call) for call in calls]
        if not all(wishes):
            return None
        answers = yield from ask_all(*(wish for wish in wishes if wish), patience_s=PATIENCE_S)
        if not all(isinstance(answer, Got) for answer in answers):
            return None
        answered = [Answered(call, got.result) for call, got in zip(calls, answers, strict=True)]
        expected = yield from ask(Work(_looked, (exchange, mark, answered, max(got.waited_s for got in answers))))
        return expected if isinstance(expected, Expected) else None

    def _ways(self, exchange: Exchange) -> tuple[str, str] | None:
        """How this session's client writes, if the next request is to be sent now; None if it is not."""
        request, memory, wishes = exchange.asked or exchange.request, self._of(exchange.memory), self._wishes
        if wishes.mode_of(request, exchange.session.agent) != "on" or len(memory.get("ways", ())) != 2:
            return None
        lesson = self._of(exchange.shared)
        day, usd = lesson.get("spent", (0, 0.0))
        if (usd if day == exchange.now // DAY_S else 0.0) >= wishes.usd_a_day:
            return None
        if memory.get("sent", 0) >= MOST_OF_SESSION:
            return None
        wager = Wager.read(lesson.get("agents", {}).get(agent_of(exchange).key))
        first, second = memory["ways"]
        return (first, second) if wager.pays(wishes.second_usd) else None

    def _cost(
        self, exchange: Exchange, completion: Completion, wished: Any
    ) -> tuple[dict[str, float], dict[str, float]]:
        """What is told, and counted, of a request that was sent early, or was not."""
        told = {"usd": completion.cost} if completion.cost else {}
        if isinstance(wished, float):
            return told, {"sent": 1.0, "used": 1.0, "saved_s": wished}
        if not isinstance(wished, Failure) or wished.completion is None:
            return told, {}
        cost = wished.completion.cost
        wasted = (completion.cost or 0.0) if cost is None else cost
        told |= {"wasted": wasted, "day": exchange.now // DAY_S}
        return told, {"sent": 1.0, "wasted": 1.0, "wasted_usd": wasted}

    def _judged(
        self, exchange: Exchange, memory: Any, mark: Trail, expected: Expected | None, cost: tuple[Any, Any]
    ) -> Decision:
        """The request held against what was expected of it, and what is expected of the next one."""
        known = memory if isinstance(memory, Mapping) else {}
        told, figures, key = dict(cost[0]), dict(cost[1]), agent_of(exchange).key
        if known.get("at", 0.0) > exchange.now:  # a later request was judged before the results of this one came
            return Decision("too late", tell=[key, told], figures=figures, quiet=True)
        ways = known.get("ways", ())
        if known.get("guess") and known.get("of") != exchange.id:
            guess = Guess(*known["guess"])
            came = guess.ways(mark, ways)
            if ways:
                told["equal"] = float(came == tuple(ways))
                figures |= {"expected": 1.0, "equal": told["equal"]}
            told["ahead"] = max(0.0, exchange.now - guess.ready)
            ways = came or ways
        now = {
            "ways": list(ways),
            "sent": known.get("sent", 0) + figures.get("sent", 0),
            "guess": list(expected.guess) if expected else [],
            "of": exchange.id,
            "at": exchange.now,
        }
        said = "sent early" if "sent" in figures else "looked ahead"
        return Decision(said, memory=now, tell=[key, told], figures=figures, quiet=True)

    def _of(self, many: Mapping[str, Any]) -> Mapping[str, Any]:
        own = many.get(self.name)
        return own if isinstance(own, Mapping) else {}


def _wish(call: ToolCall) -> Result | None:
    made = Call.read(call)
    return Result(made.name, made.values()) if made else None


def _looked(exchange: Exchange, mark: Trail, answered: Sequence[Answered], waited_s: float) -> Expected:
    """The ways in which the next request may be written."""
    request, completion = exchange.asked or exchange.request, exchange.completion
    assert completion is not None
    said, done = replies(request.form, completion), results(request.form, answered)
    ready = exchange.now + completion.total_s + waited_s
    return Expected(
        Guess(mark.length, mark.heads.get(mark.length, ""), written(said), written(done), ready), said, done
    )


def _grown(request: Request, expected: Expected, ways: tuple[str, str]) -> Request:
    """The next request, written as this client does."""
    body = grown(request.body, expected.replies[ways[0]], expected.results[ways[1]])
    return request.but(body=body, origin=b"")

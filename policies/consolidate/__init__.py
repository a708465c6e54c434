"""The guest that keeps a session's context small: one text in the place of old turns, made rarely, replayed for ever.

It must not know the road or any other policy. After MEM1 (arXiv 2506.15841), with what its peers in production taught:
a prefix is rewritten rarely and only where that pays, calls stay with their results, identifiers survive.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, Self

from policies.consolidate import trial
from policies.consolidate.accounts import agent_key, charged, figures, standing, told
from policies.consolidate.asides import NONE, Inserted, inserted
from policies.consolidate.case import Case, lifetime
from policies.consolidate.choice import Stand, marks, thinkable
from policies.consolidate.contract import CONTRACT, asking, holds
from policies.consolidate.errand import Task, errand, task
from policies.consolidate.event import Room, checkpoint, plan
from policies.consolidate.layout import item_of
from policies.consolidate.ledger import Branch, Ledger, mark, recall
from policies.consolidate.lesson import agent_of, fold
from policies.consolidate.lookup import may_offer, name_for, naming, recalls, tool
from policies.consolidate.maker import Maker, makes
from policies.consolidate.prepared import ahead, prepared, used
from policies.consolidate.refusal import as_well, refused, rest
from policies.consolidate.tagged import checkpoint as by_state
from policies.consolidate.tagged import noted
from policies.consolidate.tariff import Rates, Tariff, tariff
from policies.consolidate.trial import FULL, arm
from policies.consolidate.unwrap import Unwrap, wrote
from policies.consolidate.view import frame, grown, hidden, originals, readable, settled, talk, written
from policies.consolidate.wishes import TAGGED, Wishes
from proxy.exchange import Exchange, Request
from proxy.policy import Decision, OwnTool, Policy

LEAST_BYTES = 2
"""Bytes of a body for each token of the mark, below which nothing can be above it."""


class Seen(NamedTuple):
    """A request in the light of its session."""

    ledger: Ledger
    before: Branch
    """The branch it goes on with, and this request in it."""
    branch: Branch
    """The same, condensed where that was due."""
    asides: Mapping[int, Inserted] = NONE
    """What was said aside in this history, by place."""
    new: bool = True
    """The ledger had not seen it yet; in `learn` only where another exchange wrote in between."""

    @property
    def event(self) -> bool:
        """Whether something was condensed now."""
        return self.branch is not self.before

    def with_branch(self, branch: Branch) -> Self:
        """The same with another branch in the place of its own."""
        if branch is self.branch:
            return self
        return self._replace(ledger=self.ledger.then(self.branch, branch, self.ledger.at), branch=branch)


class Consolidate(Policy):
    """Condenses conversations that pass a mark; see `docs/consolidate.md`."""

    name = "consolidate"
    slow_s = 0.1  # an event reads what it condenses: some 50 ms at 50k tokens, once in many requests

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()

    def prepare(self, exchange: Exchange) -> Decision | None:
        """The request with the session's checkpoint in it, and a new checkpoint where one is due."""
        case = self._case(exchange.request, exchange)
        seen = self._see(exchange, case, opening=exchange.memory.get(self.name) is None) if case else None
        if case is None or seen is None:
            return None
        memory = seen.ledger.memory()
        left = self._left(exchange, case, seen)
        quiet = not seen.event and (not left or "left" in seen.ledger.purse)
        if case.mode == "shadow":
            return Decision(left or said(seen, "would condense"), memory=memory, quiet=quiet)
        asked = asking(case.request, talk(case.request).turns) if case.mode == TAGGED else None
        tool = self._tool(case, seen)
        body = written(case.request, seen.branch, asked or (), seen.asides if tool else NONE)
        changed = None if body == case.request.body else case.request.but(body=body)
        return Decision(left or said(seen, "condensed"), request=changed, tool=tool, memory=memory, quiet=quiet)

    def relay(self, exchange: Exchange) -> Decision | None:
        """Takes the model's own state out of the reply, where it was asked for."""
        if not self._wishes.tags or not holds(exchange.request):
            return None
        return Decision("the state is taken out", filter=Unwrap(exchange.request.form), quiet=True)

    def learn(self, exchange: Exchange) -> Decision | None:
        """Keeps the ledger, the bill, and the originals of what was condensed now."""
        case = self._case(exchange.asked or exchange.request, exchange)
        if case is None:
            return self._held_out(exchange)
        known = exchange.memory.get(self.name)
        seen = self._see(exchange, case)
        if refused(exchange) and not (seen and known is None and self._only_tool(exchange, case, seen)):
            return rest(exchange, known)
        if seen and seen.new and case.mode == "on" and not stands(exchange.request, seen.branch):
            seen = self._sent(exchange, case, seen)
        if seen is None:
            return None
        asks = self._task(exchange, case, seen)
        state = wrote(exchange) if case.mode == TAGGED else ""
        seen = seen.with_branch(noted(seen.branch, state))
        before, output = recall(known), self._wishes.count(state) if state else 0
        ledger = charged(seen.ledger, before, seen.branch, case, exchange, output)
        ledger = ledger.with_aside(inserted(exchange, talk(case.request).turns, self._wishes.count))
        keep = originals(case.request, seen.branch, exchange.id) if case.changes else {}
        counted = figures(ledger, before, seen.branch, case.mode) | recalls(exchange, self._wishes.count)
        if left := self._left(exchange, case, seen):
            ledger, counted = ledger._replace(purse={**ledger.purse, "left": left}), {**counted, "left_alone": 1.0}
        lesson = told(exchange, ledger, case.mode)
        if case.mode == TAGGED:
            counted |= {"states" if state else "states_missing": 1.0}
            counted |= trial.counts(trial.TAGGED, exchange.completion, first=ledger.purse["requests"] == 1)
        if asks:
            ledger = ledger._replace(maker=asks.ahead.json())
        return Decision(
            "remembered",
            errand=errand(asks) if asks else None,
            memory=ledger.memory(),
            keep=keep,
            tell=lesson,
            figures=counted,
            quiet=True,
        )

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """How long agents' sessions last, whether condensing them pays, and the trials of models' own states."""
        known = lesson if isinstance(lesson, dict) else {}
        every = list(chain.from_iterable(told))
        trials = [each for each in every if each[1] == "trial"]
        folded = fold(lesson, [each for each in every if each[1] != "trial"])
        return folded | {"trials": trial.fold(known.get("trials"), trials)}

    def account(self, lesson: Any) -> dict[str, Any]:
        """The trials, for people, by agent: sessions with the model's own state beside those with full history."""
        trials = trial.compared(lesson.get("trials") if isinstance(lesson, dict) else None)
        return {agent: {"trial": compared} for agent, compared in trials.items()}

    def _held_out(self, exchange: Exchange) -> Decision | None:
        """A session of the holdout share: nothing is done, and what it takes is counted for the comparison."""
        if not self._wishes.tags or self._arm(exchange.asked or exchange.request, exchange) != FULL:
            return None
        ledger = recall(exchange.memory.get(self.name))
        requests = int(ledger.purse.get("requests", 0)) + 1
        memory = ledger._replace(purse={"requests": requests}, at=exchange.now).memory()
        counted = trial.counts(FULL, exchange.completion, first=requests == 1)
        lesson = [trial.tells(agent_key(exchange), FULL, exchange.session.id, exchange.completion)]
        return Decision("full history", memory=memory, tell=lesson, figures=counted, quiet=True)

    def _arm(self, request: Request, exchange: Exchange) -> str:
        """The arm of a session in the trial; empty where its agent is in none."""
        if not readable(request, 1) or self._wishes.mode_of(request, exchange.session.agent) != TAGGED:
            return ""
        return arm(exchange.session.id, self._wishes.holdout)

    def _case(self, request: Request, exchange: Exchange) -> Case | None:
        """The request as it is to be looked at; None for whatever is off or cannot be read item by item."""
        wishes = self._wishes
        mode = wishes.mode_of(request, exchange.session.agent)
        if mode == "off" or not readable(request, 1 if mode == TAGGED or wishes.recall else 2):
            return None
        if mode == TAGGED and arm(exchange.session.id, wishes.holdout) == FULL:
            return None
        price = tariff(
            wishes.rates(request.model),
            request.form,
            request.model,
            marked=request.form != "messages" or b'"cache_control"' in request.body,
            retention=lifetime(request),
        )
        around, window = frame(request), wishes.window(request.model)
        both = marks(wishes.above, wishes.to, window, price, around)
        contract = wishes.count(CONTRACT) if mode == TAGGED else 0
        return Case(request, mode, price, around, both, window, self._maker(request, price), contract)

    def _maker(self, request: Request, price: Tariff) -> Maker | None:
        """The model that makes the state, if one does."""
        wishes = self._wishes
        if wishes.state != "model":
            return None

        def other(model: str) -> Tariff:
            return tariff(wishes.rates(model), request.form, model, marked=request.form != "messages")

        maker = makes(request, wishes.model, price, other)
        return maker._replace(window=wishes.window(maker.model))

    def _tool(self, case: Case, seen: Seen) -> OwnTool | None:
        """The tool that looks up originals, in a session that has it; not where it has to stay out of one request."""
        name, conversation = seen.ledger.tool, talk(case.request)
        if not name or name in conversation.tools or not may_offer(case.request):
            return None
        return tool(name, conversation.turns, hidden(conversation.turns, seen.branch), self._wishes.count)

    def _only_tool(self, exchange: Exchange, case: Case, seen: Seen) -> bool:
        """Whether the provider took a session's first request without the tool, and nothing else had been changed."""
        if not self._wishes.recall or case.mode != "on" or as_well(exchange):
            return False
        return written(case.request, seen.branch) == case.request.body

    def _sent(self, exchange: Exchange, case: Case, seen: Seen) -> Seen:
        """The request as it went to the provider, where the ledger that `prepare` saw is not the one that is there."""
        again = self._see(exchange, case, sure=True)
        return again if again and stands(exchange.request, again.branch) else seen.with_branch(seen.before)

    def _see(self, exchange: Exchange, case: Case, *, opening: bool = False, sure: bool = False) -> Seen | None:
        """The ledger with this request in it, the same when asked again; None where there is nothing to remember.

        An `opening` decides for all its session whether there is a tool to look up originals: one that came or went
        later would cost the provider's cache. With `sure` the state is made without a model, whether it is due or not.
        """
        ledger, conversation = recall(exchange.memory.get(self.name)), talk(case.request)
        turns = conversation.turns
        if opening and self._wishes.recall and case.mode == "on" and may_offer(case.request):
            ledger = ledger._replace(tool=name_for(conversation))
        asides = ledger.of(turns)
        before = ledger.branch(turns)
        unseen = before is None and case.mode == "shadow"
        if ledger.rests or (unseen and len(case.request.body) < LEAST_BYTES * case.marks.above):
            return None
        replaced = before if before and before.goes_on(turns) else None
        branch = grown(before or Branch(), case.request, self._wishes.count, asides)
        if before is not replaced:
            branch = branch._replace(fork=f".{mark(turns[-1])[:4]}")
        after = self._condensed(branch, case, exchange, ledger._replace(maker={}) if sure else ledger, sure=sure)
        if after is not branch and ledger.maker:
            ledger = ledger._replace(maker={})
        new = before is None or before.length < len(turns)
        return Seen(ledger.then(replaced, after, ledger.at), branch, after, asides, new)

    def _condensed(self, branch: Branch, case: Case, exchange: Exchange, ledger: Ledger, *, sure: bool) -> Branch:
        """The branch after an event, where one is due now."""
        if case.mode == TAGGED:
            made = by_state(branch, talk(case.request).turns, self._wishes.count, exchange.id)
            return settled(branch.condensed(made), case.request, self._wishes.count) if made else branch
        stand = self._stand(exchange, case, ledger)
        if not (sure or thinkable(branch, case.marks, stand)):
            return branch
        conversation, count, (above, to, _) = talk(case.request), self._wishes.count, case.marks
        room = Room(to, count, conversation.system)
        ready = prepared(ahead(ledger.maker), branch, conversation.turns, (above + to) / 2, count)
        event = ready[0] if ready else plan(branch, conversation.turns, room)
        sure = sure or (ready is not None and case.marks.given)  # what was paid for must not go stale
        if event is None or not (sure or case.due(branch, event, stand, asks=case.mode == "shadow")):
            return branch
        made = (
            used(ready[1], branch, event, exchange.id)
            if ready
            else checkpoint(branch, conversation.turns, event, room, exchange.id)
        )
        if made is None:
            return branch
        return settled(branch.condensed(naming(made, ledger.tool, count)), case.request, count)

    def _task(self, exchange: Exchange, case: Case, seen: Seen) -> Task | None:
        """The state that a model shall make now, so that it is there when the next event is due."""
        if case.maker is None or case.mode != "on" or ahead(seen.ledger.maker).busy(seen.branch, exchange.now):
            return None
        return task(exchange, case, seen.branch, self._stand(exchange, case, seen.ledger), self._wishes.count)

    def _left(self, exchange: Exchange, case: Case, seen: Seen) -> str:
        """Why a conversation beyond the policy's own mark is sent in full: this agent's sessions lost money by it."""
        if case.marks.given or case.mode == TAGGED or seen.branch.checkpoint or seen.branch.tokens <= case.marks.above:
            return ""
        return agent_of(exchange.shared.get(self.name), agent_key(exchange)).reason

    def _stand(self, exchange: Exchange, case: Case, ledger: Ledger) -> Stand:
        agent = agent_of(exchange.shared.get(self.name), agent_key(exchange))
        return standing(ledger, agent, case.tariff, exchange.now)


def stands(request: Request, branch: Branch) -> bool:
    """Whether the branch's checkpoint is the one in the request that was sent."""
    return branch.checkpoint is not None and item_of(branch.checkpoint.text) in request.body


def said(seen: Seen, verb: str) -> str:
    """The decision in words."""
    made = seen.branch.checkpoint
    if not seen.event or made is None:
        return "replayed" if made else "nothing to condense yet"
    return f"{verb} {made.start - len(made.kept)} messages: {seen.before.tokens:,} to {seen.branch.tokens:,} tokens"


__all__ = ["Consolidate", "Rates", "Wishes"]

"""The guest that keeps a session's context small: one text in the place of old turns, made rarely, replayed for ever.

It must not know the road or any other policy. After MEM1 (arXiv 2506.15841), with what its peers in production taught:
a prefix is rewritten rarely and only where that pays, calls stay with their results, identifiers survive.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from policies.consolidate.case import Case
from policies.consolidate.choice import Stand, marks, thinkable
from policies.consolidate.errand import Task, errand, task
from policies.consolidate.event import Room, checkpoint, plan
from policies.consolidate.layout import item_of
from policies.consolidate.ledger import Branch, Ledger, mark, recall
from policies.consolidate.lesson import Agent, Told, agent_of, fold, tells
from policies.consolidate.maker import Maker, makes
from policies.consolidate.prepared import ahead, prepared, used
from policies.consolidate.standing import Sent, bill, billed
from policies.consolidate.tariff import Rates, Tariff, tariff
from policies.consolidate.view import frame, grown, originals, settled, talk, written
from policies.consolidate.wishes import Wishes
from proxy.exchange import REFUSED, Exchange, Request
from proxy.policy import Decision, Policy

PATHS = {"/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "messages"}
LEAST_BYTES = 2
"""Bytes of a body for each token of the mark, below which nothing can be above it."""


class Seen(NamedTuple):
    """A request in the light of its session."""

    ledger: Ledger
    before: Branch
    """The branch it goes on with, and this request in it."""
    branch: Branch
    """The same, condensed where that was due."""

    @property
    def event(self) -> bool:
        """Whether something was condensed now."""
        return self.branch is not self.before


class Consolidate(Policy):
    """Condenses conversations that pass a mark; see `docs/consolidate.md`."""

    name = "consolidate"
    slow_s = 0.1  # an event reads what it condenses: some 50 ms at 50k tokens, once in many requests

    def __init__(self, wishes: Wishes | None = None) -> None:
        self._wishes = wishes or Wishes()

    def prepare(self, exchange: Exchange) -> Decision | None:
        """The request with the session's checkpoint in it, and a new checkpoint where one is due."""
        case = self._case(exchange.request, exchange)
        seen = self._see(exchange, case) if case else None
        if case is None or seen is None:
            return None
        memory = seen.ledger.memory()
        if case.mode == "shadow":
            return Decision(said(seen, "would condense"), memory=memory, quiet=not seen.event)
        body = written(case.request, seen.branch)
        changed = None if body == case.request.body else case.request.but(body=body)
        return Decision(said(seen, "condensed"), request=changed, memory=memory, quiet=not seen.event)

    def learn(self, exchange: Exchange) -> Decision | None:
        """Keeps the ledger, the bill, and the originals of what was condensed now."""
        case = self._case(exchange.asked or exchange.request, exchange)
        if case is None:
            return None
        if any(note.kind == REFUSED for note in exchange.notes):
            ledger = recall(exchange.memory.get(self.name))._replace(rests=True, at=exchange.now)
            return Decision("rests in this session: the provider refused what it sent", memory=ledger.memory())
        seen = self._see(exchange, case)
        if seen and seen.event and case.mode == "on" and not stands(exchange.request, seen.branch):
            seen = self._see(exchange, case, ready=False)  # the model's state came after the request had gone
        if seen is None:
            return None
        asks = self._task(exchange, case, seen)
        ledger = charged(seen.ledger, recall(exchange.memory.get(self.name)), seen.branch, case, exchange)
        keep = originals(case.request, seen.branch, exchange.id) if case.mode == "on" else {}
        counted = figures(ledger, recall(exchange.memory.get(self.name)), seen.branch, case.mode)
        lesson = told(exchange, ledger)
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
        """How long agents' sessions last, and whether condensing them pays."""
        return fold(lesson, chain.from_iterable(told))

    def _case(self, request: Request, exchange: Exchange) -> Case | None:
        """The request as it is to be looked at; None for whatever is off or cannot be read item by item."""
        if not readable(request):
            return None
        wishes = self._wishes
        mode = wishes.mode_of(request, exchange.session.agent)
        if mode == "off":
            return None
        price = tariff(
            wishes.rates(request.model),
            request.form,
            request.model,
            marked=request.form != "messages" or b'"cache_control"' in request.body,
        )
        around, window = frame(request), wishes.window(request.model)
        both = marks(wishes.above, wishes.to, window, price, around)
        return Case(request, mode, price, around, both, window, self._maker(request, price))

    def _maker(self, request: Request, price: Tariff) -> Maker | None:
        """The model that makes the state, if one does."""
        wishes = self._wishes
        if wishes.state != "model":
            return None

        def other(model: str) -> Tariff:
            return tariff(wishes.rates(model), request.form, model, marked=request.form != "messages")

        maker = makes(request, wishes.model, price, other)
        return maker._replace(window=wishes.window(maker.model))

    def _see(self, exchange: Exchange, case: Case, *, ready: bool = True) -> Seen | None:
        """The ledger with this request in it, the same when asked again; None where there is nothing to remember.
        Without `ready` a state that a model has made ahead is left alone."""
        ledger, turns = recall(exchange.memory.get(self.name)), talk(case.request).turns
        before = ledger.branch(turns)
        unseen = before is None and case.mode == "shadow"
        if ledger.rests or (unseen and len(case.request.body) < LEAST_BYTES * case.marks.above):
            return None
        replaced = before if before and before.goes_on(turns) else None
        branch = grown(before or Branch(), case.request, self._wishes.count)
        if before is not replaced:
            branch = branch._replace(fork=f".{mark(turns[-1])[:4]}")
        after = self._condensed(branch, case, exchange, ledger if ready else ledger._replace(maker={}))
        if after is not branch and ledger.maker:
            ledger = ledger._replace(maker={})
        return Seen(ledger.then(replaced, after, ledger.at), branch, after)

    def _condensed(self, branch: Branch, case: Case, exchange: Exchange, ledger: Ledger) -> Branch:
        """The branch after an event, where one is due now."""
        stand = self._stand(exchange, case, ledger)
        if not thinkable(branch, case.marks, stand):
            return branch
        conversation, count, (above, to, _) = talk(case.request), self._wishes.count, case.marks
        room = Room(to, count, conversation.system)
        ready = prepared(ahead(ledger.maker), branch, conversation.turns, (above + to) / 2, count)
        event = ready[0] if ready else plan(branch, conversation.turns, room)
        if event is None or not case.due(branch, event, stand, asks=case.mode == "shadow"):
            return branch
        made = (
            used(ready[1], branch, event, exchange.id)
            if ready
            else checkpoint(branch, conversation.turns, event, room, exchange.id)
        )
        return settled(branch.condensed(made), case.request, count) if made else branch

    def _task(self, exchange: Exchange, case: Case, seen: Seen) -> Task | None:
        """The state that a model shall make now, so that it is there when the next event is due."""
        if case.maker is None or case.mode != "on" or ahead(seen.ledger.maker).busy(seen.branch, exchange.now):
            return None
        return task(exchange, case, seen.branch, self._stand(exchange, case, seen.ledger), self._wishes.count)

    def _stand(self, exchange: Exchange, case: Case, ledger: Ledger) -> Stand:
        agent = agent_of(exchange.shared.get(self.name), agent_key(exchange))
        return standing(ledger, agent, case.tariff, exchange.now)


def stands(request: Request, branch: Branch) -> bool:
    """Whether the branch's checkpoint is the one in the request that was sent."""
    return branch.checkpoint is not None and item_of(branch.checkpoint.text) in request.body


def readable(request: Request) -> bool:
    """Whether the request's items can be told apart and are the whole of its history."""
    conversation = request.conversation
    if PATHS.get(request.path) != request.form or conversation is None or request.header(b"content-encoding"):
        return False
    if any(conversation.fields.get(name) for name in ("previous_response_id", "conversation")):
        return False
    return len(conversation.turns) > 1 and conversation.turns[-1].span[1] > 0


def agent_key(exchange: Exchange) -> str:
    """An agent of one caller: nobody learns from another's sessions."""
    return f"{exchange.request.caller}:{exchange.session.agent}"


def standing(ledger: Ledger, agent: Agent, tariff: Tariff, now: float) -> Stand:
    """Where the session stands with its money before this request."""
    known, requests = bill(ledger.purse.get("bill")), int(ledger.purse.get("requests", 0))
    cold = bool(ledger.at) and now - ledger.at > tariff.ttl_s
    return Stand(known.plain, known.ahead, agent.remaining(requests + 1), requests + 1, cold, agent.rest > 0)


def charged(after: Ledger, before: Ledger, branch: Branch, case: Case, exchange: Exchange) -> Ledger:
    """The ledger with this request on its bill."""
    known, requests = bill(before.purse.get("bill")), int(before.purse.get("requests", 0)) + 1
    point, sent = branch.checkpoint, int(before.purse.get("sent", 0))
    event = point is not None and point.made == exchange.id
    kept = case.frame + (point.kept_tokens if point and event else sent)
    usage = exchange.completion.usage if exchange.completion else None
    one = Sent(
        case.frame + branch.whole,
        case.frame + branch.tokens,
        kept,
        usage.completion if usage else 0,
        bool(before.at) and exchange.now - before.at > case.tariff.ttl_s,
        case.estimate(sent, point) if event and point else 0.0,
    )
    purse = {
        "bill": billed(known, case.tariff, one).json(),
        "requests": requests,
        "sent": branch.tokens,
        "events": int(before.purse.get("events", 0)) + event,
        "priced": case.tariff.known,
    }
    return after._replace(purse=purse, at=exchange.now)


def figures(after: Ledger, before: Ledger, branch: Branch, mode: str) -> dict[str, float]:
    """What this request adds to the policy's sums: US dollars where prices are known, tokens not sent, events.

    In shadow mode they are called `would_…`.
    """
    now, then = bill(after.purse.get("bill")), bill(before.purse.get("bill"))
    sums: dict[str, float] = {
        "events": after.purse["events"] - int(before.purse.get("events", 0)),
        "saved_tokens": max(0, branch.whole - branch.tokens),
    }
    if after.purse["priced"]:
        sums |= {
            "saved_usd": now.saved - then.saved,
            "extra_usd": now.extra - then.extra,
            "maker_usd": now.maker - then.maker,
        }
    prefix = "would_" if mode == "shadow" else ""
    return {f"{prefix}{name}": number for name, number in sums.items() if number > 0}


def told(exchange: Exchange, ledger: Ledger) -> list[Told] | None:
    """What this exchange teaches about its agent; most teach nothing."""
    key, purse = agent_key(exchange), ledger.purse
    lasting = tells(key, purse["requests"])
    if lasting is None:
        return None
    net: Told = [key, "net", exchange.session.id, bill(purse["bill"]).ahead]
    return [lasting, net] if purse["events"] else [lasting]


def said(seen: Seen, verb: str) -> str:
    """The decision in words."""
    made = seen.branch.checkpoint
    if not seen.event or made is None:
        return "replayed" if made else "nothing to condense yet"
    return f"{verb} {made.start - len(made.kept)} messages: {seen.before.tokens:,} to {seen.branch.tokens:,} tokens"


__all__ = ["Consolidate", "Rates", "Wishes"]

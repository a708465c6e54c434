"""The errand that has a model write the next checkpoint, off the client's time.

It must not know the bytes of a request, nor whether its state is used in the end.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from policies.consolidate.case import Case
from policies.consolidate.choice import Stand, thinkable
from policies.consolidate.event import FLOOR, Plan, Room, checkpoint, plan, words
from policies.consolidate.ledger import Branch, Checkpoint, recall
from policies.consolidate.maker import Maker
from policies.consolidate.prepared import SOFT, Ahead, ahead, base_of
from policies.consolidate.question import apart, behind, transcript
from policies.consolidate.standing import bill, made_by_model
from policies.consolidate.tariff import Tariff
from policies.consolidate.verdict import judged
from policies.consolidate.view import talk
from proxy.conversation import Conversation
from proxy.exchange import Completion, Exchange, Request
from proxy.policy import Call, Decision, Failure, Then, Work, ask
from proxy.policy import Plan as Steps

PURPOSE = "consolidate"
PATIENCE_S = 100.0
STATE_SHARE = 0.6
"""Of the low-water mark: what the state may take, with the literals that are added to it."""
ASKED_SHARE, BOUND_SHARE = 0.6, 0.85
"""Of that: what the model is asked for, and where its answer is cut off. The rest is for literals it leaves out."""


class Task(NamedTuple):
    """A checkpoint to be made ahead."""

    exchange: Exchange
    """With the request as it was sent, and its reply."""
    conversation: Conversation
    """Of the client's own request."""
    branch: Branch
    event: Plan
    room: Room
    maker: Maker

    @property
    def ahead(self) -> Ahead:
        """What is remembered while it is under way."""
        return Ahead(base_of(self.branch), self.exchange.id, self.exchange.now)

    @property
    def visible(self) -> str:
        """What stays in the request as it is."""
        turns, parting = self.conversation.turns, self.event.parting
        stays = (*parting.kept, *range(parting.start, len(turns)))
        return "\n".join((self.room.system, *(words(turns[place]) for place in stays)))


def task(exchange: Exchange, case: Case, branch: Branch, stand: Stand, count: Callable[[str], int]) -> Task | None:
    """The state that shall be made now, after this exchange; None where it is too early, or would not pay."""
    maker, reply = case.maker, exchange.completion
    if maker is None or reply is None or not reply.answered:
        return None
    if not thinkable(branch, case.marks._replace(above=round(SOFT * case.marks.above)), stand):
        return None
    conversation = talk(case.request)
    room = Room(case.marks.to, count, conversation.system, tail=0.0)
    planned = plan(branch, conversation.turns, room)
    if planned is None:
        return None
    event = planned._replace(budget=max(round(STATE_SHARE * room.to), FLOOR))
    fits = maker.holds(case.frame + branch.tokens, branch.tokens - event.kept - event.tail, event.budget)
    if not fits or not case.due(branch, event, stand, asks=True):
        return None
    return Task(exchange, conversation, branch, event, room, maker)


def errand(task: Task) -> Steps:
    """Makes the extract, asks the model, judges what it wrote. The client waits for none of it."""
    plain = yield from ask(Work(_extract, (task,)))
    if not isinstance(plain, Checkpoint):
        return landing(task, None, "there is nothing to say", 0.0)
    request = yield from ask(Work(_question, (task,)))
    if isinstance(request, Failure):
        return landing(task, None, f"it cannot be asked: {request.reason}", 0.0)
    answer = yield from ask(Call(request, PURPOSE, PATIENCE_S))
    made = yield from ask(Work(_judged, (task, plain, answer)))
    text, why = ("", made.reason) if isinstance(made, Failure) else made
    point = plain._replace(text=text, text_tokens=task.room.count(text)) if text else None
    return landing(task, point, why, spent(answer, task.maker.tariff))


def landing(task: Task, point: Checkpoint | None, why: str, dollars: float) -> Then:
    """Puts what came of it into the memory as it stands by then; the money in any case."""
    done = task.ahead._replace(done=True, checkpoint=point, why=why)

    def then(memory: Any) -> Decision | None:
        if memory is None:
            return None
        ledger = recall(memory)
        purse = {**ledger.purse, "bill": made_by_model(bill(ledger.purse.get("bill")), dollars).json()}
        if ahead(ledger.maker).by == done.by:
            ledger = ledger._replace(maker=done.json())
        figures = {"states" if point else "states_refused": 1.0}
        if ledger.purse.get("priced"):
            figures["maker_usd"] = dollars
        return Decision(why or "state ready", memory=ledger._replace(purse=purse).memory(), figures=figures, quiet=True)

    return then


def spent(answer: Completion | Failure, tariff: Tariff) -> float:
    """US dollars of the call: as charged where the price is known, else by the tariff; 0 where nothing was counted."""
    completion = answer.completion if isinstance(answer, Failure) else answer
    if completion is None:
        return 0.0
    if completion.cost is not None:
        return completion.cost
    usage = completion.usage
    return tariff.price(usage.prompt, usage.cached, usage.completion) if usage else 0.0


def _extract(task: Task) -> Checkpoint | None:
    return checkpoint(task.branch, task.conversation.turns, task.event, task.room, task.exchange.id)


def _question(task: Task) -> Request:
    tokens = round(task.event.budget * ASKED_SHARE)
    bound = round(task.event.budget * BOUND_SHARE)
    completion = task.exchange.completion
    if task.maker.own and completion is not None:
        return behind(task.exchange.request, completion, tokens, bound)
    before, turns = task.branch.checkpoint, task.conversation.turns
    gone = ((place, turns[place]) for place in task.event.parting.gone)
    return apart(
        task.exchange.request, task.maker.model, transcript(before.text if before else "", gone), tokens, bound
    )


def _judged(task: Task, plain: Checkpoint, answer: Completion | Failure) -> tuple[str, str]:
    ruling = judged(answer, (plain.text, plain.known), task.visible, budget=task.event.budget, count=task.room.count)
    return ruling.text, ruling.why

"""The guest that answers to `divide/MODEL`, and divides other long inputs where the user says from which length on.

It must not know the road. What a division did is in the notes; from there `relay` takes the bill and `learn` the
checks.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from policies.divide.passage import Passage, longest
from policies.divide.plan import Division, Limits
from policies.divide.sizing import Point, sized
from policies.inner.bodies import COUNTED, body_of, readable
from policies.inner.reports import filed
from policies.inner.spent import Spent, words_of
from policies.inner.telling import billed, told
from proxy.conversation import EMPTY
from proxy.exchange import Exchange
from proxy.policy import Decision, Failure, Plan, Policy, Refusal, Then, Work, ask

NAME = "divide"
LEAST_CHARS = 2_000
"""A text of fewer goes whole, however small the parts are to be."""
SAMPLE = 4_000
"""Characters of a text by whose tokens those of the whole are reckoned."""
Report = Mapping[str, Any]


def _no_curve(_shared: Mapping[str, Any], _agent: str, _model: str) -> Sequence[Point]:
    return ()


def _characters(text: str) -> int:
    return len(text) // 4


def _unknown(_exchange: Exchange) -> int:
    return 0


class Wishes(NamedTuple):
    """What a user wants of dividing, and what the policy is lent."""

    over: int = 0
    """Tokens of a text from which on any request for a single model is divided; 0: only `divide/MODEL`."""
    size: int = 0
    """Tokens of a part; 0: chosen."""
    planner: str = ""
    """Model that writes the instructions; empty: the one that answers. `-`: nobody does."""
    limits: Limits = Limits()
    count: Callable[[str], int] = _characters
    virtual: tuple[str, ...] = ()
    """Names of models that are no single ones: the part before a `:` or `/`."""
    window: Callable[[Exchange], int] = _unknown
    """Tokens that the model of the request can take, prompt and reply together; 0: not known."""
    curve: Callable[[Mapping[str, Any], str, str], Sequence[Point]] = _no_curve
    """How an agent's model did on inputs of different lengths, from the shared lessons."""
    examined: Callable[[Sequence[str], str], Report] | None = None
    """Looks at what a manager made of its workers' notes."""


class Divide(Policy):
    """Long inputs in parts; see `docs/policies/divide.md`."""

    name = NAME
    prefixes = (NAME,)
    slow_s = 0.05
    """A body of some megabytes is read and written once: that is no fault."""

    def __init__(self, wishes: Wishes | None = None) -> None:
        self.wishes = wishes or Wishes()

    def prepare(self, exchange: Exchange) -> Decision | None:
        """Names the single model: it is asked if nothing is divided."""
        model = own(exchange.request.model)
        if not model or self._wrong(model) or exchange.request.header(b"content-encoding") or not exchange.request.body:
            return None
        return Decision(f"{model} stands by", model=model, quiet=True)

    def answer(self, exchange: Exchange) -> Decision | None:
        """A plan for a long input; for a short one, nothing: it goes to the model whole."""
        asked = (exchange.asked or exchange.request).model
        explicit = is_named(asked)
        if refused := self._refused(exchange, asked) if explicit else None:
            return refused
        if not (explicit or self.wishes.over) or not readable(exchange.request):
            return None
        if self._virtual(exchange.request.model):
            return None
        passage = longest(body_of(exchange.request), exchange.request.form)
        if passage is None or len(passage.text) < LEAST_CHARS:
            return Decision("whole: nothing in it is long") if explicit else None
        return self._divided(exchange, passage, explicit=explicit)

    def _divided(self, exchange: Exchange, passage: Passage, *, explicit: bool) -> Decision | None:
        wishes, request = self.wishes, exchange.request
        head = passage.text[:SAMPLE]
        rate = max(0.05, wishes.count(head) / len(head))
        tokens = int(len(passage.text) * rate)
        if not explicit and tokens <= wishes.over:
            return None
        curve = wishes.curve(exchange.shared, exchange.session.agent, request.model)
        sizing = sized(tokens, curve, wishes.size, wishes.limits.parts, wishes.window(exchange))
        if not sizing.size:
            return Decision(f"whole: {sizing.reason}")
        planner = "" if wishes.planner == "-" else wishes.planner or request.model
        division = Division(
            request, request.model, planner, passage, sizing, max(1, int(sizing.size / rate)), wishes.limits
        )
        return Decision(f"about {tokens} tokens in parts of {sizing.size}", answer=division.plan())

    def relay(self, exchange: Exchange) -> Decision | None:
        """Puts all calls on the bill that the client is shown."""
        return billed(exchange, self.name)

    def learn(self, exchange: Exchange) -> Decision | None:
        """What was divided, in numbers; and beside the client, what the manager made of the notes."""
        facts, notes = told(exchange, self.name)
        completion = exchange.completion
        if not facts or completion is None:
            return None
        spent = Spent(*facts["bill"])
        figures = {
            "divided": float(facts["parts"] > 0),
            "parts": float(facts["parts"]),
            "parts_not_read": float(facts["failed"]),
            "calls": float(spent.calls),
            "tokens": float(spent.tokens),
        }
        figures = {name: figure for name, figure in figures.items() if figure}
        made = words_of(completion.turns)
        look = self.wishes.examined
        errand = looked(look, notes, made, exchange.id) if look and len(notes) > 1 and made else None
        return Decision("divided", figures=figures, errand=errand, quiet=True)

    def _refused(self, exchange: Exchange, asked: str) -> Decision | None:
        """What is wrong with a request under this policy's name."""
        if wrong := self._wrong(own(asked)):
            message = f"the model {asked!r}: {wrong}. Write it as {NAME}/MODEL, with the name of a single model"
            return Decision("refused: no model to divide for", answer=Refusal(message, "invalid_divide"))
        if readable(exchange.request) or exchange.request.path in COUNTED:
            return None
        message = f"{asked!r} answers chat completions, responses and messages that hold a conversation"
        return Decision("refused: not a conversation", answer=Refusal(message, "unsupported_by_divide"))

    def _wrong(self, model: str) -> str:
        if not model:
            return "no model is named"
        return f"{model} is itself no single model" if self._virtual(model) else ""

    def _virtual(self, model: str) -> bool:
        return model.replace("/", ":").partition(":")[0] in (NAME, *self.wishes.virtual)


def is_named(model: str) -> bool:
    """Whether the name is this policy's."""
    return model.partition("/")[0] == NAME


def own(model: str) -> str:
    """The single model in `divide/MODEL`; empty where it is another name, or none is there."""
    return model.partition("/")[2].strip() if is_named(model) else ""


def looked(look: Callable[[Sequence[str], str], Report], notes: Sequence[str], made: str, exchange: str) -> Plan:
    """Looks at what the manager made of the notes; the report goes into the session's memory."""
    found = yield from ask(Work(look, (list(notes), made)))
    return None if isinstance(found, Failure) or not found else remembered({"exchange": exchange, **found})


def remembered(found: Report) -> Then:
    """What a look comes to."""
    return partial(_with, found)


def _with(found: Report, memory: Any) -> Decision:
    figures = {f"lost_by_{found['attribution']}": 1.0} if found.get("attribution") else EMPTY
    return Decision("looked at", memory=filed(memory, found), figures=figures, quiet=True)
